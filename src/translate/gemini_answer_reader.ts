import { listAt, textAt, valueAt } from "../core/json.ts";
import type { ChatAnswer, ChatChoice, ChatEvent, Citation, Finish, TokenLogprob } from "./chat_answer.ts";
import type { AssistantPart } from "./chat_request.ts";
import type { TokenUsage } from "../core/usage.ts";
import { readGeminiCitations } from "./gemini_grounding.ts";
import { GeminiStreamReader } from "./gemini_stream_reader.ts";
import { AnswerUnreadableError } from "./sides.ts";

/**
 * A whole `GenerateContentResponse`: a stream of one event. Source: https://ai.google.dev/api/generate-content
 * @throws {AnswerUnreadableError}
 */
export function readGeminiAnswer(body: unknown): ChatAnswer {
  const reader = new GeminiStreamReader();
  const events: ChatEvent[] = [];
  // Only an answer without an id is hashed for its calls' ids.
  const text = textAt(body, "responseId") === "" ? JSON.stringify(body) ?? "" : "";
  reader.readResponse(body, text, events);
  const failure = events.find((event) => event.kind === "error");
  if (failure !== undefined) throw new AnswerUnreadableError(failure.message);
  const closing = reader.close();
  if (closing.length === 0 && listAt(body, "candidates").length === 0) {
    throw new AnswerUnreadableError("it has no candidates");
  }
  return fold([...events, ...closing], body);
}

/** The totals that `:countTokens` tells. @throws {AnswerUnreadableError} */
export function readGeminiCount(body: unknown): number {
  const total = valueAt(body, "totalTokens");
  if (typeof total === "number" && Number.isSafeInteger(total) && total >= 0) return total;
  throw new AnswerUnreadableError("it has no totalTokens");
}

interface Lane {
  readonly parts: AssistantPart[];
  readonly citations: Citation[];
  readonly logprobs: TokenLogprob[];
  finish: Finish;
}

function fold(events: readonly ChatEvent[], body: unknown): ChatAnswer {
  const lanes = new Map<number, Lane>();
  let usage: TokenUsage | undefined;
  for (const event of events) {
    if (event.kind === "usage") usage = event.usage;
    if (!("choice" in event)) continue;
    let lane = lanes.get(event.choice);
    // A candidate that tells no end has none.
    if (lane === undefined) lane = { parts: [], citations: [], logprobs: [], finish: { reason: "failed" } };
    lanes.set(event.choice, lane);
    take(lane, event);
  }
  const candidates = listAt(body, "candidates");
  for (const [at, candidate] of candidates.entries()) {
    const lane = lanes.get(indexOf(candidate, at));
    if (lane === undefined) continue;
    const texts = listAt(candidate, "content", "parts").map((part) =>
      valueAt(part, "thought") === true ? "" : textAt(part, "text")
    );
    lane.citations.splice(0, Infinity, ...readGeminiCitations(candidate, texts));
  }
  const choices = [...lanes].sort(([a], [b]) => a - b).map(([index, lane]): ChatChoice => ({
    index,
    parts: lane.parts,
    finish: lane.finish,
    ...(lane.citations.length === 0 ? {} : { citations: lane.citations }),
    ...(lane.logprobs.length === 0 ? {} : { logprobs: lane.logprobs }),
  }));
  const createdMs = Date.parse(textAt(body, "createTime"));
  return {
    id: textAt(body, "responseId"),
    model: textAt(body, "modelVersion"),
    ...(Number.isNaN(createdMs) ? {} : { createdSeconds: Math.floor(createdMs / 1000) }),
    choices: choices.length > 0 ? choices : [{ index: 0, parts: [], finish: { reason: "failed" } }],
    ...(usage === undefined ? {} : { usage }),
  };
}

function indexOf(candidate: unknown, at: number): number {
  const index = valueAt(candidate, "index");
  return typeof index === "number" ? index : at;
}

function take(lane: Lane, event: Extract<ChatEvent, { choice: number }>): void {
  const { parts } = lane;
  const last = parts.at(-1);
  switch (event.kind) {
    case "text":
    case "thinking":
      // A part that is signed is replayed as it came: nothing is joined to it.
      if (last?.kind === event.kind && last.signature === undefined) {
        parts[parts.length - 1] = { ...last, text: last.text + event.text };
      } else parts.push({ kind: event.kind, text: event.text });
      break;
    case "signature":
      if ((last?.kind === "text" || last?.kind === "thinking") && last.kind === event.of) {
        parts[parts.length - 1] = { ...last, signature: event.signature };
      } else parts.push({ kind: event.of, text: "", signature: event.signature });
      break;
    case "tool_call": {
      const { id, name, signature } = event;
      parts.push({
        kind: "tool_call",
        id,
        name,
        arguments: "{}",
        ...(signature === undefined ? {} : { signature }),
      });
      break;
    }
    case "tool_arguments":
      if (last?.kind === "tool_call") parts[parts.length - 1] = { ...last, arguments: event.text };
      break;
    case "image": {
      const { mediaType, base64 } = event;
      parts.push({ kind: "image", source: { kind: "base64", mediaType, base64 } });
      break;
    }
    case "logprobs":
      lane.logprobs.push(...event.logprobs);
      break;
    case "finish":
      lane.finish = event.finish;
  }
}
