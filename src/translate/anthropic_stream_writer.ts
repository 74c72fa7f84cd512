import { hiddenBlock, imageBlock, messageHead } from "./anthropic_answer_writer.ts";
import { writeAnthropicCitation } from "./anthropic_citation.ts";
import { writeAnthropicFinish } from "./anthropic_finish.ts";
import { writeAnthropicUsage } from "./anthropic_usage.ts";
import type { TokenUsage } from "../core/usage.ts";
import type { ChatEvent, Finish } from "./chat_answer.ts";
import type { Signature } from "./chat_request.ts";
import type { AnswerTold, StreamWriter } from "./sides.ts";
import { tagged, UNSIGNED } from "./signature.ts";

/** Error types that Anthropic's SDKs know. Source: https://platform.claude.com/docs/en/api/errors */
const ERROR_TYPES = new Set([
  "invalid_request_error",
  "authentication_error",
  "billing_error",
  "permission_error",
  "not_found_error",
  "request_too_large",
  "rate_limit_error",
  "timeout_error",
  "api_error",
  "overloaded_error",
]);

type Block = { readonly type: "text" | "thinking" } | { readonly type: "tool_use"; readonly call: number };

/**
 * Anthropic's events: one block at a time, so what comes while a tool call is not over waits for its end.
 * Source: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export class AnthropicStreamWriter implements StreamWriter {
  readonly #told: AnswerTold;
  /** The open block; `#index` is its number, or that of the next. */
  #block: Block | undefined;
  #index = 0;
  /** Of the open text. */
  #signature: Signature | undefined;
  /** Events that wait for the end of the open call. */
  #waiting: ChatEvent[] = [];
  #usage: TokenUsage | undefined;
  #finish: Finish | undefined;
  #hasCalls = false;
  #isStarted = false;
  #isOver = false;

  constructor(told: AnswerTold) {
    this.#told = told;
  }

  write(event: ChatEvent): string {
    // Anthropic answers once; what other choices say has no place.
    if (this.#isOver || ("choice" in event && event.choice !== 0)) return "";
    if (this.#mustWait(event)) {
      this.#waiting.push(event);
      return "";
    }
    return this.#write(event);
  }

  #mustWait(event: ChatEvent): boolean {
    if (this.#block?.type !== "tool_use") return false;
    if (event.kind === "tool_arguments" || event.kind === "tool_call_end") {
      return event.call !== this.#block.call;
    }
    return "choice" in event && event.kind !== "finish" && event.kind !== "logprobs";
  }

  #write(event: ChatEvent): string {
    switch (event.kind) {
      case "start":
        return this.#start(event.id);
      case "text":
      case "refusal":
        return event.text === ""
          ? ""
          : this.#open("text") + this.#delta({ type: "text_delta", text: event.text });
      case "thinking":
        return event.text === ""
          ? ""
          : this.#open("thinking") + this.#delta({ type: "thinking_delta", thinking: event.text });
      case "signature":
        return this.#sign(event.of, event.signature);
      case "redacted_thinking":
        return this.#whole(hiddenBlock("thought", { issuer: event.issuer, value: event.data }));
      case "tool_call": {
        this.#hasCalls = true;
        const hidden = event.signature === undefined ? "" : this.#whole(hiddenBlock("call", event.signature));
        const closed = this.#close();
        this.#block = { type: "tool_use", call: event.call };
        return hidden + closed + this.#begin({ type: "tool_use", id: event.id, name: event.name, input: {} });
      }
      case "tool_arguments":
        return event.text === "" ? "" : this.#delta({ type: "input_json_delta", partial_json: event.text });
      case "tool_call_end":
        return this.#close() + this.#release();
      case "image":
        return this.#whole(imageBlock(event.mediaType, event.base64));
      case "citation":
        return (this.#block?.type === "text" ? "" : this.#open("text")) +
          this.#delta({ type: "citations_delta", citation: writeAnthropicCitation(event.citation) });
      case "logprobs":
        return "";
      case "finish":
        this.#finish = event.finish;
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return sse("ping", { type: "ping" });
      case "error":
        return this.#fail(event.code, event.message);
      case "end":
        return this.#end();
    }
  }

  #start(id: string): string {
    if (this.#isStarted) return "";
    this.#isStarted = true;
    // The true counts come with the last event: at this time no upstream but Anthropic has told any.
    return sse("message_start", {
      type: "message_start",
      message: {
        ...messageHead(id, this.#told),
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: writeAnthropicUsage(undefined),
      },
    });
  }

  #end(): string {
    let text = this.#close() + this.#release();
    // A call that was never ended is over with the stream; those that waited for it follow.
    while (this.#block !== undefined) text += this.#close() + this.#release();
    if (this.#finish === undefined) return text + this.#fail("api_error", "The answer has no end");
    if (this.#finish.reason === "failed" && this.#index === 0) {
      return this.#fail(
        "api_error",
        `The model ended with ${this.#finish.native ?? "no reason"} and no answer`,
      );
    }
    this.#isOver = true;
    const delta = writeAnthropicFinish(this.#finish, this.#hasCalls);
    return text +
      sse("message_delta", { type: "message_delta", delta, usage: writeAnthropicUsage(this.#usage) }) +
      sse("message_stop", { type: "message_stop" });
  }

  #fail(code: string, message: string): string {
    this.#isOver = true;
    const type = ERROR_TYPES.has(code) ? code : "api_error";
    return sse("error", { type: "error", error: { type, message } });
  }

  /** What waited for the end of the call before. */
  #release(): string {
    const waiting = this.#waiting;
    this.#waiting = [];
    let text = "";
    for (const event of waiting) text += this.write(event);
    return text;
  }

  #open(type: "text" | "thinking"): string {
    if (this.#block?.type === type && this.#signature === undefined) return "";
    const closed = this.#close();
    this.#block = { type };
    return closed +
      this.#begin(type === "text" ? { type, text: "" } : { type, thinking: "", signature: "" });
  }

  #whole(block: Record<string, unknown>): string {
    const closed = this.#close();
    const begun = this.#begin(block);
    return closed + begun + this.#stop();
  }

  #begin(block: Record<string, unknown>): string {
    return sse("content_block_start", {
      type: "content_block_start",
      index: this.#index,
      content_block: block,
    });
  }

  #delta(delta: Record<string, unknown>): string {
    return sse("content_block_delta", { type: "content_block_delta", index: this.#index, delta });
  }

  /** A thought ends with its signature; a text's waits for its end, for citations may follow. */
  #sign(of: "thinking" | "text", signature: Signature): string {
    if (of === "text" && this.#block?.type !== "text") return this.#whole(hiddenBlock("text", signature));
    const opened = this.#open(of);
    this.#signature = signature;
    return of === "thinking" ? opened + this.#close() : opened;
  }

  #close(): string {
    const block = this.#block;
    const signature = this.#signature;
    this.#block = undefined;
    this.#signature = undefined;
    switch (block?.type) {
      case undefined:
        return "";
      case "thinking": {
        const value = signature === undefined ? UNSIGNED : tagged(signature, "anthropic");
        return this.#delta({ type: "signature_delta", signature: value }) + this.#stop();
      }
      case "text":
        return this.#stop() + (signature === undefined ? "" : this.#whole(hiddenBlock("text", signature)));
      case "tool_use":
        return this.#stop();
    }
  }

  #stop(): string {
    return sse("content_block_stop", { type: "content_block_stop", index: this.#index++ });
  }
}

function sse(name: string, data: Readonly<Record<string, unknown>>): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
