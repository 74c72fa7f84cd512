import type { Log } from "../log.ts";

/** What must be undone at the end, the last first. */
export type Closers = (() => void | Promise<void>)[];

/**
 * Undoes all of it, the last first, and empties the list. A step that a store keeps waiting is left behind after
 * `patienceMs`: Deno KV's client never gives up on a server that is away, and a stop must end.
 */
export async function closeAll(closers: Closers, log: Log, patienceMs = 3000): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    const { promise: due, resolve } = Promise.withResolvers<"due">();
    const timer = setTimeout(() => resolve("due"), patienceMs);
    const end = await Promise.race([close(), due]).finally(() => clearTimeout(timer));
    if (end === "due") log.error("stop.step_left", { afterMs: patienceMs });
  }
}
