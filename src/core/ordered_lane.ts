import type { Lane, SlotTraits } from "./lane.ts";
import { SlotHeap } from "./slot_heap.ts";

/**
 * The strategies that always take the slot that is furthest behind:
 *
 * - `weighted`: fair queueing. A pick moves a slot's mark on by 1/weight, so the shares are those of the weights,
 *   spread evenly over time, and equal weights rotate.
 * - `least_used`: the mark is the number of requests.
 * - `priority`: the lowest priority first; inside it the mark is the turn of the last pick, so they rotate.
 *
 * A slot that joins a running `weighted` or `least_used` lane (new, or back from a rest) starts at the present mark
 * of the lane. It gets its share from now on, and not all requests until it has caught up.
 */
export class OrderedLane implements Lane {
  readonly #order: "weighted" | "least_used" | "priority";
  #heap = new SlotHeap();
  #strides = new Float64Array(0);
  /** Mark of the last pick; the turn in a `priority` lane. */
  #mark = 0;
  #isRunning = false;

  constructor(order: "weighted" | "least_used" | "priority") {
    this.#order = order;
  }

  get size(): number {
    return this.#heap.size;
  }

  has(slot: number): boolean {
    return this.#heap.has(slot);
  }

  join(slot: number, traits: SlotTraits): void {
    const rank = this.#heap.rankOf(slot);
    switch (this.#order) {
      case "weighted": {
        const stride = 1 / traits.weight;
        this.#setStride(slot, stride);
        this.#heap.set(slot, 0, rank < 0 ? this.#mark + stride / 2 : Math.max(rank, this.#mark));
        return;
      }
      case "least_used":
        this.#heap.set(
          slot,
          0,
          this.#heap.has(slot) ? rank : Math.max(rank, traits.usedCount, this.#floor()),
        );
        return;
      case "priority":
        this.#heap.set(slot, traits.priority, Math.max(rank, 0));
    }
  }

  leave(slot: number): void {
    this.#heap.delete(slot);
  }

  pick(accepts?: (slot: number) => boolean): number {
    const slot = accepts === undefined ? this.#heap.first() : this.#heap.firstWhere(accepts);
    if (slot < 0) return -1;
    this.#isRunning = true;
    this.#advance(slot);
    return slot;
  }

  charge(slot: number): void {
    if (this.#order !== "least_used") return;
    this.#isRunning = true;
    this.#heap.rerank(slot, this.#heap.rankOf(slot) + 1);
  }

  forget(slot: number): void {
    this.#heap.delete(slot);
    this.#heap.rerank(slot, -1);
  }

  clone(): OrderedLane {
    const copy = new OrderedLane(this.#order);
    copy.#heap = this.#heap.clone();
    copy.#strides = this.#strides.slice();
    copy.#mark = this.#mark;
    copy.#isRunning = this.#isRunning;
    return copy;
  }

  /** The least rank of those present. What was counted before the first pick counts as it is. */
  #floor(): number {
    if (!this.#isRunning) return 0;
    return this.#heap.size === 0 ? this.#mark : this.#heap.rankOf(this.#heap.first());
  }

  #advance(slot: number): void {
    const rank = this.#heap.rankOf(slot);
    switch (this.#order) {
      case "weighted":
        this.#mark = Math.max(this.#mark, rank);
        return this.#heap.rerank(slot, rank + (this.#strides[slot] ?? 1));
      case "least_used":
        this.#mark = Math.max(this.#mark, rank);
        return this.#heap.rerank(slot, rank + 1);
      case "priority":
        return this.#heap.rerank(slot, ++this.#mark);
    }
  }

  #setStride(slot: number, stride: number): void {
    if (slot >= this.#strides.length) {
      const grown = new Float64Array(Math.max(slot + 1, this.#strides.length * 2, 1024));
      grown.set(this.#strides);
      this.#strides = grown;
    }
    this.#strides[slot] = stride;
  }
}
