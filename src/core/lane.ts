/** What a strategy looks at when a slot joins. */
export interface SlotTraits {
  readonly weight: number;
  readonly priority: number;
  /** Requests so far, in the present quota period. */
  readonly usedCount: number;
}

/**
 * The slots that may be handed out, in the order of one strategy. Joining, leaving and picking take a few steps
 * (at most log n), however many slots are out.
 */
export interface Lane {
  readonly size: number;
  has(slot: number): boolean;
  /** Puts the slot in; one that is in already gets its new traits. */
  join(slot: number, traits: SlotTraits): void;
  leave(slot: number): void;
  /** Takes its turn for the next slot that is accepted; -1 when there is none. Refused slots keep their place. */
  pick(accepts?: (slot: number) => boolean): number;
  /** The slot was picked from another lane of the same pool. */
  charge(slot: number): void;
  /** The slot is given to another key: nothing of the old one may count. */
  forget(slot: number): void;
  clone(): Lane;
}
