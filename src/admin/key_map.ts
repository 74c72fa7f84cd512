import { stateOf } from "./key_filter.ts";
import type { FoundKey } from "./key_search.ts";

/** Keys on one page of the heat map. */
export const MAP_CELLS = 10_000;

/** A key as a cell: id, last four characters, its state and why. */
export interface KeyCell {
  readonly id: string;
  readonly lastFour: string;
  readonly state: ReturnType<typeof stateOf>;
  /** "" for a key that does not rest. */
  readonly reason: string;
}

export function cellsOf(found: readonly FoundKey[]): KeyCell[] {
  return found.map((each) => {
    const state = stateOf(each);
    const { reason, rule } = each.health;
    return {
      id: each.key.id,
      lastFour: each.key.lastFour ?? "",
      state,
      reason: state === "ready" || state === "disabled" ? "" : reason ?? rule ?? "",
    };
  });
}
