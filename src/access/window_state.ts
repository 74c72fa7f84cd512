import { type ClientLimits, spanOf, WINDOW_NAMES, type WindowName } from "../core/client_limits.ts";
import { bucketAt, usedAmount } from "../core/rate_window.ts";
import type { WindowRecord } from "../core/window_slices.ts";
import type { LocalWindow } from "./local_window.ts";

/** How one window stands, as far as this instance knows. */
export interface WindowState {
  readonly limit: WindowName;
  readonly limitValue: number;
  /** Units that this instance could still let in: what others hold is not among them. */
  readonly remaining: number;
  /** Until all of it is free again, if nothing more is used. */
  readonly resetMs: number;
}

/** What was last heard of all, and what was used here since. */
export function stateOf(
  window: LocalWindow,
  { uses, holders }: WindowRecord,
  instance: string,
  nowMs: number,
): WindowState {
  const { name, limit } = window;
  const known = uses[name] ?? [];
  let used = usedAmount(known, nowMs) + window.untold;
  for (const holder in holders) {
    if (holder !== instance) used += holders[holder]?.held[name] ?? 0;
  }
  const lastMs = Math.max(known.at(-1)?.[0] ?? 0, window.untoldUntilMs);
  const resetMs = spanOf(name) === "minute"
    ? Math.max(0, lastMs - nowMs)
    : bucketAt(spanOf(name), limit, nowMs).untilMs - nowMs;
  return { limit: name, limitValue: limit, remaining: Math.max(0, Math.floor(limit - used)), resetMs };
}

/** The same of a client key that this instance has not served lately, from what all of them share; none if nothing is. */
export function sharedStates(
  limits: ClientLimits,
  { uses, holders }: WindowRecord,
  nowMs: number,
): WindowState[] {
  const slices = Object.values(holders).map(({ held }) => held);
  return WINDOW_NAMES.flatMap((name) => {
    const limit = limits[name];
    const known = uses[name];
    if (limit === undefined || known === undefined) return [];
    const held = slices.reduce((sum, each) => sum + (each[name] ?? 0), 0);
    const remaining = Math.max(0, Math.floor(limit - usedAmount(known, nowMs) - held));
    const resetMs = spanOf(name) === "minute"
      ? Math.max(0, (known.at(-1)?.[0] ?? 0) - nowMs)
      : bucketAt(spanOf(name), limit, nowMs).untilMs - nowMs;
    return [{ limit: name, limitValue: limit, remaining, resetMs }];
  });
}
