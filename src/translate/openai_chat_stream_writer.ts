import type { ChatEvent, Finish } from "./chat_answer.ts";
import {
  failureText,
  openAiChatAnnotation,
  openAiChatExtra,
  openAiChatFinish,
  openAiChatId,
  openAiChatImage,
  openAiChatLogprobs,
  openAiChatUsage,
} from "./openai_chat_answer_words.ts";
import type { TokenUsage } from "../core/usage.ts";
import type { AnswerTold, StreamWriter } from "./sides.ts";

/**
 * A stream of `chat.completion.chunk`s: a role chunk for each choice, what it says, its finish (kept back until the
 * answer is whole), the usage where it was asked for, `[DONE]`. An error is a chunk of its own, and no `[DONE]` follows.
 * Source: https://platform.openai.com/docs/api-reference/chat/streaming
 */
export function openOpenAiChatStream(told: AnswerTold): StreamWriter {
  return new ChunkWriter(told);
}

/** What alone is no answer. */
const UNSHOWN: ReadonlySet<ChatEvent["kind"]> = new Set(["thinking", "signature", "redacted_thinking"]);

interface Choice {
  /** Whether anything was shown: a choice that failed before has no answer. */
  isShown: boolean;
  finish: Finish | undefined;
  /** Calls whose arguments have not begun. */
  readonly silentCalls: Set<number>;
}

class ChunkWriter implements StreamWriter {
  readonly #told: AnswerTold;
  readonly #isOld: boolean;
  /** What each chunk begins with, up to its choices. */
  #head = "";
  readonly #tail: string;
  readonly #choices = new Map<number, Choice>();
  #usage: TokenUsage | undefined;
  #isOver = false;

  constructor(told: AnswerTold) {
    this.#told = told;
    this.#isOld = told.request.isOldFunctions === true;
    this.#tail = told.mustTellUsage ? `],"usage":null}\n\n` : `]}\n\n`;
  }

  write(event: ChatEvent): string {
    if (this.#isOver) return "";
    switch (event.kind) {
      case "start":
        this.#begin(event.id);
        return this.#roleOf(0);
      case "ping":
        return ": ping\n\n";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "error":
        return this.#fail(event.message, event.code);
      case "end":
        return this.#end();
      default:
        return this.#roleOf(event.choice) + this.#say(event);
    }
  }

  #begin(id: string): void {
    const head = JSON.stringify({
      id: openAiChatId(id, this.#told.requestId),
      object: "chat.completion.chunk",
      created: this.#told.nowSeconds,
      model: this.#told.model,
    });
    this.#head = `data: ${head.slice(0, -1)},"choices":[`;
  }

  #roleOf(index: number): string {
    if (this.#choices.has(index)) return "";
    if (this.#head === "") this.#begin("");
    this.#choices.set(index, { isShown: false, finish: undefined, silentCalls: new Set() });
    return this.#chunk(index, `{"role":"assistant","content":""}`);
  }

  #say(event: Extract<ChatEvent, { choice: number }>): string {
    const index = event.choice;
    const choice = this.#choices.get(index);
    if (choice === undefined) return "";
    if (event.kind === "finish") {
      choice.finish = event.finish;
      return "";
    }
    // The old form has room for one call.
    if (this.#isOld && "call" in event && event.call > 0) return "";
    if (!UNSHOWN.has(event.kind)) choice.isShown = true;
    switch (event.kind) {
      case "text":
        return this.#chunk(index, `{"content":${JSON.stringify(event.text)}}`);
      case "thinking":
        return this.#chunk(index, `{"reasoning_content":${JSON.stringify(event.text)}}`);
      case "refusal":
        return this.#chunk(index, `{"refusal":${JSON.stringify(event.text)}}`);
      case "signature": {
        const extra = event.of === "text" ? openAiChatExtra(event.signature) : {};
        return "extra_content" in extra ? this.#chunk(index, JSON.stringify(extra)) : "";
      }
      case "redacted_thinking":
        return "";
      case "tool_call":
        choice.silentCalls.add(event.call);
        return this.#chunk(index, this.#opening(event));
      case "tool_arguments":
        choice.silentCalls.delete(event.call);
        return this.#chunk(index, this.#argumentsOf(event.call, event.text));
      case "tool_call_end":
        return this.#fillCall(index, choice, event.call);
      case "image": {
        const url = `data:${event.mediaType};base64,${event.base64}`;
        return this.#chunk(index, JSON.stringify({ images: [openAiChatImage(url)] }));
      }
      case "citation":
        return this.#chunk(index, JSON.stringify({ annotations: [openAiChatAnnotation(event.citation)] }));
      case "logprobs":
        return this.#chunk(index, "{}", null, openAiChatLogprobs(event.logprobs));
    }
  }

  #opening(event: Extract<ChatEvent, { kind: "tool_call" }>): string {
    const called = { name: event.name, arguments: "" };
    if (this.#isOld) return JSON.stringify({ function_call: called });
    const { call: index, id } = event;
    return JSON.stringify({
      tool_calls: [{ index, id, type: "function", function: called, ...openAiChatExtra(event.signature) }],
    });
  }

  #argumentsOf(call: number, text: string): string {
    const json = JSON.stringify(text);
    if (this.#isOld) return `{"function_call":{"arguments":${json}}}`;
    return `{"tool_calls":[{"index":${call},"function":{"arguments":${json}}}]}`;
  }

  /** Arguments joined must be JSON, so a call without any gets an empty object. */
  #fillCall(index: number, choice: Choice, call: number): string {
    return choice.silentCalls.delete(call) ? this.#chunk(index, this.#argumentsOf(call, "{}")) : "";
  }

  #chunk(
    index: number,
    delta: string,
    finish: Finish | null = null,
    logprobs: Record<string, unknown> | null = null,
  ): string {
    const end = finish === null
      ? `"finish_reason":null`
      : JSON.stringify(openAiChatFinish(finish, this.#isOld)).slice(1, -1);
    const chances = logprobs === null ? "null" : JSON.stringify(logprobs);
    return `${this.#head}{"index":${index},"delta":${delta},"logprobs":${chances},${end}}${this.#tail}`;
  }

  #fail(message: string, code: string): string {
    this.#isOver = true;
    const error = { message, type: "server_error", param: null, code, request_id: this.#told.requestId };
    return `data: ${JSON.stringify({ error })}\n\n`;
  }

  #end(): string {
    const choices = [...this.#choices].sort(([a], [b]) => a - b);
    const unfinished = choices.length === 0 || choices.some(([, { finish }]) => finish === undefined);
    if (unfinished) return this.#fail("The answer ended without a finish reason", "upstream_failed");
    const failed = choices.map(([, { finish, isShown }]) =>
      finish?.reason === "failed" && !isShown ? finish : undefined
    );
    if (failed[0] !== undefined && !failed.includes(undefined)) {
      return this.#fail(failureText(failed[0]), "upstream_failed");
    }
    const ends = choices.map(([index, choice]) => this.#finish(index, choice));
    this.#isOver = true;
    return `${ends.join("")}${this.#usageChunk()}data: [DONE]\n\n`;
  }

  #finish(index: number, choice: Choice): string {
    const { finish, isShown, silentCalls } = choice;
    const filled = [...silentCalls].map((call) => this.#fillCall(index, choice, call)).join("");
    const refusal = finish?.reason === "content_filter" && !isShown && finish.explanation !== undefined
      ? this.#chunk(index, `{"refusal":${JSON.stringify(finish.explanation)}}`)
      : "";
    return `${filled}${refusal}${this.#chunk(index, "{}", finish)}`;
  }

  /** An unknown usage is not told: zeros would be a lie. */
  #usageChunk(): string {
    if (!this.#told.mustTellUsage || this.#usage === undefined) return "";
    return `${this.#head}],"usage":${JSON.stringify(openAiChatUsage(this.#usage))}}\n\n`;
  }
}
