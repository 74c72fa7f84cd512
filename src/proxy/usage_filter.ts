import { Buffer } from "node:buffer";
import { type Body, type BodySource, type Bytes, EMPTY_BODY, isBytes } from "../core/http.ts";
import { isRecord, listAt, parseJson, valueAt } from "../core/json.ts";
import type { TokenUsage } from "../core/usage.ts";
import { readOpenAiUsage } from "../core/openai_usage.ts";
import { concat } from "./request_body.ts";

/** A longer event is not the one that is looked for, and is not held back until its end. */
const MAX_EVENT_BYTES = 64 * 1024;

const MAY_BE_USAGE = /"choices"\s*:\s*\[\s*\]/;

/** From the end of an event's last line to the beginning of the next event. */
const EVENT_END = /\n\r?\n|\r\r/g;

/**
 * Takes the chunk with the usage (`choices` empty, `usage` an object) out of a chat's stream, for a caller that has not
 * asked for it; all other bytes pass as they came. Only the end of a chunk that is no whole event is held back.
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export class UsageFilter {
  /** What was told in the chunk that was taken out; `undefined` as long as there was none. */
  usage: TokenUsage | undefined;

  clean(body: Body): Body {
    return isBytes(body) ? this.pass(body) : new FilteredSource(body, this);
  }

  /** Whole events without the one with the usage. */
  pass(bytes: Bytes): Bytes {
    if (!hasEmptyList(bytes)) return bytes;
    const text = latin1(bytes);
    if (!MAY_BE_USAGE.test(text)) return bytes;
    const kept: Bytes[] = [];
    let size = 0;
    let start = 0;
    while (start < bytes.length) {
      EVENT_END.lastIndex = start;
      const end = EVENT_END.exec(text) === null ? bytes.length : EVENT_END.lastIndex;
      const event = bytes.subarray(start, end);
      if (!MAY_BE_USAGE.test(text.slice(start, end)) || !this.#take(event)) {
        kept.push(event);
        size += event.length;
      }
      start = end;
    }
    return size === bytes.length ? bytes : concat(kept, size);
  }

  #take(event: Bytes): boolean {
    const line = /^data:(.*)$/m.exec(decoder.decode(event))?.[1];
    const json = line === undefined ? undefined : parseJson(line);
    if (!isRecord(valueAt(json, "usage")) || listAt(json, "choices").length > 0) return false;
    this.usage = readOpenAiUsage(valueAt(json, "usage")) ?? this.usage;
    return true;
  }
}

const decoder = new TextDecoder();

/** Nearly always false, and then nothing of a chunk is looked at any more. */
function hasEmptyList(bytes: Bytes): boolean {
  for (let at = bytes.indexOf(OPENING); at !== -1; at = bytes.indexOf(OPENING, at + 1)) {
    let next = at + 1;
    while ((bytes[next] ?? 0xff) <= BLANK) next++;
    if (bytes[next] === CLOSING) return true;
  }
  return false;
}

const OPENING = 0x5b;
const CLOSING = 0x5d;
const BLANK = 0x20;

function latin1(bytes: Bytes): string {
  return Buffer.prototype.latin1Slice.call(bytes, 0, bytes.length);
}

/** How many bytes of these are whole events. */
function wholeBytes(bytes: Bytes): number {
  const { length } = bytes;
  if (bytes[length - 1] === LF) {
    const before = bytes[length - 2];
    if (before === LF || (before === CR && bytes[length - 3] === LF)) return length;
  }
  const text = latin1(bytes);
  return Math.max(endOfLast(text, "\n\n"), endOfLast(text, "\n\r\n"), endOfLast(text, "\r\r"));
}

function endOfLast(text: string, mark: string): number {
  const at = text.lastIndexOf(mark);
  return at === -1 ? 0 : at + mark.length;
}

const LF = 10;
const CR = 13;

class FilteredSource implements BodySource {
  readonly #source: BodySource;
  readonly #filter: UsageFilter;
  #held: Bytes = EMPTY_BODY;

  constructor(source: BodySource, filter: UsageFilter) {
    this.#source = source;
    this.#filter = filter;
  }

  read(): Promise<Bytes | undefined> {
    return this.#source.read().then(this.#pass);
  }

  readonly #pass = (chunk: Bytes | undefined): Bytes | undefined | Promise<Bytes | undefined> => {
    const passed = this.#passed(chunk);
    if (passed.length > 0) return passed;
    return chunk === undefined ? undefined : this.read();
  };

  #passed(chunk: Bytes | undefined): Bytes {
    // The last event may lack its empty line.
    if (chunk === undefined) return this.#filter.pass(this.#takeHeld());
    const bytes = this.#held.length === 0
      ? chunk
      : concat([this.#held, chunk], this.#held.length + chunk.length);
    this.#held = EMPTY_BODY;
    const whole = wholeBytes(bytes);
    const rest = bytes.length - whole;
    if (rest === 0 || rest > MAX_EVENT_BYTES) return this.#filter.pass(bytes);
    this.#held = bytes.slice(whole);
    return this.#filter.pass(bytes.subarray(0, whole));
  }

  #takeHeld(): Bytes {
    const held = this.#held;
    this.#held = EMPTY_BODY;
    return held;
  }

  cancel(): void {
    this.#source.cancel();
  }
}
