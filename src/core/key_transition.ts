import { type KeyHealth, type KeyState, modelRest } from "./health.ts";
import type { CooldownSource, VerdictKind } from "./verdict.ts";

/** A change of a provider key's state, for its history. */
export interface KeyTransition {
  /** Milliseconds since the epoch. The same on every instance that learns of it. */
  readonly atMs: number;
  /** The model that it rests for (or rests for no more); "" for the key as a whole. */
  readonly model: string;
  readonly state: KeyState;
  /** When the rest ends by itself. */
  readonly untilMs?: number;
  readonly source?: CooldownSource;
  readonly cause?: VerdictKind;
  readonly rule?: string;
  /** What the provider said, scrubbed. */
  readonly reason?: string;
}

/**
 * What a person should be told of the step from one health to the next at `nowMs`: rests that began, and rests that
 * ended before their time. A rest whose time has passed is no news: its `untilMs` told so.
 */
export function transitionsOf(before: KeyHealth, after: KeyHealth, nowMs: number): KeyTransition[] {
  if (before.state === after.state && before.sinceMs === after.sinceMs && before.models === after.models) {
    return [];
  }
  const found: KeyTransition[] = [];
  if (after.state !== "ready") {
    if (before.state !== after.state || before.sinceMs !== after.sinceMs) {
      found.push({ atMs: after.sinceMs ?? nowMs, model: "", state: after.state, ...whyOf(after) });
    }
  } else if (before.state !== "ready" && (before.untilMs ?? Infinity) > nowMs) {
    found.push({ atMs: after.releasedAtMs ?? nowMs, model: "", state: "ready" });
  }
  if (before.models !== after.models) found.push(...modelTransitions(before, after, nowMs));
  return found;
}

function modelTransitions(before: KeyHealth, after: KeyHealth, nowMs: number): KeyTransition[] {
  const begun = Object.entries(after.models).filter(([model, rest]) =>
    rest.untilMs > nowMs && rest.sinceMs !== modelRest(before, model)?.sinceMs
  );
  const ended = Object.entries(before.models).filter(([model, rest]) =>
    rest.untilMs > nowMs && modelRest(after, model) === undefined
  );
  return [
    ...begun.map(([model, rest]) => ({
      atMs: rest.sinceMs,
      model,
      state: "cooling" as const,
      ...whyOf(rest),
    })),
    ...ended.map(([model]) => ({ atMs: nowMs, model, state: "ready" as const })),
  ];
}

type Why = Pick<KeyHealth, "untilMs" | "source" | "cause" | "rule" | "reason">;

function whyOf({ untilMs, source, cause, rule, reason }: Why): Why {
  return {
    ...(untilMs !== undefined && { untilMs }),
    ...(source !== undefined && { source }),
    ...(cause !== undefined && { cause }),
    ...(rule !== undefined && { rule }),
    ...(reason !== undefined && { reason }),
  };
}
