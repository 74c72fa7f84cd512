import { isRecord, parseJson } from "../core/json.ts";
import type { Bytes } from "../core/http.ts";
import { type SseEvent, SseEventTooLargeError, SseSplitter } from "../core/sse.ts";
import type { TokenUsage } from "../core/usage.ts";
import { readErrorBody } from "../dialect/error_body.ts";
import { scrub } from "../dialect/scrub.ts";
import type { ChatEvent, Finish } from "../translate/chat_answer.ts";
import type { StreamReader, StreamWriter } from "../translate/sides.ts";
import type { StreamBack } from "./crossing.ts";

/** Hears the events of an answer as they pass. */
export interface EventWitness {
  note(event: ChatEvent): void;
}

/** The events of a conversation's stream, read from the upstream's bytes and written for the caller. */
export class TranslatedStream implements StreamBack {
  readonly contentType: string;
  usage: TokenUsage | undefined;
  state: "open" | "ended" | "failed" = "open";
  failure: string | undefined;
  characters = 0;
  readonly #splitter = new SseSplitter();
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  readonly #witness: EventWitness | undefined;
  /** Whether any of the answer itself was told. */
  #hasAnswered = false;

  constructor(
    contentType: string,
    reader: StreamReader,
    writer: StreamWriter,
    witness: EventWitness | undefined,
  ) {
    this.contentType = contentType;
    this.#reader = reader;
    this.#writer = writer;
    this.#witness = witness;
  }

  push(chunk: Bytes): string {
    if (this.state !== "open") return "";
    let events: readonly SseEvent[];
    try {
      events = this.#splitter.push(chunk);
    } catch (error) {
      if (!(error instanceof SseEventTooLargeError)) throw error;
      // Told: such a stream has no readable rest.
      return this.breakOff(error.message);
    }
    return this.#readAll(events);
  }

  close(): string {
    if (this.state !== "open") return "";
    const text = this.#readRest(this.#splitter.rest());
    return this.state === "open" ? text + this.#tellAll(this.#reader.close()) : text;
  }

  breakOff(message: string): string {
    return this.state === "open" ? this.#tell({ kind: "error", message, code: "upstream_failed" }) : "";
  }

  #readAll(events: readonly SseEvent[]): string {
    let text = "";
    for (const event of events) {
      text += this.#tellAll(this.#reader.read(event));
      if (this.state !== "open") break;
    }
    return text;
  }

  /** The last event may lack its blank line; and Google writes errors as plain JSON. */
  #readRest(rest: string): string {
    if (rest === "") return "";
    const json = parseJson(rest);
    if (isRecord(json) || Array.isArray(json)) {
      const { isError, message, code, status } = readErrorBody(rest);
      return isError ? this.#tell({ kind: "error", message, code: status || code || "upstream_failed" }) : "";
    }
    return this.#readAll(new SseSplitter().push(encoder.encode(`${rest}\n\n`)));
  }

  #tellAll(events: readonly ChatEvent[]): string {
    let text = "";
    for (const event of events) {
      text += this.#tell(event);
      if (this.state !== "open") break;
    }
    return text;
  }

  #tell(event: ChatEvent): string {
    switch (event.kind) {
      case "text":
      case "refusal":
        this.#hasAnswered = true;
        this.characters += event.text.length;
        break;
      case "tool_call":
      case "image":
        this.#hasAnswered = true;
        break;
      case "thinking":
      case "tool_arguments":
        this.characters += event.text.length;
        break;
      case "usage":
        this.usage = event.usage;
        break;
      case "finish":
        if (event.finish.reason === "failed" && !this.#hasAnswered) {
          return this.#tell({ kind: "error", message: failureOf(event.finish), code: "upstream_failed" });
        }
        break;
      case "error":
        this.state = "failed";
        // Upstreams repeat keys in their errors; the pattern catches any of them.
        this.failure = scrub(event.message, []);
        return this.#writer.write({ ...event, message: this.failure });
      case "end":
        this.state = "ended";
        break;
    }
    this.#witness?.note(event);
    return this.#writer.write(event);
  }
}

const encoder = new TextEncoder();

/** Words for an end before which nothing was answered. */
export function failureOf({ native, explanation }: Finish): string {
  const why = native === undefined ? "" : ` (${native})`;
  return `${explanation ?? "The provider ended its answer before anything was in it"}${why}`;
}
