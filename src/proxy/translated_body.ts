import type { BodySource, Bytes } from "../core/http.ts";
import type { StreamBack } from "./crossing.ts";

/** `over`: the upstream's bytes came to their end, or said that they failed; `left`: the caller went away. */
export type TranslatedEnd = "over" | "broken" | "left";

export interface TranslatedBodyOptions {
  readonly source: BodySource;
  readonly stream: StreamBack;
  /** Sent before all else: what was written of the part that was held back. */
  readonly first: string;
  /** Words for the caller when the stream ends before its end. */
  readonly brokenOff: string;
  /** Called once. */
  onEnd(end: TranslatedEnd): void;
}

const encoder = new TextEncoder();

/**
 * An upstream's stream on its way to a caller of another dialect: each chunk is translated when the caller has room
 * for it, and what it shows goes out in one piece.
 */
export class TranslatedBody implements BodySource {
  readonly #options: TranslatedBodyOptions;
  #first: string;
  #isOver = false;
  #isCancelled = false;

  constructor(options: TranslatedBodyOptions) {
    this.#options = options;
    this.#first = options.first;
  }

  async read(): Promise<Bytes | undefined> {
    if (this.#first !== "") {
      const first = this.#first;
      this.#first = "";
      return encoder.encode(first);
    }
    const { source, stream, brokenOff } = this.#options;
    if (this.#isCancelled) throw cancelled();
    while (!this.#isOver) {
      let chunk: Bytes | undefined;
      try {
        chunk = await source.read();
      } catch {
        // Told in the caller's own protocol. Cancelling, too, makes the pending read fail.
        if (this.#isCancelled) throw cancelled();
        if (this.#isOver) return undefined;
        return this.#end(stream.state === "ended" ? "over" : "broken", stream.breakOff(brokenOff));
      }
      if (this.#isCancelled) throw cancelled();
      if (this.#isOver) return undefined;
      if (chunk === undefined) {
        const rest = this.#translate(() => stream.close());
        return this.#end("over", rest + this.#translate(() => stream.breakOff(brokenOff)));
      }
      const piece = chunk;
      const text = this.#translate(() => stream.push(piece));
      if (this.#isOver) return undefined;
      if (stream.state === "failed") {
        source.cancel();
        return this.#end("over", text);
      }
      if (text !== "") return encoder.encode(text);
    }
    return undefined;
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isCancelled = true;
    this.#options.onEnd("left");
    this.#options.source.cancel();
  }

  /** A fault of ours breaks the caller's connection, as a body that is cut must, and ends the request. */
  #translate(work: () => string): string {
    try {
      return work();
    } catch (error) {
      this.#options.source.cancel();
      this.#end("broken", "");
      throw error;
    }
  }

  #end(end: TranslatedEnd, text: string): Bytes | undefined {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#options.onEnd(end);
    }
    return text === "" ? undefined : encoder.encode(text);
  }
}

/** What was cancelled is no whole body: should somebody still read it, the connection must break. */
function cancelled(): Error {
  return new Error("Cannot read this body: it was cancelled");
}
