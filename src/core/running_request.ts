import type { DialectName } from "./provider.ts";

/** A request that is under way, as people see it. Never a prompt, an address or a credential. */
export interface RunningRequest {
  readonly id: string;
  readonly startedMs: number;
  readonly dialect: DialectName;
  /** As the caller asked for it; `null` before it is known, and for requests without one. */
  readonly model: string | null;
  /** `null` for an anonymous caller, and before it is known. */
  readonly clientKeyId: string | null;
  readonly clientKeyName: string | null;
  /** Slug of the provider that is being asked; `null` before the first attempt. */
  readonly provider: string | null;
  readonly providerKeyId: string | null;
  /** Last four characters of the provider key. */
  readonly lastFour: string | null;
  /** Which attempt it is at: 0 before the first. */
  readonly attempt: number;
  readonly state: RunningState;
}

/** `waiting` for a key or for its body; `asking` a provider; `answering`, its caller reads. */
export type RunningState = "waiting" | "asking" | "answering";

/** The requests under way in this process that have taken longer than a moment. */
export interface RunningRequests {
  readonly count: number;
  /** The longest first, at most `limit`. */
  list(limit: number): readonly RunningRequest[];
  /** Breaks one off; its caller is told. `false` when it is not under way (any more). */
  cancel(id: string): boolean;
}
