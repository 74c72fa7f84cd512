import type { Group, GroupMember } from "../core/group.ts";
import { type MemberState, orderMembers } from "../core/group_order.ts";
import { providerModel } from "../core/provider.ts";
import {
  FRESH_FIGURES,
  noteUpstreamCall,
  type UpstreamFigures,
  upstreamScore,
} from "../core/upstream_score.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Ticker } from "../core/watch.ts";
import type { LiveProvider, LiveProviders } from "./live_providers.ts";

/**
 * All groups in memory, and how the providers have done lately. The scores are of this instance's own traffic: they
 * follow what it sees within a few calls, and instances need not agree on them.
 */
export class LiveGroups {
  readonly #live: LiveProviders;
  readonly #ticker: Ticker;
  readonly #random: () => number;
  readonly #bySlug = new Map<string, Group>();
  readonly #byId = new Map<string, Group>();
  readonly #cursors = new Map<string, number>();
  readonly #figures = new WeakMap<LiveProvider, UpstreamFigures>();

  constructor(live: LiveProviders, ticker: Ticker, random: () => number) {
    this.#live = live;
    this.#ticker = ticker;
    this.#random = random;
  }

  /** Adds the group, or changes it; its turns go on. */
  set(group: Group): void {
    const known = this.#byId.get(group.id);
    // Slugs that were exchanged through another instance come one after the other.
    if (known !== undefined && this.#bySlug.get(known.slug) === known) this.#bySlug.delete(known.slug);
    this.#byId.set(group.id, group);
    this.#bySlug.set(group.slug, group);
  }

  delete(id: string): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.delete(id);
    this.#bySlug.delete(known.slug);
    this.#cursors.delete(id);
  }

  find(slug: string): Group | undefined {
    return this.#bySlug.get(slug);
  }

  findById(id: string): Group | undefined {
    return this.#byId.get(id);
  }

  /** All, by slug. */
  list(): Group[] {
    return [...this.#byId.values()].sort((one, other) => one.slug < other.slug ? -1 : 1);
  }

  /** The members that may be asked at all: they and their providers are switched on. In the operator's order. */
  membersOf(group: Group): LiveProvider[] {
    return this.#usable(group).flatMap(({ providerId }) => this.#live.findById(providerId) ?? []);
  }

  /**
   * Takes a turn of the group: who serves a request, in the order in which they are asked (core/group_order.ts).
   * Those that cannot serve now come last. Empty when no member is switched on. `model` is the caller's name.
   */
  takeOrder(group: Group, model: string | undefined): LiveProvider[] {
    const cursor = this.#cursors.get(group.id) ?? this.#firstCursor();
    this.#cursors.set(group.id, cursor + 1);
    return this.#orderAt(group, model, cursor);
  }

  /** The order that the next request would be asked in; where chance decides, one that may be. Takes no turn. */
  peekOrder(group: Group, model: string | undefined): LiveProvider[] {
    return this.#orderAt(group, model, this.#cursors.get(group.id) ?? 0);
  }

  #orderAt(group: Group, model: string | undefined, cursor: number): LiveProvider[] {
    const nowMs = this.#ticker.now();
    const members = orderMembers(
      { strategy: group.strategy, members: this.#usable(group) },
      (providerId) => this.#stateOf(providerId, model, nowMs),
      cursor,
      this.#random,
    );
    return members.flatMap(({ providerId }) => this.#live.findById(providerId) ?? []);
  }

  /**
   * What an attempt has shown of a provider's upstream. `firstByteMs`: from sending to the first byte, where one
   * came. Refusals of keys and of requests say nothing here: keys that rest make their provider unready by themselves.
   */
  note(live: LiveProvider, { kind }: Verdict, firstByteMs?: number): void {
    const isSuccess = kind === "succeeded" || kind === "ok_empty";
    if (!isSuccess && kind !== "provider_down") return;
    const call = isSuccess && firstByteMs !== undefined ? { isSuccess, firstByteMs } : { isSuccess };
    const figures = this.#figures.get(live) ?? FRESH_FIGURES;
    this.#figures.set(live, noteUpstreamCall(figures, call, this.#ticker.now()));
  }

  /** How a member stands now, for requests of a model (the caller's name of it) or of any. */
  stateOf(providerId: string, model?: string): MemberState {
    return this.#stateOf(providerId, model, this.#ticker.now());
  }

  #usable({ members }: Group): GroupMember[] {
    return members.filter(({ providerId, isEnabled }) =>
      isEnabled && this.#live.findById(providerId)?.provider.isEnabled === true
    );
  }

  #stateOf(providerId: string, model: string | undefined, nowMs: number): MemberState {
    const live = this.#live.findById(providerId);
    if (live === undefined) {
      return { isReady: false, score: upstreamScore(FRESH_FIGURES, nowMs), inFlight: 0 };
    }
    const { pool, provider } = live;
    const score = upstreamScore(this.#figures.get(live) ?? FRESH_FIGURES, nowMs);
    const { ready, inFlight } = model === undefined
      ? pool.counts()
      : pool.outlook(providerModel(provider, model)).counts;
    return { isReady: ready > 0 && live.closedToCallsUntilMs(nowMs) === undefined, score, inFlight };
  }

  /** Anywhere, so that instances that start together do not ask the same member at the same time. */
  #firstCursor(): number {
    return Math.floor(this.#random() * 2 ** 20);
  }
}
