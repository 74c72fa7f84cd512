import type { BodySource, Bytes } from "../core/http.ts";
import type { Ticker, Watched } from "../core/watch.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { SseSplitter } from "../core/sse.ts";

/** Chunks of a stream that were held back, in order. */
export type Held = readonly Bytes[];

/** What the first part of a stream showed, before anything of it was sent to the caller. */
export type GateResult =
  /** Something the caller must see has come: send what was held, then the rest. */
  | { readonly kind: "open"; readonly held: Held }
  /** An error stands where the answer should begin; the text of its event. */
  | { readonly kind: "error"; readonly body: string }
  /** The stream ended without anything in it. */
  | { readonly kind: "ended"; readonly held: Held; readonly text: string }
  /** Nothing meaningful came in time. */
  | { readonly kind: "late" };

/** A preamble larger than this is let through: no provider sends one. */
const MAX_HELD_BYTES = 256 * 1024;

/**
 * Holds a stream back until its first meaningful event, so that a failure before it stays invisible to the
 * caller. Pings and comments do not open the gate, and do not extend its deadline.
 * Rejects as the source does when the stream breaks.
 */
export async function holdUntilMeaningful(
  source: BodySource,
  dialect: Dialect,
  ticker: Ticker,
  dueMs: number,
): Promise<GateResult> {
  const splitter = new SseSplitter();
  const held: Bytes[] = [];
  let size = 0;
  let isLate = false;
  const deadline: Watched = {
    dueMs,
    expire: () => {
      isLate = true;
      source.cancel();
    },
  };
  ticker.watch(deadline);
  try {
    while (true) {
      const chunk = await source.read();
      if (chunk === undefined) return ended(held, splitter.rest(), dialect);
      held.push(chunk);
      size += chunk.byteLength;
      for (const event of splitter.push(chunk)) {
        const meaning = dialect.meaningOf(event);
        if (meaning === "content") return { kind: "open", held };
        if (meaning === "error") return { kind: "error", body: event.data };
      }
      if (size > MAX_HELD_BYTES) return { kind: "open", held };
    }
  } catch (error) {
    // Our own cancelling makes the pending read fail.
    if (isLate) return { kind: "late" };
    throw error;
  } finally {
    ticker.unwatch(deadline);
  }
}

/** Some providers send a bare JSON error after the last event, or instead of any. */
function ended(held: Held, rest: string, dialect: Dialect): GateResult {
  const text = rest.trim();
  if (text !== "" && dialect.readSoftFailure(text) === "error") return { kind: "error", body: text };
  return { kind: "ended", held, text };
}
