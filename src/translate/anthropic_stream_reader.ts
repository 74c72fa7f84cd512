import { isRecord, parseJson, textAt, valueAt } from "../core/json.ts";
import type { SseEvent } from "../core/sse.ts";
import type { TokenUsage } from "../core/usage.ts";
import { readAnthropicCitation } from "./anthropic_citation.ts";
import { readAnthropicFinish } from "./anthropic_finish.ts";
import { readAnthropicUsage } from "../core/anthropic_usage.ts";
import type { ChatEvent, Finish } from "./chat_answer.ts";
import type { StreamReader } from "./sides.ts";

/** `ignored`: blocks of Anthropic's own tools, and of kinds that came later; their deltas are none of ours. */
type Block = "text" | "thinking" | "ignored" | { readonly call: number };

const NOTHING: readonly ChatEvent[] = [];

/**
 * Reads Anthropic's events: `message_start`, blocks with their deltas, `message_delta`, `message_stop`. Events of
 * unknown types are passed over, as its versioning policy asks; what is known and out of order is an error.
 * Source: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export class AnthropicStreamReader implements StreamReader {
  /** Open blocks by their index. */
  readonly #blocks = new Map<unknown, Block>();
  #calls = 0;
  #startUsage: unknown;
  #finish: Finish | undefined;
  #isStarted = false;
  #isOver = false;

  read(event: SseEvent): readonly ChatEvent[] {
    if (this.#isOver) return NOTHING;
    const json = parseJson(event.data);
    const type = valueAt(json, "type");
    if (typeof type !== "string") return this.#fail("an event has no type");
    switch (type) {
      case "content_block_delta":
        return this.#delta(json);
      case "content_block_start":
        return this.#open(json);
      case "content_block_stop":
        return this.#close(json);
      case "message_start":
        return this.#start(json);
      case "message_delta":
        return this.#takeDelta(json);
      case "message_stop":
        return this.#stop();
      case "ping":
        return [{ kind: "ping" }];
      case "error":
        return this.#error(json);
      default:
        return NOTHING;
    }
  }

  close(): readonly ChatEvent[] {
    return NOTHING;
  }

  #start(json: unknown): readonly ChatEvent[] {
    const message = valueAt(json, "message");
    // Some resellers say it twice.
    if (this.#isStarted && this.#blocks.size === 0 && isRecord(message)) return NOTHING;
    if (this.#isStarted || !isRecord(message)) return this.#fail("message_start is out of place");
    this.#isStarted = true;
    this.#startUsage = valueAt(message, "usage");
    return [
      { kind: "start", id: textAt(message, "id"), model: textAt(message, "model") },
      ...usageEvents(readAnthropicUsage(this.#startUsage)),
    ];
  }

  #open(json: unknown): readonly ChatEvent[] {
    const index = valueAt(json, "index");
    const block = valueAt(json, "content_block");
    const type = textAt(block, "type");
    if (!this.#isWriting() || type === "" || typeof index !== "number" || this.#blocks.has(index)) {
      return this.#fail("content_block_start is out of place");
    }
    switch (type) {
      case "text": {
        this.#blocks.set(index, "text");
        const text = textAt(block, "text");
        return text === "" ? NOTHING : [{ kind: "text", choice: 0, text }];
      }
      case "thinking": {
        this.#blocks.set(index, "thinking");
        const text = textAt(block, "thinking");
        return [
          ...(text === "" ? [] : [{ kind: "thinking" as const, choice: 0, text }]),
          ...signatureEvents(textAt(block, "signature")),
        ];
      }
      case "redacted_thinking": {
        const data = valueAt(block, "data");
        if (typeof data !== "string") return this.#fail("a redacted thought has no data");
        this.#blocks.set(index, "ignored");
        return [{ kind: "redacted_thinking", choice: 0, issuer: "anthropic", data }];
      }
      case "tool_use":
        return this.#openCall(index, block);
      default:
        this.#blocks.set(index, "ignored");
        return NOTHING;
    }
  }

  #openCall(index: number, block: unknown): readonly ChatEvent[] {
    const id = textAt(block, "id");
    const name = textAt(block, "name");
    const input = valueAt(block, "input") ?? {};
    if (id === "" || name === "" || !isRecord(input)) {
      return this.#fail("a tool call has no id, name or input");
    }
    const call = this.#calls++;
    this.#blocks.set(index, { call });
    const opened: ChatEvent = { kind: "tool_call", choice: 0, call, id, name };
    // Arguments stand here whole when no deltas follow (calls that a program of the model's made).
    if (Object.keys(input).length === 0) return [opened];
    return [opened, { kind: "tool_arguments", choice: 0, call, text: JSON.stringify(input) }];
  }

  #delta(json: unknown): readonly ChatEvent[] {
    const block = this.#blocks.get(valueAt(json, "index"));
    const delta = valueAt(json, "delta");
    const type = valueAt(delta, "type");
    if (block === undefined || typeof type !== "string") {
      return this.#fail("content_block_delta is out of place");
    }
    if (block === "ignored") return NOTHING;
    switch (type) {
      case "text_delta": {
        const text = valueAt(delta, "text");
        if (block !== "text" || typeof text !== "string") return this.#fail("a text_delta has no text");
        return text === "" ? NOTHING : [{ kind: "text", choice: 0, text }];
      }
      case "input_json_delta": {
        const text = valueAt(delta, "partial_json");
        if (typeof block === "string" || typeof text !== "string") {
          return this.#fail("an input_json_delta is of no tool");
        }
        return text === "" ? NOTHING : [{ kind: "tool_arguments", choice: 0, call: block.call, text }];
      }
      case "thinking_delta": {
        const text = valueAt(delta, "thinking");
        if (block !== "thinking" || typeof text !== "string") {
          return this.#fail("a thinking_delta has no thinking");
        }
        return text === "" ? NOTHING : [{ kind: "thinking", choice: 0, text }];
      }
      case "signature_delta": {
        const value = valueAt(delta, "signature");
        if (block !== "thinking" || typeof value !== "string") {
          return this.#fail("a signature_delta is of no thought");
        }
        return signatureEvents(value);
      }
      case "citations_delta": {
        const citation = readAnthropicCitation(valueAt(delta, "citation"));
        return citation === undefined ? NOTHING : [{ kind: "citation", choice: 0, citation }];
      }
      default:
        return NOTHING;
    }
  }

  #close(json: unknown): readonly ChatEvent[] {
    const index = valueAt(json, "index");
    const block = this.#blocks.get(index);
    if (block === undefined) return this.#fail("content_block_stop is out of place");
    this.#blocks.delete(index);
    return typeof block === "string" ? NOTHING : [{ kind: "tool_call_end", choice: 0, call: block.call }];
  }

  #takeDelta(json: unknown): readonly ChatEvent[] {
    const delta = valueAt(json, "delta");
    if (!this.#isStarted || !isRecord(delta)) return this.#fail("message_delta is out of place");
    // The finish waits for message_stop: until then the answer is not known to be whole.
    if (textAt(delta, "stop_reason") !== "") this.#finish = readAnthropicFinish(delta);
    return usageEvents(readAnthropicUsage(this.#startUsage, valueAt(json, "usage")));
  }

  #stop(): readonly ChatEvent[] {
    if (this.#finish === undefined || this.#blocks.size > 0) {
      return this.#fail("message_stop is out of place");
    }
    this.#isOver = true;
    return [{ kind: "finish", choice: 0, finish: this.#finish }, { kind: "end" }];
  }

  #error(json: unknown): readonly ChatEvent[] {
    this.#isOver = true;
    const message = textAt(json, "error", "message") || "The provider broke off its answer";
    return [{ kind: "error", message, code: textAt(json, "error", "type") || "api_error" }];
  }

  #fail(what: string): readonly ChatEvent[] {
    this.#isOver = true;
    return [{ kind: "error", message: `Cannot read the provider's stream: ${what}`, code: "api_error" }];
  }

  /** Blocks begin after the message and before its end. */
  #isWriting(): boolean {
    return this.#isStarted && this.#finish === undefined;
  }
}

function usageEvents(usage: TokenUsage | undefined): readonly ChatEvent[] {
  return usage === undefined ? NOTHING : [{ kind: "usage", usage }];
}

function signatureEvents(value: string): readonly ChatEvent[] {
  if (value === "") return NOTHING;
  return [{ kind: "signature", choice: 0, of: "thinking", signature: { issuer: "anthropic", value } }];
}
