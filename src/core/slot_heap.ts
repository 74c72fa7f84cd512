/**
 * Small non-negative integers ordered by (tier, rank, slot), lowest first. Tiers and ranks are kept for slots that
 * are out of the heap too, so that a slot returns with what it had.
 */
export class SlotHeap {
  #heap: Int32Array;
  #positions: Int32Array;
  #tiers: Float64Array;
  #ranks: Float64Array;
  #size = 0;

  /** Grows by itself; `capacity` only saves copying. */
  constructor(capacity = 1024) {
    this.#heap = new Int32Array(capacity);
    this.#positions = new Int32Array(capacity).fill(-1);
    this.#tiers = new Float64Array(capacity);
    this.#ranks = new Float64Array(capacity).fill(-1);
  }

  get size(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    return (this.#positions[slot] ?? -1) >= 0;
  }

  /** The slot's last rank, or -1 if it never had one. */
  rankOf(slot: number): number {
    return this.#ranks[slot] ?? -1;
  }

  /** Puts the slot in, or gives it another place. */
  set(slot: number, tier: number, rank: number): void {
    if (slot >= this.#positions.length) this.#grow(slot + 1);
    this.#tiers[slot] = tier;
    this.#ranks[slot] = rank;
    const position = this.#positions[slot] ?? -1;
    if (position >= 0) return this.#settle(slot, position);
    this.#size++;
    this.#settle(slot, this.#size - 1);
  }

  /** Gives the slot another rank in its tier, whether it is in the heap or not. */
  rerank(slot: number, rank: number): void {
    if (slot >= this.#positions.length) return;
    this.#ranks[slot] = rank;
    const position = this.#positions[slot] ?? -1;
    if (position >= 0) this.#settle(slot, position);
  }

  delete(slot: number): void {
    const position = this.#positions[slot] ?? -1;
    if (position < 0) return;
    this.#positions[slot] = -1;
    this.#size--;
    const last = this.#at(this.#size);
    if (last !== slot) this.#settle(last, position);
  }

  /** The lowest slot, or -1. */
  first(): number {
    return this.#size === 0 ? -1 : this.#at(0);
  }

  /** The lowest slot that is accepted, or -1. Looks only at those below which one was refused. */
  firstWhere(accepts: (slot: number) => boolean): number {
    return this.#search(0, -1, accepts);
  }

  clone(): SlotHeap {
    const copy = new SlotHeap(0);
    copy.#heap = this.#heap.slice();
    copy.#positions = this.#positions.slice();
    copy.#tiers = this.#tiers.slice();
    copy.#ranks = this.#ranks.slice();
    copy.#size = this.#size;
    return copy;
  }

  #search(position: number, best: number, accepts: (slot: number) => boolean): number {
    if (position >= this.#size) return best;
    const slot = this.#at(position);
    if (best >= 0 && !this.#isBefore(slot, best)) return best;
    if (accepts(slot)) return slot;
    return this.#search(2 * position + 2, this.#search(2 * position + 1, best, accepts), accepts);
  }

  #at(position: number): number {
    return this.#heap[position] ?? -1;
  }

  #isBefore(a: number, b: number): boolean {
    const tier = (this.#tiers[a] ?? 0) - (this.#tiers[b] ?? 0);
    if (tier !== 0) return tier < 0;
    const rank = (this.#ranks[a] ?? 0) - (this.#ranks[b] ?? 0);
    return rank !== 0 ? rank < 0 : a < b;
  }

  /** Writes the slot at `position`, or above or below it where the order wants it. */
  #settle(slot: number, position: number): void {
    let place = position;
    while (place > 0) {
      const above = (place - 1) >>> 1;
      if (!this.#isBefore(slot, this.#at(above))) break;
      this.#write(this.#at(above), place);
      place = above;
    }
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#size) break;
      if (below + 1 < this.#size && this.#isBefore(this.#at(below + 1), this.#at(below))) below++;
      if (!this.#isBefore(this.#at(below), slot)) break;
      this.#write(this.#at(below), place);
      place = below;
    }
    this.#write(slot, place);
  }

  #write(slot: number, position: number): void {
    this.#heap[position] = slot;
    this.#positions[slot] = position;
  }

  #grow(capacity: number): void {
    const length = Math.max(capacity, this.#positions.length * 2);
    this.#heap = copyInto(new Int32Array(length), this.#heap);
    this.#positions = copyInto(new Int32Array(length).fill(-1), this.#positions);
    this.#tiers = copyInto(new Float64Array(length), this.#tiers);
    this.#ranks = copyInto(new Float64Array(length).fill(-1), this.#ranks);
  }
}

function copyInto<T extends Int32Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
