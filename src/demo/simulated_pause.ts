/** Waits that can all be ended at once, so that closing leaves no timer behind. */
export class Pauses {
  readonly #ends = new Set<() => void>();
  #isOver = false;

  /** Resolves after `ms` (`Infinity` for never), when `signal` fires, or at `endAll()`. Never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#isOver || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        this.#ends.delete(end);
        resolve();
      };
      const timer = ms === Infinity ? undefined : setTimeout(end, ms);
      signal?.addEventListener("abort", end);
      this.#ends.add(end);
    });
  }

  /** Ends every wait, also those still to come. */
  endAll(): void {
    this.#isOver = true;
    for (const end of [...this.#ends]) end();
  }
}
