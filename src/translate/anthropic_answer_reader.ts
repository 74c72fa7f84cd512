import { isRecord, listAt, textAt, valueAt } from "../core/json.ts";
import { readAnthropicCitation } from "./anthropic_citation.ts";
import { readAnthropicFinish } from "./anthropic_finish.ts";
import { readAnthropicUsage } from "../core/anthropic_usage.ts";
import type { ChatAnswer, Citation } from "./chat_answer.ts";
import type { AssistantPart } from "./chat_request.ts";
import { AnswerUnreadableError } from "./sides.ts";

/**
 * Reads a message object. Blocks of Anthropic's own tools, and kinds of blocks that came later, say nothing here.
 * Source: https://platform.claude.com/docs/en/api/messages
 */
export function readAnthropicAnswer(body: unknown): ChatAnswer {
  const content = valueAt(body, "content");
  if (textAt(body, "type") !== "message" || !Array.isArray(content)) {
    throw new AnswerUnreadableError("it is not a message");
  }
  const usage = readAnthropicUsage(valueAt(body, "usage"));
  const citations: Citation[] = [];
  const parts = content.flatMap((block: unknown) => {
    for (const citation of listAt(block, "citations")) {
      const read = readAnthropicCitation(citation);
      if (read !== undefined) citations.push(read);
    }
    return readBlock(block);
  });
  return {
    id: textAt(body, "id"),
    model: textAt(body, "model"),
    choices: [{
      index: 0,
      parts,
      finish: readAnthropicFinish(body),
      ...(citations.length === 0 ? {} : { citations }),
    }],
    ...(usage === undefined ? {} : { usage }),
  };
}

function readBlock(block: unknown): readonly AssistantPart[] {
  const type = textAt(block, "type");
  switch (type) {
    case "text": {
      const text = stringOf(block, "text", type);
      return text === "" ? [] : [{ kind: "text", text }];
    }
    case "thinking": {
      const value = textAt(block, "signature");
      const text = stringOf(block, "thinking", type);
      return [{
        kind: "thinking",
        text,
        ...(value === "" ? {} : { signature: { issuer: "anthropic", value } }),
      }];
    }
    case "redacted_thinking":
      return [{ kind: "redacted_thinking", issuer: "anthropic", data: stringOf(block, "data", type) }];
    case "tool_use": {
      const input = valueAt(block, "input") ?? {};
      const id = stringOf(block, "id", type);
      const name = stringOf(block, "name", type);
      if (id === "" || name === "" || !isRecord(input)) throw unreadable(type);
      return [{ kind: "tool_call", id, name, arguments: JSON.stringify(input) }];
    }
    case "":
      throw new AnswerUnreadableError("a block has no type");
    default:
      return [];
  }
}

function stringOf(block: unknown, member: string, type: string): string {
  const value = valueAt(block, member);
  if (typeof value !== "string") throw unreadable(type);
  return value;
}

function unreadable(type: string): AnswerUnreadableError {
  return new AnswerUnreadableError(`a ${type} block is not as expected`);
}
