import type { Lane } from "./lane.ts";
import { SlotBag } from "./slot_bag.ts";

/** `random`: every slot with the same chance. */
export class RandomLane implements Lane {
  readonly #random: () => number;
  #slots = new SlotBag();

  constructor(random: () => number) {
    this.#random = random;
  }

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
    const size = this.#slots.size;
    if (accepts === undefined) return this.#slots.at(this.#draw());
    for (let draws = 0; draws < FREE_DRAWS && size > 0; draws++) {
      const slot = this.#slots.at(this.#draw());
      if (accepts(slot)) return slot;
    }
    // Nearly all are refused: take the first accepted one after a random place.
    const start = this.#draw();
    for (let step = 0; step < size; step++) {
      const slot = this.#slots.at((start + step) % size);
      if (accepts(slot)) return slot;
    }
    return -1;
  }

  charge(): void {}

  forget(): void {}

  clone(): RandomLane {
    const copy = new RandomLane(this.#random);
    copy.#slots = this.#slots.clone();
    return copy;
  }

  #draw(): number {
    return Math.floor(this.#random() * this.#slots.size);
  }
}

/** Draws before counting through: enough that even with half refused one in 65,000 gets that far. */
const FREE_DRAWS = 16;
