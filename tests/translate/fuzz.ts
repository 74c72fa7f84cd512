import type { ChatEvent } from "../../src/translate/chat_answer.ts";
import type { StreamReader, StreamWriter } from "../../src/translate/sides.ts";
import { type SseEvent, SseSplitter } from "../../src/core/sse.ts";
import { brokenRule } from "./normalized.ts";
import { mutatedStream, randomOf } from "./mutate.ts";

/** How many mutated streams a test run reads. */
export const FUZZ_STREAMS = 5_000;

export interface FuzzPlan {
  /** True streams of the dialect, as text. */
  readonly streams: readonly string[];
  readonly openReader: () => StreamReader;
  /** A writer that is fed what was read; none when only the reader is on trial. */
  readonly openWriter?: () => StreamWriter;
  /** Whether these events hold what the dialect calls a whole answer: without it `end` would be a fake success. */
  readonly isWhole: (events: readonly SseEvent[]) => boolean;
  readonly count?: number;
  readonly seed?: number;
}

export interface FuzzFigures {
  readonly streams: number;
  readonly events: number;
  readonly ended: number;
  readonly failed: number;
  readonly cut: number;
}

/**
 * Reads mutated streams, cut at random places, with the reader (and writes them with the writer).
 * @throws {Error} with the seed of the stream when one crashes, breaks a rule of `ChatEvent`s or fakes a success
 */
export function fuzzStreams(plan: FuzzPlan): FuzzFigures {
  const figures = { streams: 0, events: 0, ended: 0, failed: 0, cut: 0 };
  const count = plan.count ?? FUZZ_STREAMS;
  for (let index = 0; index < count; index++) {
    const seed = (plan.seed ?? 1) + index;
    const stream = plan.streams[index % plan.streams.length] ?? "";
    const split = splitBytes(mutatedStream(stream, seed), randomOf(seed ^ 0x5bd1e995));
    let read: ChatEvent[];
    try {
      read = readAll(plan.openReader(), split);
      const writer = plan.openWriter?.();
      for (const event of read) writer?.write(event);
    } catch (error) {
      throw new Error(`Stream of seed ${seed} crashes`, { cause: error });
    }
    const broken = brokenRule(read);
    if (broken !== undefined) throw new Error(`Stream of seed ${seed}: ${broken}`);
    const last = read.at(-1)?.kind;
    if (last === "end" && !plan.isWhole(split)) throw new Error(`Stream of seed ${seed} fakes a success`);
    figures.streams++;
    figures.events += split.length;
    if (last === "end") figures.ended++;
    else if (last === "error") figures.failed++;
    else figures.cut++;
  }
  return figures;
}

/** All that a reader says of these events, `close()` included. */
export function readAll(reader: StreamReader, events: readonly SseEvent[]): ChatEvent[] {
  const read: ChatEvent[] = [];
  for (const event of events) {
    read.push(...reader.read(event));
    // Nobody reads on behind the end, or behind an error.
    if (["end", "error"].includes(read.at(-1)?.kind ?? "")) return read;
  }
  return [...read, ...reader.close()];
}

/** The events of a stream whose bytes come in pieces; `random` gives the next piece's length (below 64). */
export function splitBytes(
  bytes: Uint8Array,
  random: (below: number) => number = () => bytes.length,
): SseEvent[] {
  const splitter = new SseSplitter();
  const events: SseEvent[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random(64);
    events.push(...splitter.push(bytes.subarray(at, at + length)));
    at += length;
  }
  return events;
}
