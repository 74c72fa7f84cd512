import { parseJson } from "../core/json.ts";
import { writeAnthropicCitation } from "./anthropic_citation.ts";
import { writeAnthropicFinish } from "./anthropic_finish.ts";
import { writeHidden } from "./anthropic_hidden.ts";
import { writeAnthropicUsage } from "./anthropic_usage.ts";
import type { ChatAnswer, Citation } from "./chat_answer.ts";
import type { AssistantPart, Signature } from "./chat_request.ts";
import { type AnswerTold, AnswerUnreadableError } from "./sides.ts";
import { tagged, UNSIGNED } from "./signature.ts";

type Block = Record<string, unknown>;

/**
 * A message object. Thoughts of every issuer are thinking blocks, whose signature names a foreign issuer.
 * Source: https://platform.claude.com/docs/en/api/messages
 * @throws {AnswerUnreadableError} when the answer failed with nothing to show
 */
export function writeAnthropicAnswer(answer: ChatAnswer, told: AnswerTold): Record<string, unknown> {
  const choice = answer.choices[0];
  if (choice === undefined) throw new AnswerUnreadableError("it has no choice");
  const { parts, finish, citations } = choice;
  if (finish.reason === "failed" && parts.length === 0) {
    throw new AnswerUnreadableError(`it ended with ${finish.native ?? "no reason"} and nothing before it`);
  }
  return {
    ...messageHead(answer.id, told),
    content: writeParts(parts, citations ?? []),
    ...writeAnthropicFinish(finish, parts.some(({ kind }) => kind === "tool_call")),
    usage: writeAnthropicUsage(answer.usage),
  };
}

/** What a message begins with, whole or streamed. */
export function messageHead(id: string, told: AnswerTold): Block {
  return {
    id: id === "" ? `msg_${told.requestId}` : id,
    type: "message",
    role: "assistant",
    model: told.model,
  };
}

function writeParts(parts: readonly AssistantPart[], citations: readonly Citation[]): readonly Block[] {
  const blocks: Block[] = [];
  let lastText: Block | undefined;
  for (const part of parts) {
    switch (part.kind) {
      case "text":
      case "refusal":
        if (part.text !== "") blocks.push(lastText = { type: "text", text: part.text });
        if (part.kind === "text" && part.signature !== undefined) {
          blocks.push(hiddenBlock("text", part.signature));
        }
        break;
      case "thinking":
        blocks.push({
          type: "thinking",
          thinking: part.text,
          signature: part.signature === undefined ? UNSIGNED : tagged(part.signature, "anthropic"),
        });
        break;
      case "redacted_thinking":
        blocks.push(hiddenBlock("thought", { issuer: part.issuer, value: part.data }));
        break;
      case "tool_call":
        if (part.signature !== undefined) blocks.push(hiddenBlock("call", part.signature));
        blocks.push({
          type: "tool_use",
          id: part.id,
          name: part.name,
          input: parseJson(part.arguments) ?? {},
        });
        break;
      case "image":
        if (part.source.kind === "base64") blocks.push(imageBlock(part.source.mediaType, part.source.base64));
        else if (part.source.kind === "url") blocks.push({ type: "text", text: part.source.url });
    }
  }
  // Citations have no place of their own; the last text is what they stand behind most often.
  if (lastText !== undefined && citations.length > 0) {
    lastText["citations"] = citations.map(writeAnthropicCitation);
  }
  return blocks;
}

/** A `redacted_thinking` block, of Anthropic's own or for what Anthropic has no place. */
export function hiddenBlock(of: "thought" | "call" | "text", signature: Signature): Block {
  return { type: "redacted_thinking", data: writeHidden(of, signature) };
}

/** Anthropic's models draw no images, so answers have no block for them; this is the one of its requests. */
export function imageBlock(mediaType: string, base64: string): Block {
  return { type: "image", source: { type: "base64", media_type: mediaType, data: base64 } };
}
