import type { TokenUsage } from "../core/usage.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Bytes } from "../core/http.ts";
import type { WrittenRequest } from "../translate/sides.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/** How an upstream is spoken to: the plan itself where nothing is translated. */
export interface Spoken {
  /** The upstream's. */
  readonly dialect: Dialect;
  readonly outgoing: OutgoingRequest;
  /** The caller's name of the model, aliases resolved. */
  readonly model: string | undefined;
}

/** A request as a provider is asked it in another way than the caller's, and the way back of its answer. */
export interface Crossing extends Spoken {
  /** More requests for the same answer, to be sent one after the other (embeddings in batches). */
  readonly more: readonly OutgoingRequest[];
  /** Whether the key travels as `Authorization: Bearer`, whatever the provider's own place for it. */
  readonly isBearer: boolean;
  /** Fields of the caller's request that could not be carried, by its own names. */
  readonly ignored: readonly string[];
  /** `undefined`: the answer goes back as it comes. */
  readonly back: WayBack | undefined;
}

/** How an upstream's answer becomes the caller's. */
export interface WayBack {
  /**
   * @param answers the parsed bodies, one for each request that was sent
   * @throws {AnswerUnreadableError}
   */
  readWhole(answers: readonly unknown[]): WholeBack;
  /** `undefined` where no stream was asked for. */
  openStream: (() => StreamBack) | undefined;
}

export interface WholeBack {
  /** What the caller gets. */
  readonly json: unknown;
  readonly usage: TokenUsage | undefined;
  /** Why this is no answer after all, though it is well formed: nothing was produced. */
  readonly failure?: Verdict;
}

/** An upstream's stream on its way to the caller. In constant memory. */
export interface StreamBack {
  readonly contentType: string;
  /** The last counts that were told. */
  readonly usage: TokenUsage | undefined;
  /** How many characters of the model's have passed: text, thoughts, refusals, arguments of calls. */
  readonly characters: number;
  /** `ended`: the answer is whole; `failed`: the caller has been told an error. */
  readonly state: "open" | "ended" | "failed";
  /** What the caller was told then. */
  readonly failure: string | undefined;
  /** Text for the caller, "" when this chunk shows nothing by itself. */
  push(chunk: Bytes): string;
  /** The upstream's bytes are over. */
  close(): string;
  /** Tells the caller that no more comes, where the state is still `open`. */
  breakOff(message: string): string;
}

const encoder = new TextEncoder();

/** What a writer wrote as it goes out. Of the caller's headers only its name means anything to another dialect. */
export function outgoingOf(written: WrittenRequest, caller: OutgoingRequest): OutgoingRequest {
  const agent = caller.headers.filter(([name]) => name === "user-agent");
  return {
    method: "POST",
    rest: written.path,
    query: written.query,
    headers: [["content-type", "application/json"], ...agent, ...written.headers],
    body: encoder.encode(JSON.stringify(written.body)),
    isRaw: false,
  };
}
