import { z } from "zod";
import { kvKeys } from "./kv_keys.ts";

/** One process that serves from these stores. */
export interface Instance {
  /** Another one after each start. */
  readonly id: string;
  readonly version: string;
  readonly startedMs: number;
  /** When it was heard of last. */
  readonly seenMs: number;
}

const instanceSchema = z.object({
  id: z.string(),
  version: z.string(),
  startedMs: z.number(),
  seenMs: z.number(),
});

/** So long after its last word an instance is taken for gone. */
const KEPT_MS = 3 * 60_000;

/** Tells the others that this instance is there: to be repeated each minute. */
export async function noteInstance(kv: Deno.Kv, instance: Instance): Promise<void> {
  await kv.set(kvKeys.instance(instance.id), instance, { expireIn: KEPT_MS });
}

/** The instances that were heard of lately, the oldest first. */
export async function listInstances(kv: Deno.Kv, nowMs: number): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const { value } of kv.list<unknown>({ prefix: kvKeys.instances })) {
    const parsed = instanceSchema.safeParse(value);
    if (parsed.success && nowMs - parsed.data.seenMs < KEPT_MS) found.push(parsed.data);
  }
  return found.sort((one, other) => one.startedMs - other.startedMs);
}

/** It ends: nobody need wait until that shows. */
export async function forgetInstance(kv: Deno.Kv, id: string): Promise<void> {
  await kv.delete(kvKeys.instance(id));
}
