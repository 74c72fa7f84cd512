/**
 * A set of small non-negative integers that finds the next member after any position in a few steps, however many
 * are missing: one bit a slot, and above it levels in which a bit says "this word is not empty" (32 words each).
 */
export class SlotSet {
  #levels: Uint32Array[];
  #size = 0;

  /** Grows by itself; `capacity` only saves copying. */
  constructor(capacity = 1024) {
    this.#levels = levelsFor(capacity);
  }

  get size(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    return (((this.#levels[0]?.[slot >>> 5] ?? 0) >>> (slot & 31)) & 1) === 1;
  }

  /** Gives whether it was new. */
  add(slot: number): boolean {
    if (this.has(slot)) return false;
    if (slot >= (this.#levels[0]?.length ?? 0) * 32) this.#grow(slot + 1);
    let index = slot;
    for (const level of this.#levels) {
      const word = index >>> 5;
      level[word] = (level[word] ?? 0) | (1 << (index & 31));
      index = word;
    }
    this.#size++;
    return true;
  }

  /** Gives whether it was there. */
  delete(slot: number): boolean {
    if (!this.has(slot)) return false;
    let index = slot;
    for (const level of this.#levels) {
      const word = index >>> 5;
      const left = (level[word] ?? 0) & ~(1 << (index & 31));
      level[word] = left;
      if (left !== 0) break;
      index = word;
    }
    this.#size--;
    return true;
  }

  /** The first member at or after `slot`, beginning again at 0 after the last; -1 when empty. */
  nextFrom(slot: number): number {
    if (this.#size === 0) return -1;
    const found = this.#atOrAfter(slot);
    return found === -1 ? this.#atOrAfter(0) : found;
  }

  clone(): SlotSet {
    const copy = new SlotSet(0);
    copy.#levels = this.#levels.map((level) => level.slice());
    copy.#size = this.#size;
    return copy;
  }

  #atOrAfter(slot: number): number {
    let index = slot;
    for (let height = 0; height < this.#levels.length; height++) {
      const level = this.#levels[height];
      const word = index >>> 5;
      if (level === undefined || word >= level.length) return -1;
      const rest = (level[word] ?? 0) & (-1 << (index & 31));
      if (rest !== 0) return this.#descend(height, word * 32 + lowestBit(rest));
      index = word + 1;
    }
    return -1;
  }

  /** The lowest member under bit `index` of the level `height`. */
  #descend(height: number, index: number): number {
    for (let below = height - 1; below >= 0; below--) {
      index = index * 32 + lowestBit(this.#levels[below]?.[index] ?? 0);
    }
    return index;
  }

  #grow(capacity: number): void {
    const grown = levelsFor(Math.max(capacity, (this.#levels[0]?.length ?? 0) * 64));
    for (const [height, level] of grown.entries()) {
      const old = this.#levels[height];
      const below = grown[height - 1];
      if (old !== undefined) level.set(old);
      else {below?.forEach((word, index) => {
          if (word !== 0) level[index >>> 5] = (level[index >>> 5] ?? 0) | (1 << (index & 31));
        });}
    }
    this.#levels = grown;
  }
}

function levelsFor(capacity: number): Uint32Array[] {
  const levels: Uint32Array[] = [];
  let words = Math.max(1, Math.ceil(capacity / 32));
  for (;;) {
    levels.push(new Uint32Array(words));
    if (words === 1) return levels;
    words = Math.ceil(words / 32);
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
