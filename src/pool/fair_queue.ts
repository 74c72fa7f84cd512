/** A queue in which owners take turns, and the items of one owner keep their order. */
export class FairQueue<T> {
  /** Owners in the order of their turns. An owner without items is not kept. */
  readonly #owners = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(owner: string, item: T): void {
    const items = this.#owners.get(owner);
    if (items === undefined) this.#owners.set(owner, [item]);
    else items.push(item);
    this.#size++;
  }

  /** Gives whether it was there. */
  remove(owner: string, item: T): boolean {
    const items = this.#owners.get(owner);
    const position = items?.indexOf(item) ?? -1;
    if (items === undefined || position < 0) return false;
    items.splice(position, 1);
    this.#size--;
    if (items.length === 0) this.#owners.delete(owner);
    return true;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const items of this.#owners.values()) yield* items;
  }

  /**
   * Offers what there is, turn by turn. `visit` gives `taken` (it leaves the queue and its owner's turn is over),
   * `dropped` (it leaves, the turn goes on) or `kept` (it stays). Each item is visited at most once.
   */
  serve(visit: (item: T) => "taken" | "dropped" | "kept"): void {
    const passed = new Map<T[], number>();
    for (let isAnyTaken = true; isAnyTaken;) {
      isAnyTaken = false;
      for (const [owner, items] of [...this.#owners]) {
        for (let position = passed.get(items) ?? 0; position < items.length;) {
          const item = items[position];
          if (item === undefined) break;
          const outcome = visit(item);
          if (outcome === "kept") {
            passed.set(items, ++position);
            continue;
          }
          items.splice(position, 1);
          this.#size--;
          if (outcome === "taken") {
            isAnyTaken = true;
            this.#owners.delete(owner);
            this.#owners.set(owner, items);
            break;
          }
        }
        if (items.length === 0) this.#owners.delete(owner);
      }
    }
  }
}
