/** Things and their moments, soonest first, each thing once. Adding, moving and removing take log n steps. */
export class DeadlineHeap<T> {
  readonly #heap: { readonly item: T; dueMs: number }[] = [];
  readonly #positions = new Map<T, number>();

  get size(): number {
    return this.#heap.length;
  }

  has(item: T): boolean {
    return this.#positions.has(item);
  }

  /** When the soonest is due, or `Infinity`. */
  get nextDueMs(): number {
    return this.#heap[0]?.dueMs ?? Infinity;
  }

  /** Removes and gives the soonest if it is due at `nowMs`. */
  takeDue(nowMs: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.delete(first.item);
    return first.item;
  }

  /** The soonest if it is due at `nowMs`; it stays. */
  firstDue(nowMs: number): T | undefined {
    const first = this.#heap[0];
    return first === undefined || first.dueMs > nowMs ? undefined : first.item;
  }

  /** Adds the thing, or moves its moment. */
  set(item: T, dueMs: number): void {
    const position = this.#positions.get(item);
    if (position === undefined) return this.#settle({ item, dueMs }, this.#heap.length);
    const entry = this.#heap[position];
    if (entry === undefined || entry.dueMs === dueMs) return;
    entry.dueMs = dueMs;
    this.#settle(entry, position);
  }

  delete(item: T): void {
    const position = this.#positions.get(item);
    if (position === undefined) return;
    this.#positions.delete(item);
    const last = this.#heap.pop();
    if (last !== undefined && last.item !== item) this.#settle(last, position);
  }

  /** When the soonest of those accepted is due, or `Infinity`. Looks only at those below which one was refused. */
  nextDueWhere(accepts: (item: T) => boolean): number {
    return this.#search(0, Infinity, accepts);
  }

  items(): Iterable<T> {
    return this.#positions.keys();
  }

  #search(position: number, bestMs: number, accepts: (item: T) => boolean): number {
    const entry = this.#heap[position];
    if (entry === undefined || entry.dueMs >= bestMs) return bestMs;
    if (accepts(entry.item)) return entry.dueMs;
    return this.#search(2 * position + 2, this.#search(2 * position + 1, bestMs, accepts), accepts);
  }

  #settle(entry: { readonly item: T; dueMs: number }, position: number): void {
    let place = position;
    while (place > 0) {
      const above = this.#heap[(place - 1) >>> 1];
      if (above === undefined || above.dueMs <= entry.dueMs) break;
      this.#write(above, place);
      place = (place - 1) >>> 1;
    }
    for (;;) {
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && right.dueMs < left.dueMs;
      const below = isRight ? right : left;
      if (below.dueMs >= entry.dueMs) break;
      this.#write(below, place);
      place = 2 * place + (isRight ? 2 : 1);
    }
    this.#write(entry, place);
  }

  #write(entry: { readonly item: T; dueMs: number }, position: number): void {
    this.#heap[position] = entry;
    this.#positions.set(entry.item, position);
  }
}
