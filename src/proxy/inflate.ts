import { Buffer } from "node:buffer";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { type Body, type BodySource, type Bytes, EMPTY_BODY, headerValue, isBytes } from "../core/http.ts";
import { TransportError, type UpstreamAnswer } from "../transport/transport.ts";

/** A larger one is taken for a bomb: 64 KiB of deflate hold 64 MiB (threat E17). */
const MAX_WHOLE_BYTES = 8 * 1024 * 1024;

/** As much of a coded stream as is inflated at one time, so that at most a thousandfold of it stands in memory. */
const SLICE_BYTES = 4 * 1024;

/**
 * An answer whose body is no longer compressed. Providers are asked for `identity`; of one that compresses all the
 * same neither usage nor errors could be read, nor keys found.
 * @throws TransportError "protocol" for a coding that is not known, and for a body that does not inflate; an error
 * (4xx, 5xx) loses its body instead
 */
export function inflated(answer: UpstreamAnswer): UpstreamAnswer {
  const coding = headerValue(answer.headers, "content-encoding")?.trim().toLowerCase();
  if (coding === undefined || coding === "" || coding === "identity") return answer;
  // Of HEAD, or a 304: the header tells what GET would give.
  if (isBytes(answer.body) && answer.body.length === 0) return answer;
  const headers = answer.headers.filter(([name]) => !OF_CODED_BODY.has(name));
  return { status: answer.status, headers, body: inflate(answer, coding) };
}

const OF_CODED_BODY = new Set(["content-encoding", "content-length"]);

function inflate({ status, body }: UpstreamAnswer, coding: string): Body {
  try {
    return isBytes(body) ? inflateWhole(body, coding) : inflateSource(body, coding);
  } catch (error) {
    // Of an error the status says enough, and words that nobody here can read do not pass.
    if (status >= 400) return EMPTY_BODY;
    throw error;
  }
}

function inflateWhole(bytes: Bytes, coding: string): Bytes {
  const limits = { maxOutputLength: MAX_WHOLE_BYTES };
  try {
    switch (coding) {
      case "gzip":
      case "x-gzip":
        return owned(gunzipSync(bytes, limits));
      case "deflate":
        return owned(inflateSync(bytes, limits));
      case "br":
        return owned(brotliDecompressSync(bytes, limits));
    }
  } catch (error) {
    // Translated: what it was is not for the caller.
    throw refusal("its body does not inflate", error);
  }
  throw refusal("a coding that was not asked for");
}

function inflateSource(source: BodySource, coding: string): BodySource {
  if (coding === "gzip" || coding === "x-gzip") return new InflatedSource(source, "gzip");
  if (coding === "deflate") return new InflatedSource(source, "deflate");
  source.cancel();
  throw refusal("a coding that was not asked for");
}

class InflatedSource implements BodySource {
  readonly #source: BodySource;
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  /** Why the source broke off, which the stream's own error does not tell. */
  #failure: unknown;
  #rest: Bytes = EMPTY_BODY;

  constructor(source: BodySource, format: "gzip" | "deflate") {
    this.#source = source;
    const coded = new ReadableStream<Bytes>({
      pull: (controller) => this.#feed(controller),
      cancel: () => source.cancel(),
    }, { highWaterMark: 0 });
    this.#reader = coded.pipeThrough(new DecompressionStream(format)).getReader();
  }

  async read(): Promise<Bytes | undefined> {
    try {
      for (;;) {
        const { value } = await this.#reader.read();
        if (value === undefined || value.length > 0) return value;
      }
    } catch (error) {
      this.#source.cancel();
      throw this.#failure ?? refusal("its body does not inflate", error);
    }
  }

  cancel(): void {
    this.#source.cancel();
    // Fails when the stream has broken already, and then there is nothing left to give up.
    this.#reader.cancel().catch(() => {});
  }

  async #feed(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    try {
      if (this.#rest.length === 0) this.#rest = await this.#source.read() ?? EMPTY_BODY;
      if (this.#rest.length === 0) return controller.close();
      controller.enqueue(this.#rest.slice(0, SLICE_BYTES));
      this.#rest = this.#rest.subarray(SLICE_BYTES);
    } catch (error) {
      this.#failure = error;
      controller.error(error);
    }
  }
}

/** Bytes of our own: a `Buffer` may stand in a pool that others use. */
function owned(buffer: Buffer): Bytes {
  return new Uint8Array(buffer);
}

function refusal(state: string, cause?: unknown): TransportError {
  return new TransportError("protocol", `Cannot read the provider's answer: ${state}`, true, cause);
}
