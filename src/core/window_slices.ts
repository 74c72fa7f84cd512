import {
  type Amounts,
  type ClientLimits,
  neededRoom,
  reservable,
  spanOf,
  unitOf,
  WINDOW_NAMES,
  type WindowName,
} from "./client_limits.ts";
import { bucketAt, countingUses, resetMs, usedAmount, type Uses, withUse } from "./rate_window.ts";

/** What the instances share of one client key. */
export interface WindowRecord {
  readonly uses: WindowUses;
  /** By instance: what it holds in advance. */
  readonly holders: Readonly<Record<string, Holder>>;
}

export type WindowUses = { readonly [name in WindowName]?: Uses };
export type WindowAmounts = { readonly [name in WindowName]?: number };

export interface Holder {
  readonly seenMs: number;
  /** Slices: units that it may use without asking. They count as used for all others. */
  readonly held: WindowAmounts;
}

/** What an instance reports and wants. */
export interface SliceAsk {
  readonly instance: string;
  readonly limits: ClientLimits;
  /** Used since the last report; negative what was taken back. */
  readonly spent: WindowUses;
  /** Units of the last slices that it goes on to hold. */
  readonly kept: WindowAmounts;
  /** Units that it would like to hold in all. */
  readonly wanted: WindowAmounts;
  /** Requests that wait for their turn, the first first. */
  readonly waiting: readonly Amounts[];
}

export interface SliceAnswer {
  /** The very record that came in when nothing has changed. */
  readonly record: WindowRecord;
  /** When the grants were made. */
  readonly atMs: number;
  /** One for each that waits: admitted, or where there is no room. */
  readonly admitted: readonly (true | Shortfall)[];
  /** Units held from now on, those kept included. */
  readonly held: WindowAmounts;
  /** Instances that were seen with this client key lately, the asking one included. */
  readonly instances: number;
}

/** The window that keeps a request out for longest. */
export interface Shortfall {
  readonly limit: WindowName;
  readonly retryAfterMs: number;
}

export const EMPTY_RECORD: WindowRecord = { uses: {}, holders: {} };
/** A slice is good for so long after the instance was last seen; then it counts as used, whoever held it. */
export const HOLD_TTL_MS = 5_000;
/** When what is lacking is held by others there is no telling; by then an idle instance has given it back. */
const UNKNOWN_WAIT_MS = 1_000;
/** So long an instance is counted as one. */
const INSTANCE_SEEN_MS = 300_000;

/**
 * One exchange of an instance with the shared record: reports what was used, admits those that wait, and takes new
 * slices as long as they are no more than a fair part of what is free.
 */
export function exchangeSlices(record: WindowRecord, ask: SliceAsk, nowMs: number): SliceAnswer {
  const { living, uses } = withoutLost(record, ask, nowMs);
  const others = living.filter(([instance]) => instance !== ask.instance);
  // What the clock has moved must be written, or it would be moved on for ever.
  let isClockBack = Object.values(record.holders).some(({ seenMs }) => seenMs > nowMs + HOLD_TTL_MS);
  const windows = WINDOW_NAMES.flatMap((name) => {
    const limit = ask.limits[name];
    if (limit === undefined) return [];
    const stored = uses[name] ?? [];
    let used = countingUses(stored, spanOf(name), limit, nowMs);
    isClockBack ||= used.length > 0 && lastOf(used) < lastOf(stored);
    for (const [untilMs, amount] of ask.spent[name] ?? []) {
      if (untilMs > nowMs) used = withUse(used, untilMs, amount);
    }
    const kept = ask.kept[name] ?? 0;
    const blocked = others.reduce((sum, [, { held }]) => sum + (held[name] ?? 0), kept);
    return [{ name, limit, unit: unitOf(name), used, blocked, held: kept }];
  });

  const admitted = ask.waiting.map((amounts) => {
    const shortfall = longestShortfall(windows, amounts, nowMs);
    if (shortfall !== undefined) return shortfall;
    for (const window of windows) {
      const { untilMs } = bucketAt(spanOf(window.name), window.limit, nowMs);
      window.used = withUse(window.used, untilMs, reservable(amounts[window.unit], window.limit));
    }
    return true as const;
  });

  const instances = 1 + others.length;
  for (const window of windows) {
    const free = window.limit - usedAmount(window.used, nowMs) - window.blocked;
    const more = Math.min((ask.wanted[window.name] ?? 0) - window.held, Math.floor(free / (2 * instances)));
    if (more > 0) window.held += more;
  }
  const held = Object.fromEntries(windows.flatMap(({ name, held }) => held > 0 ? [[name, held]] : []));
  const next: WindowRecord = {
    uses: { ...uses, ...Object.fromEntries(windows.map(({ name, used }) => [name, used])) },
    holders: { ...Object.fromEntries(others), [ask.instance]: { seenMs: nowMs, held } },
  };
  const isSame = !isClockBack && sum(held) === 0 && !admitted.includes(true) &&
    sum(record.holders[ask.instance]?.held) === 0 &&
    Object.values(ask.spent).every((each) => each.length === 0);
  return { record: isSame ? record : next, atMs: nowMs, admitted, held, instances };
}

interface OpenWindow {
  readonly name: WindowName;
  readonly limit: number;
  readonly unit: keyof Amounts;
  readonly used: Uses;
  /** Held by anyone. */
  readonly blocked: number;
}

function longestShortfall(
  windows: readonly OpenWindow[],
  amounts: Amounts,
  nowMs: number,
): Shortfall | undefined {
  let longest: Shortfall | undefined;
  for (const { name, limit, unit, used, blocked } of windows) {
    const room = neededRoom(amounts[unit], limit);
    if (usedAmount(used, nowMs) + blocked + room <= limit) continue;
    const retryAfterMs = limit < 1
      ? bucketAt(spanOf(name), limit, nowMs).untilMs - nowMs
      : resetMs(used, limit, room + blocked, nowMs) ?? UNKNOWN_WAIT_MS;
    if (longest === undefined || retryAfterMs > longest.retryAfterMs) longest = { limit: name, retryAfterMs };
  }
  return longest;
}

/** What an instance held that is not seen any more counts as used at the last moment it may have used it. */
function withoutLost(record: WindowRecord, ask: SliceAsk, nowMs: number) {
  const uses: { [name in WindowName]?: Uses } = {};
  // Also those that this instance does not limit (yet, or any more): another one may.
  for (const name of WINDOW_NAMES) {
    const counting = record.uses[name]?.filter(([untilMs]) => untilMs > nowMs) ?? [];
    if (counting.length > 0) uses[name] = counting;
  }
  const living: [string, Holder][] = [];
  for (const [instance, { seenMs, held }] of Object.entries(record.holders)) {
    const lastMs = Math.min(seenMs, nowMs) + HOLD_TTL_MS;
    if (lastMs >= nowMs) {
      living.push([instance, { seenMs: Math.min(seenMs, nowMs), held }]);
      continue;
    }
    for (const name of WINDOW_NAMES) {
      const amount = held[name] ?? 0;
      const { untilMs } = bucketAt(spanOf(name), ask.limits[name] ?? Infinity, lastMs);
      if (amount > 0 && untilMs > nowMs) uses[name] = withUse(uses[name] ?? [], untilMs, amount);
    }
    if (seenMs + INSTANCE_SEEN_MS > nowMs) living.push([instance, { seenMs, held: {} }]);
  }
  return { living, uses };
}

function lastOf(uses: Uses): number {
  return uses.at(-1)?.[0] ?? 0;
}

function sum(amounts: WindowAmounts = {}): number {
  return Object.values(amounts).reduce((total, amount) => total + amount, 0);
}
