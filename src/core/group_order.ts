import type { Group, GroupMember } from "./group.ts";
import {
  expectedLatencyMs,
  latencyFactor,
  referenceLatencyMs,
  type UpstreamScore,
} from "./upstream_score.ts";

/** How a member stands at the moment of asking. */
export interface MemberState {
  /** Whether it has a key ready and its breaker lets calls through. */
  readonly isReady: boolean;
  readonly score: UpstreamScore;
  /** Requests under way. */
  readonly inFlight: number;
}

/**
 * Every enabled member once, in the order in which a request asks them: those that are ready by tier, then the
 * others by tier, because one of these may be back before the request has tried the rest. Inside a tier:
 *
 * - `weighted`: the first by shares of weight x health x latency, spread evenly over the cursor's steps; then the
 *   rest by shares again, so that what a failing member gives up is divided as the weights say.
 * - `priority`: the heaviest first, equal ones as the operator has ordered them.
 * - `round_robin`: in turns. `random`: shuffled.
 * - `least_latency`: the shortest expected wait first; one that fails is expected to take as much longer.
 * - `least_busy`: the fewest requests under way for its weight and health first.
 *
 * Members that are about equal under the last two take turns. `cursor` is a whole number that grows by one with each
 * request; `random` gives numbers from 0 to below 1.
 */
export function orderMembers(
  { strategy, members }: Pick<Group, "strategy" | "members">,
  stateOf: (providerId: string) => MemberState,
  cursor: number,
  random: () => number,
): readonly GroupMember[] {
  const standing = members.filter((member) => member.isEnabled)
    .map((member): Standing => ({ member, ...stateOf(member.providerId) }))
    // Array sorting is stable, so the operator's order is kept inside a tier.
    .sort((one, other) => one.member.tier - other.member.tier);
  const ready = standing.filter(({ isReady }) => isReady);
  const order = tiersOf(ready).flatMap((tier) => orderTier(strategy, tier, cursor, random));
  const others = standing.filter(({ isReady }) => !isReady);
  return [...order, ...others].map(({ member }) => member);
}

interface Standing extends MemberState {
  readonly member: GroupMember;
}

/** A tier's ready members with the part of its requests that `weighted` sends to each; they add up to 1. */
export function memberShares(
  tier: readonly (MemberState & { readonly member: GroupMember })[],
): readonly number[] {
  const referenceMs = referenceLatencyMs(tier.map(({ score }) => score));
  const raw = tier.map(({ member, score }) =>
    member.weight * score.health * latencyFactor(score, referenceMs)
  );
  const total = raw.reduce((sum, share) => sum + share, 0);
  return raw.map((share) => share / total);
}

function tiersOf(sorted: readonly Standing[]): Standing[][] {
  const tiers: Standing[][] = [];
  for (const standing of sorted) {
    const last = tiers.at(-1);
    if (last?.[0]?.member.tier === standing.member.tier) last.push(standing);
    else tiers.push([standing]);
  }
  return tiers;
}

function orderTier(
  strategy: Group["strategy"],
  tier: readonly Standing[],
  cursor: number,
  random: () => number,
): readonly Standing[] {
  if (tier.length === 1) return tier;
  switch (strategy) {
    case "weighted":
      return drawn(tier, memberShares(tier), evenPoint(cursor), random);
    case "priority":
      return tier.toSorted((one, other) => other.member.weight - one.member.weight);
    case "round_robin":
      return rotated(tier, cursor);
    case "random":
      return drawn(tier, tier.map(() => 1), random(), random);
    case "least_latency": {
      const referenceMs = referenceLatencyMs(tier.map(({ score }) => score));
      return cheapest(
        tier,
        cursor,
        ({ score }) => (expectedLatencyMs(score, referenceMs) + LATENCY_GRAIN_MS) / score.health,
      );
    }
    case "least_busy":
      return cheapest(
        tier,
        cursor,
        ({ member, score, inFlight }) => (inFlight + 1) / (member.weight * score.health),
      );
  }
}

/**
 * Draws one after the other with chances that follow the shares. The first one falls where `point` (0 to below 1)
 * says, the rest at random.
 */
function drawn(
  tier: readonly Standing[],
  shares: readonly number[],
  point: number,
  random: () => number,
): readonly Standing[] {
  const left = tier.map((standing, index) => ({ standing, share: shares[index] ?? 0 }));
  const order: Standing[] = [];
  let at = point;
  while (left.length > 0) {
    let mark = at * left.reduce((sum, { share }) => sum + share, 0);
    const found = left.findIndex(({ share }) => (mark -= share) < 0);
    // Rounding may carry the mark past the end.
    const [taken] = left.splice(found, 1);
    if (taken !== undefined) order.push(taken.standing);
    at = random();
  }
  return order;
}

/**
 * The cursor's steps as points from 0 to below 1 that fill the range evenly at any length: multiples of the golden
 * ratio (Knuth, The Art of Computer Programming 3, 6.4). Shares are met to within a few requests, however the
 * traffic repeats, where random draws are off by the square root of their number.
 */
function evenPoint(cursor: number): number {
  return (cursor * 0.618_033_988_749_894_9) % 1;
}

function rotated(tier: readonly Standing[], cursor: number): readonly Standing[] {
  const start = cursor % tier.length;
  return start === 0 ? tier : [...tier.slice(start), ...tier.slice(0, start)];
}

/** By cost, the cheapest first; those that cost about as much as the cheapest take turns. */
function cheapest(
  tier: readonly Standing[],
  cursor: number,
  costOf: (standing: Standing) => number,
): readonly Standing[] {
  const costs = tier.map((standing) => ({ standing, cost: costOf(standing) }))
    .sort((one, other) => one.cost - other.cost);
  const limit = (costs[0]?.cost ?? 0) * COST_TOLERANCE;
  const sorted = costs.map(({ standing }) => standing);
  const equals = costs.filter(({ cost }) => cost <= limit).length;
  // In the operator's order, or the turns would follow the costs' noise.
  const turns = tier.filter((standing) => sorted.indexOf(standing) < equals);
  return [...rotated(turns, cursor), ...sorted.slice(equals)];
}

const COST_TOLERANCE = 1.1;
/** Below this, latencies are alike. */
const LATENCY_GRAIN_MS = 50;
