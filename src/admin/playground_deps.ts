import type { RequestRecord } from "../core/request_record.ts";
import type { RouteExplanation, RouteQuestion } from "../core/route_explanation.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** A request that a person sends by hand. */
export interface TriedRequest {
  /** Of the proxy: `/v1/chat/completions`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  /** No other provider key may be used. */
  readonly keyId?: string;
  /** Aborts it, as a caller that leaves. */
  readonly signal: AbortSignal;
}

/** What the playground works on besides. */
export interface PlaygroundDeps extends UsageDeps {
  readonly playground: {
    /** Sends it the way of all requests, as the playground's own client key. `record` comes once it is over. */
    readonly send: (
      request: TriedRequest,
    ) => Promise<{ readonly response: Response; readonly record: Promise<RequestRecord> }>;
    /** @throws {AppError} `not_found` for a client key that is not there. */
    readonly explain: (question: RouteQuestion) => RouteExplanation;
  };
}
