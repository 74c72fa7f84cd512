import type { Header } from "../core/http.ts";
import type { SimulatedAnswer } from "./simulated_dialect.ts";
import type { Pauses } from "./simulated_pause.ts";

/** How an answer is written. */
export interface Delivery {
  /** Milliseconds before each event of a stream. */
  readonly chunkDelayMs: number;
  /** Cuts events into writes of so many bytes, wherever that falls; `undefined` writes one event at a time. */
  readonly bytesPerWrite: number | undefined;
  /** After so many pieces the connection breaks off. */
  readonly breaksAfter: number | undefined;
  readonly pauses: Pauses;
  /** Called once when the body has been written, has broken off, or was given up by the caller. */
  readonly onEnd: (isAbandoned: boolean) => void;
}

const encoder = new TextEncoder();

/** The HTTP answer. `onEnd` is called at once for a body that is handed over whole. */
export function toResponse(answer: SimulatedAnswer, extra: readonly Header[], delivery: Delivery): Response {
  const headers: [string, string][] = extra.map(([name, value]) => [name, value]);
  headers.push(["content-type", answer.contentType]);
  if (answer.kind === "events") {
    headers.push(["cache-control", "no-cache"]);
    return new Response(bodyOf(answer.events.map((event) => encoder.encode(event)), delivery), { headers });
  }
  for (const [name, value] of answer.headers) headers.push([name, value]);
  if (delivery.breaksAfter === undefined) {
    delivery.onEnd(false);
    return new Response(answer.bytes, { status: answer.status, headers });
  }
  headers.push(["content-length", String(answer.bytes.length)]);
  const half = answer.bytes.slice(0, Math.ceil(answer.bytes.length / 2));
  return new Response(bodyOf([half], { ...delivery, breaksAfter: 1 }), { status: answer.status, headers });
}

function bodyOf(
  events: readonly Uint8Array<ArrayBuffer>[],
  delivery: Delivery,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { breaksAfter } = delivery;
  const kept = breaksAfter === undefined ? events : events.slice(0, breaksAfter);
  const pieces = delivery.bytesPerWrite === undefined ? kept : sliced(kept, delivery.bytesPerWrite);
  const gone = delivery.chunkDelayMs > 0 ? new AbortController() : undefined;
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      const piece = pieces[next++];
      if (delivery.chunkDelayMs > 0) await delivery.pauses.wait(delivery.chunkDelayMs, gone?.signal);
      if (gone?.signal.aborted === true) return;
      if (piece !== undefined) return controller.enqueue(piece);
      delivery.onEnd(false);
      if (breaksAfter === undefined) return controller.close();
      // What was written goes out first: an error at once would take it along.
      await delivery.pauses.wait(2);
      controller.error(new Error("Cannot finish the answer: the simulated provider breaks off"));
    },
    cancel() {
      gone?.abort();
      delivery.onEnd(true);
    },
  }, { highWaterMark: 0 });
}

function sliced(
  events: readonly Uint8Array<ArrayBuffer>[],
  bytesPerWrite: number,
): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (const event of events) {
    for (let at = 0; at < event.length; at += bytesPerWrite) pieces.push(event.slice(at, at + bytesPerWrite));
  }
  return pieces;
}
