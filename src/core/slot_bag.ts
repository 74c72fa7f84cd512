/** A set of small non-negative integers, numbered 0 to `size` - 1 in no order, for a uniform draw in one step. */
export class SlotBag {
  #members: Int32Array;
  #positions: Int32Array;
  #size = 0;

  /** Grows by itself; `capacity` only saves copying. */
  constructor(capacity = 1024) {
    this.#members = new Int32Array(capacity);
    this.#positions = new Int32Array(capacity).fill(-1);
  }

  get size(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    return (this.#positions[slot] ?? -1) >= 0;
  }

  /** The member with this number, or -1. It changes with every `add` and `delete`. */
  at(number: number): number {
    return number < this.#size ? this.#members[number] ?? -1 : -1;
  }

  add(slot: number): void {
    if (this.has(slot)) return;
    if (slot >= this.#positions.length) this.#grow(slot + 1);
    this.#members[this.#size] = slot;
    this.#positions[slot] = this.#size++;
  }

  delete(slot: number): void {
    const position = this.#positions[slot] ?? -1;
    if (position < 0) return;
    const last = this.at(this.#size - 1);
    this.#size--;
    this.#members[position] = last;
    this.#positions[last] = position;
    this.#positions[slot] = -1;
  }

  clone(): SlotBag {
    const copy = new SlotBag(0);
    copy.#members = this.#members.slice();
    copy.#positions = this.#positions.slice();
    copy.#size = this.#size;
    return copy;
  }

  #grow(capacity: number): void {
    const length = Math.max(capacity, this.#positions.length * 2);
    const positions = new Int32Array(length).fill(-1);
    positions.set(this.#positions);
    const members = new Int32Array(length);
    members.set(this.#members);
    this.#positions = positions;
    this.#members = members;
  }
}
