import type { LiveProvider } from "../pool/live_providers.ts";
import { type KeyMatcher, lastUsedMs, type ListedKey, stateOf } from "./key_filter.ts";

export const KEY_SORTS = [
  "newest",
  "oldest",
  "soonest",
  "failed",
  "used",
  "idle",
  "weight",
  "priority",
] as const;

export type KeySort = typeof KEY_SORTS[number];

/** A key that was found, as it stood then. */
export interface FoundKey extends Pick<ListedKey, "key" | "health" | "inFlight" | "usedCount"> {
  readonly live: LiveProvider;
}

export interface KeyCounts {
  total: number;
  ready: number;
  cooling: number;
  exhausted: number;
  rejected: number;
  disabled: number;
}

/** A name with how often it was met. */
export interface Tally {
  readonly name: string;
  readonly count: number;
}

export interface KeySearch {
  readonly found: readonly FoundKey[];
  /** The `after` of the next page; `null` on the last one. */
  readonly next: string | null;
  /** How many match. */
  readonly matched: number;
  /** How many match but for their state, by state. */
  readonly counts: KeyCounts;
  /** Rules by which those that match rest, the most frequent first. */
  readonly reasons: readonly Tally[];
  /** Models that those that match rest for. */
  readonly models: readonly Tally[];
  /** Tags of all keys of the providers that were looked through. */
  readonly tags: readonly string[];
}

export interface KeySearchOptions {
  /** `place` goes by provider and then by age: the order of the heat map. */
  readonly sort: KeySort | "place";
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/**
 * Looks through every key in memory once: the page that comes next in the order, how many there are, and what they have
 * in common. Some 10 ms for 100,000 keys, whatever the filter.
 */
export function searchKeys(matcher: KeyMatcher, options: KeySearchOptions, nowMs: number): KeySearch {
  const counts = { total: 0, ready: 0, cooling: 0, exhausted: 0, rejected: 0, disabled: 0 };
  const reasons = new Map<string, number>();
  const models = new Map<string, number>();
  const tags = new Set<string>();
  const page = new Page(options);
  let matched = 0;
  matcher.providers.forEach((live, place) => {
    live.pool.each((listed) => {
      if (listed.key.tags !== undefined && listed.key.tags.length > 0 && tags.size < MAX_TAGS) {
        for (const tag of listed.key.tags) tags.add(tag);
      }
      if (!matcher.matches(listed)) return;
      counts.total++;
      counts[stateOf(listed)]++;
      if (!matcher.matchesState(listed)) return;
      matched++;
      const { health, key } = listed;
      if (key.isEnabled && health.state !== "ready" && health.rule !== undefined) count(reasons, health.rule);
      for (const model in health.models) {
        const rest = health.models[model];
        if (rest === undefined || rest.untilMs <= nowMs) continue;
        count(models, model);
        count(reasons, rest.rule);
      }
      page.offer(listed, live, place);
    });
  });
  return {
    ...page.take(),
    matched,
    counts,
    reasons: tallies(reasons),
    models: tallies(models),
    tags: [...tags].sort(),
  };
}

/** Shows every key that matches, in no particular order. */
export function eachMatch(matcher: KeyMatcher, look: (listed: ListedKey, live: LiveProvider) => void): void {
  for (const live of matcher.providers) {
    live.pool.each((listed) => {
      if (matcher.matches(listed) && matcher.matchesState(listed)) look(listed, live);
    });
  }
}

/** In the order of their ages keys come sorted, and sorting what is sorted costs little: seldom, in large piles. */
const PILE = 8000;
const MAX_TAGS = 500;
const SHOWN_TALLIES = 8;

/** A key with what it is ordered by. */
interface Candidate {
  readonly listed: ListedKey;
  readonly live: LiveProvider;
  readonly value: number;
}

/** The keys that come next in the order: candidates pile up, and now and then all but the first are let go. */
class Page {
  readonly #options: KeySearchOptions;
  readonly #isNewestFirst: boolean;
  readonly #from: { readonly value: number; readonly id: string } | undefined;
  readonly #wanted: number;
  #candidates: Candidate[] = [];
  /** None after this one can be among the first. */
  #worst: Candidate | undefined;

  constructor(options: KeySearchOptions) {
    this.#options = options;
    this.#isNewestFirst = options.sort === "newest";
    this.#from = cursorOf(options.after);
    // One more tells whether there is a next page.
    this.#wanted = options.limit + 1;
  }

  offer(listed: ListedKey, live: LiveProvider, place: number): void {
    const { id } = listed.key;
    const value = this.#options.sort === "place" ? place : valueOf(listed, this.#options.sort);
    if (this.#from !== undefined && !this.#isBefore(this.#from.value, this.#from.id, value, id)) return;
    const worst = this.#worst;
    if (worst !== undefined && !this.#isBefore(value, id, worst.value, worst.listed.key.id)) return;
    this.#candidates.push({ listed, live, value });
    if (this.#candidates.length >= this.#wanted + PILE) this.#letGo();
  }

  take(): Pick<KeySearch, "found" | "next"> {
    this.#letGo();
    const { limit } = this.#options;
    const shown = this.#candidates.slice(0, limit);
    const last = shown.at(-1);
    const hasMore = this.#candidates.length > limit;
    return {
      found: shown.map(({ listed: { key, health, inFlight, usedCount }, live }) => ({
        key,
        health,
        inFlight,
        usedCount,
        live,
      })),
      next: hasMore && last !== undefined ? `${last.value}~${last.listed.key.id}` : null,
    };
  }

  #letGo(): void {
    this.#candidates.sort((one, other) =>
      this.#isBefore(one.value, one.listed.key.id, other.value, other.listed.key.id) ? -1 : 1
    );
    if (this.#candidates.length <= this.#wanted) return;
    this.#candidates.length = this.#wanted;
    this.#worst = this.#candidates.at(-1);
  }

  #isBefore(value: number, id: string, otherValue: number, otherId: string): boolean {
    if (value !== otherValue) return value < otherValue;
    return this.#isNewestFirst ? id > otherId : id < otherId;
  }
}

/** The lower comes first. */
function valueOf({ key, health }: ListedKey, sort: KeySort): number {
  switch (sort) {
    case "newest":
    case "oldest":
      return 0;
    case "soonest":
      return key.isEnabled && health.state !== "ready" && health.untilMs !== undefined
        ? health.untilMs
        : Number.MAX_SAFE_INTEGER;
    case "failed":
      return -(health.lastFailureMs ?? 0);
    case "used":
      return -(lastUsedMs(health) ?? 0);
    case "idle":
      return lastUsedMs(health) ?? 0;
    case "weight":
      return -key.weight;
    case "priority":
      return key.priority;
  }
}

function cursorOf(after: string | undefined): { value: number; id: string } | undefined {
  if (after === undefined) return undefined;
  const at = after.indexOf("~");
  const value = Number(after.slice(0, Math.max(0, at)));
  return at < 1 || !Number.isFinite(value) ? undefined : { value, id: after.slice(at + 1) };
}

function count(into: Map<string, number>, name: string): void {
  into.set(name, (into.get(name) ?? 0) + 1);
}

function tallies(counts: ReadonlyMap<string, number>): Tally[] {
  return [...counts].sort(([, one], [, other]) => other - one).slice(0, SHOWN_TALLIES)
    .map(([name, count]) => ({ name, count }));
}
