import type { Lane } from "./lane.ts";
import { SlotSet } from "./slot_set.ts";

/** `round_robin`: each slot once a turn, in the order of slots. */
export class RotationLane implements Lane {
  /** Where the next pick begins. */
  cursor = 0;
  #slots = new SlotSet();

  get size(): number {
    return this.#slots.size;
  }

  has(slot: number): boolean {
    return this.#slots.has(slot);
  }

  join(slot: number): void {
    this.#slots.add(slot);
  }

  leave(slot: number): void {
    this.#slots.delete(slot);
  }

  pick(accepts?: (slot: number) => boolean): number {
    let slot = this.#slots.nextFrom(this.cursor);
    if (accepts !== undefined) {
      for (let refused = 0; slot >= 0 && !accepts(slot); refused++) {
        if (refused === this.#slots.size) return -1;
        slot = this.#slots.nextFrom(slot + 1);
      }
    }
    if (slot >= 0) this.cursor = slot + 1;
    return slot;
  }

  charge(): void {}

  forget(): void {}

  clone(): RotationLane {
    const copy = new RotationLane();
    copy.#slots = this.#slots.clone();
    copy.cursor = this.cursor;
    return copy;
  }
}
