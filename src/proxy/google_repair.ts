import type { Bytes } from "../core/http.ts";
import { isRecord, listAt, parseJson, textAt, valueAt } from "../core/json.ts";
import { openAiUsageIn, readOpenAiUsage } from "../core/openai_usage.ts";
import { type SseEvent, SseEventTooLargeError, SseSplitter } from "../core/sse.ts";
import type { TokenUsage } from "../core/usage.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { readErrorBody } from "../dialect/error_body.ts";
import { scrub } from "../dialect/scrub.ts";
import { AnswerUnreadableError } from "../translate/sides.ts";
import type { StreamBack, WholeBack } from "./crossing.ts";

/**
 * Mends what Google's OpenAI endpoint does otherwise than OpenAI: tool calls without an index, `stop` as the end of an
 * answer with tool calls, errors inside an array (open-webui/computer issue 224, LangBot issue 1899, OpenMAIC issue
 * 1556). All else passes as it is.
 */
export class GoogleRepairStream implements StreamBack {
  readonly contentType = "text/event-stream; charset=utf-8";
  usage: TokenUsage | undefined;
  state: "open" | "ended" | "failed" = "open";
  failure: string | undefined;
  characters = 0;
  readonly #splitter = new SseSplitter();
  readonly #choices = new Map<number, ChoiceCalls>();
  #hasFinished = false;

  push(chunk: Bytes): string {
    if (this.state !== "open") return "";
    try {
      return this.#passAll(this.#splitter.push(chunk));
    } catch (error) {
      if (!(error instanceof SseEventTooLargeError)) throw error;
      // Told: such a stream has no readable rest.
      return this.breakOff(error.message);
    }
  }

  close(): string {
    if (this.state !== "open") return "";
    const rest = this.#splitter.rest();
    const isEvent = rest.startsWith("data:");
    const text = rest === "" ? "" : this.#pass({ name: "", data: isEvent ? rest.slice(5).trim() : rest });
    // Google's stream may end without [DONE].
    if (this.state === "open" && this.#hasFinished) this.state = "ended";
    return text;
  }

  breakOff(message: string): string {
    return this.state === "open" ? this.#fail(message, "upstream_failed") : "";
  }

  #passAll(events: readonly SseEvent[]): string {
    let text = "";
    for (const event of events) {
      text += this.#pass(event);
      if (this.state !== "open") break;
    }
    return text;
  }

  #pass({ data }: SseEvent): string {
    if (data.trim() === "[DONE]") {
      this.state = "ended";
      return "data: [DONE]\n\n";
    }
    const json = parseJson(data);
    const { isError, message, code, status } = readErrorBody(data);
    if (isError) return this.#fail(message, status || code);
    if (!isRecord(json)) return data.trim() === "" ? "" : this.#fail("Cannot read the provider's stream", "");
    this.usage = openAiUsageIn(json) ?? this.usage;
    this.characters += dialectOf("openai").charactersIn({ name: "", data });
    let isMended = data.includes("\n");
    for (const choice of listAt(json, "choices")) {
      if (this.#mend(choice)) isMended = true;
      if (textAt(choice, "finish_reason") !== "") this.#hasFinished = true;
    }
    return `data: ${isMended ? JSON.stringify(json) : data}\n\n`;
  }

  #mend(choice: unknown): boolean {
    if (!isRecord(choice)) return false;
    const index = typeof choice.index === "number" ? choice.index : 0;
    const calls = listAt(choice, "delta", "tool_calls");
    let known = this.#choices.get(index);
    if (calls.length > 0 && known === undefined) {
      known = new ChoiceCalls();
      this.#choices.set(index, known);
    }
    let isMended = false;
    for (const call of calls) if (known?.place(call) === true) isMended = true;
    return mendFinish(choice, known !== undefined) || isMended;
  }

  #fail(message: string, code: string): string {
    this.state = "failed";
    this.failure = scrub(message, []);
    return dialectOf("openai").renderStreamError({
      status: 502,
      code: code.toLowerCase() || "upstream_failed",
      message: this.failure,
      requestId: "",
    });
  }
}

/** Numbers the tool calls of one choice. */
class ChoiceCalls {
  #count = 0;
  #lastId = "";

  /** Gives the call its index when it has none; whether it had to. */
  place(call: unknown): boolean {
    if (!isRecord(call)) return false;
    const id = textAt(call, "id");
    if (id === "" && typeof call.index === "number" && call.index < this.#count) return false;
    const isNew = this.#count === 0 || (id !== "" && id !== this.#lastId);
    if (isNew) this.#count++;
    if (id !== "") this.#lastId = id;
    if (typeof call.index === "number" && call.index === this.#count - 1) return false;
    call.index = this.#count - 1;
    return true;
  }
}

function mendFinish(choice: Record<string, unknown>, hasCalls: boolean): boolean {
  if (!hasCalls || choice.finish_reason !== "stop") return false;
  choice.finish_reason = "tool_calls";
  return true;
}

/** A whole answer, mended in place. @throws {AnswerUnreadableError} */
export function repairGoogleAnswer(answer: unknown): WholeBack {
  const json = Array.isArray(answer) ? answer[0] : answer;
  if (!isRecord(json) || !Array.isArray(json.choices)) throw new AnswerUnreadableError("it has no choices");
  for (const choice of json.choices) {
    if (isRecord(choice)) mendFinish(choice, listAt(valueAt(choice, "message"), "tool_calls").length > 0);
  }
  return { json, usage: readOpenAiUsage(json.usage) };
}
