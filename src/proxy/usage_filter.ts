import { Buffer } from "node:buffer";
import { type Body, type BodySource, type Bytes, EMPTY_BODY, isBytes } from "../core/http.ts";
import { isRecord, listAt, parseJson, valueAt } from "../core/json.ts";
import type { TokenUsage } from "../core/usage.ts";
import { readOpenAiUsage } from "../core/openai_usage.ts";
import { concat } from "./request_body.ts";

/** A longer event is not the one that is looked for, and is not held back until its end. */
const MAX_EVENT_BYTES = 64 * 1024;

/** Nearly always false, and then nothing of a chunk is parsed. */
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

  async read(): Promise<Bytes | undefined> {
    for (;;) {
      const chunk = await this.#source.read();
      const bytes = chunk === undefined ? this.#held : joined(this.#held, chunk);
      // The last event may lack its empty line.
      const whole = chunk === undefined ? bytes.length : wholeBytes(bytes);
      const isHeld = bytes.length - whole <= MAX_EVENT_BYTES;
      this.#held = isHeld && whole < bytes.length ? bytes.slice(whole) : EMPTY_BODY;
      const passed = this.#filter.pass(isHeld ? bytes.subarray(0, whole) : bytes);
      if (passed.length > 0) return passed;
      if (chunk === undefined) return undefined;
    }
  }

  cancel(): void {
    this.#source.cancel();
  }
}

function joined(first: Bytes, second: Bytes): Bytes {
  return first.length === 0 ? second : concat([first, second], first.length + second.length);
}
