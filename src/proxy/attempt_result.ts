import type { Bytes, Header } from "../core/http.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Answer } from "./answer.ts";

/** What an upstream answered that is no success, whole and small. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Bytes;
  /** Whether its words are of another dialect, or form, than the caller's. */
  readonly isForeign: boolean;
}

export type AttemptResult =
  | { readonly kind: "answered"; readonly answer: Answer }
  | {
    readonly kind: "failed";
    readonly verdict: Verdict;
    readonly reply: Reply | undefined;
    /** Whether any byte of the request may have gone out. */
    readonly wasSent: boolean;
  };
