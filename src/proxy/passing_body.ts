import type { BodySource, Bytes } from "../core/http.ts";
import type { Held } from "./commit_gate.ts";

/** How a body that was passed on came to its end. */
export type PassingEnd =
  | { readonly kind: "ended" }
  | { readonly kind: "broken"; readonly error: unknown }
  /** The caller went away. */
  | { readonly kind: "left" };

export interface PassingOptions {
  readonly source: BodySource;
  /** Sent before the source's own chunks. */
  readonly held: Held;
  /** Called once. What it returns is sent to the caller as the last chunk; `undefined` sends nothing more. */
  onEnd(end: PassingEnd, seen: Seen): Bytes | undefined;
}

/** The ends of what went by: its first chunk, and at least its last 16 KiB (or all). */
export interface Seen {
  readonly head: Bytes | undefined;
  readonly tail: readonly Bytes[];
  readonly bytes: number;
}

const TAIL_BYTES = 16 * 1024;

/**
 * An upstream's body on its way to the caller, chunk by chunk as it comes and byte for byte. Only the last
 * chunks are kept, for the usage that stands at the end of a stream.
 */
export class PassingBody implements BodySource {
  readonly #options: PassingOptions;
  #held: Held;
  #heldAt = 0;
  #head: Bytes | undefined;
  #tail: Bytes[] = [];
  #tailBytes = 0;
  #bytes = 0;
  #isOver = false;
  #isCancelled = false;

  constructor(options: PassingOptions) {
    this.#options = options;
    this.#held = options.held;
  }

  async read(): Promise<Bytes | undefined> {
    if (this.#isOver) return this.#over();
    const held = this.#held[this.#heldAt];
    if (held !== undefined) {
      this.#heldAt++;
      if (this.#heldAt === this.#held.length) this.#held = [];
      this.#keep(held);
      return held;
    }
    let chunk: Bytes | undefined;
    try {
      chunk = await this.#options.source.read();
    } catch (error) {
      if (this.#isOver) return this.#over();
      const last = this.#end({ kind: "broken", error });
      // Without words for it, the caller's connection must break too: a body cut short is no whole body.
      if (last === undefined) throw error;
      return last;
    }
    if (this.#isOver) return this.#over();
    if (chunk === undefined) return this.#end({ kind: "ended" });
    this.#keep(chunk);
    return chunk;
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isCancelled = true;
    this.#end({ kind: "left" });
    this.#options.source.cancel();
  }

  /** What was cancelled is no whole body: should somebody still read it, the connection must break. */
  #over(): undefined {
    if (this.#isCancelled) throw new Error("Cannot read this body: it was cancelled");
    return undefined;
  }

  #end(end: PassingEnd): Bytes | undefined {
    this.#isOver = true;
    return this.#options.onEnd(end, { head: this.#head, tail: this.#tail, bytes: this.#bytes });
  }

  #keep(chunk: Bytes): void {
    this.#head ??= chunk;
    this.#bytes += chunk.byteLength;
    this.#tail.push(chunk);
    this.#tailBytes += chunk.byteLength;
    let first = this.#tail[0];
    while (first !== undefined && this.#tailBytes - first.byteLength >= TAIL_BYTES) {
      this.#tail.shift();
      this.#tailBytes -= first.byteLength;
      first = this.#tail[0];
    }
  }
}
