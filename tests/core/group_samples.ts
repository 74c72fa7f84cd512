import type { GroupMember } from "../../src/core/group.ts";
import type { MemberState } from "../../src/core/group_order.ts";
import { FRESH_FIGURES, upstreamScore } from "../../src/core/upstream_score.ts";

export const READY: MemberState = { isReady: true, score: upstreamScore(FRESH_FIGURES, 0), inFlight: 0 };

export function memberOf(providerId: string, fields: Partial<GroupMember> = {}): GroupMember {
  return { providerId, tier: 0, weight: 1, isEnabled: true, ...fields };
}

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
