import type { Ticker, Watched } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { Markup } from "../../views/markup.ts";

/** A fragment of a page that follows what it shows. */
export interface LivePart {
  /** The same for everybody who looks at the same thing: `pool:openai`. */
  readonly key: string;
  /** Id of the element that the fragment takes the place of. */
  readonly elementId: string;
  /** Changes whenever the fragment would look different: cheap, it is asked four times a second. */
  version(): string;
  render(): Markup | Promise<Markup>;
}

const LOOK_EVERY_MS = 250;
const BEAT_EVERY_MS = 15_000;
/** A stream ends then and is asked for again, so that a session which has ended does not go on looking. */
const LIFE_MS = 5 * 60_000;
const MAX_STREAMS = 256;
/** Events that wait for a reader. */
const MAX_UNREAD = 4;

/**
 * The one place from which pages are kept up to date. It looks at what is shown somewhere, each thing once however
 * many look at it, and only while somebody does; a page that nobody sees costs nothing.
 */
export class LiveEvents implements Watched {
  dueMs = Infinity;
  watchSeat?: number;
  readonly #ticker: Ticker;
  readonly #log: Log;
  readonly #streams = new Set<LiveStream>();
  #isClosed = false;

  constructor(ticker: Ticker, log: Log) {
    this.#ticker = ticker;
    this.#log = log;
  }

  /** How many pages are looking. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /**
   * An endless answer in the form of Server-Sent Events, for `hx-sse:connect` of htmx: each event holds the fragments
   * that have changed. `listParts` is asked again each time, so that what is new comes along.
   */
  open(listParts: () => readonly LivePart[], signal: AbortSignal): Response {
    if (this.#isClosed || this.#streams.size >= MAX_STREAMS) {
      // 204 is what htmx leaves alone; it asks again later.
      return new Response(null, { status: 204 });
    }
    const stream = new LiveStream(listParts, this.#ticker.now(), () => this.#drop(stream));
    this.#streams.add(stream);
    signal.addEventListener("abort", () => stream.end(), { once: true });
    if (this.dueMs === Infinity) {
      this.dueMs = this.#ticker.now() + LOOK_EVERY_MS;
      this.#ticker.watch(this);
    }
    return new Response(stream.body, {
      headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
    });
  }

  expire(): void {
    this.dueMs = Infinity;
    const nowMs = this.#ticker.now();
    const versions = new Map<string, string>();
    for (const stream of [...this.#streams]) {
      stream.look(nowMs, versions).catch((error: unknown) => {
        // A page that cannot be shown must not end the process; it asks again.
        this.#log.error("live.failed", { error });
        stream.end();
      });
    }
    if (this.#streams.size === 0) return;
    this.dueMs = nowMs + LOOK_EVERY_MS;
    this.#ticker.watch(this);
  }

  /** Ends every stream: they would hold a server up that wants to stop. */
  close(): void {
    this.#isClosed = true;
    for (const stream of [...this.#streams]) stream.end();
    this.#ticker.unwatch(this);
  }

  #drop(stream: LiveStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.dueMs = Infinity;
    this.#ticker.unwatch(this);
  }
}

const encoder = new TextEncoder();

class LiveStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #listParts: () => readonly LivePart[];
  readonly #onEnd: () => void;
  readonly #seen = new Map<string, string>();
  readonly #endsMs: number;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #beatDueMs: number;
  #isLooking = false;

  constructor(listParts: () => readonly LivePart[], nowMs: number, onEnd: () => void) {
    this.#listParts = listParts;
    this.#onEnd = onEnd;
    this.#endsMs = nowMs + LIFE_MS;
    this.#beatDueMs = nowMs + BEAT_EVERY_MS;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        // The page was rendered a moment ago: what has changed since is what the first look brings.
        for (const part of listParts()) this.#seen.set(part.key, part.version());
        controller.enqueue(encoder.encode(": hello\n\n"));
      },
      cancel: () => this.end(),
    }, { highWaterMark: MAX_UNREAD });
  }

  async look(nowMs: number, versions: Map<string, string>): Promise<void> {
    if (nowMs >= this.#endsMs) return this.end();
    // A reader that does not keep up gets the newest state when it does, and nothing piles up.
    if (this.#isLooking || (this.#controller?.desiredSize ?? 0) <= 0) return;
    const changed = this.#listParts().filter((part) => this.#hasChanged(part, versions));
    if (changed.length === 0) {
      if (nowMs >= this.#beatDueMs) this.#write("", nowMs);
      return;
    }
    this.#isLooking = true;
    try {
      this.#write((await Promise.all(changed.map(fragmentText))).join(""), nowMs);
    } finally {
      this.#isLooking = false;
    }
  }

  end(): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    this.#controller = undefined;
    this.#onEnd();
    try {
      controller.close();
    } catch {
      // The reader has cancelled it.
    }
  }

  #hasChanged(part: LivePart, versions: Map<string, string>): boolean {
    const version = versions.get(part.key) ?? part.version();
    versions.set(part.key, version);
    if (this.#seen.get(part.key) === version) return false;
    this.#seen.set(part.key, version);
    return true;
  }

  #write(markup: string, nowMs: number): void {
    this.#beatDueMs = nowMs + BEAT_EVERY_MS;
    const lines = markup.split("\n").map((line) => `data: ${line}`).join("\n");
    this.#controller?.enqueue(encoder.encode(markup === "" ? ": still here\n\n" : `${lines}\n\n`));
  }
}

/** htmx 4 puts what stands in `hx-partial` where its target is, whatever asked for it. */
async function fragmentText(part: LivePart): Promise<string> {
  return `<hx-partial hx-target="#${part.elementId}" hx-swap="outerMorph">${await part
    .render()}</hx-partial>`;
}
