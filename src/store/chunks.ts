/** The items in pieces of at most `size`, in order. */
export function* chunksOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/**
 * Resolves once requests in flight have had their turn. Local database calls are synchronous, so that a loop
 * which only awaits them never lets the event loop go round.
 */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
