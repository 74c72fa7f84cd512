import { z } from "zod";
import type { WindowName } from "../core/client_limits.ts";
import { EMPTY_RECORD, type WindowRecord } from "../core/window_slices.ts";
import { chunksOf } from "./chunks.ts";
import { commitUnchecked, tryCommit } from "./kv_commit.ts";
import { kvKeys } from "./kv_keys.ts";

/**
 * Reads what all instances share of a client key, lets `change` decide, and writes what it gives unless another
 * instance was faster: then it is asked again with what that one wrote. What it gives as it came is not written.
 *
 * @throws {Error} when others keep writing, or Deno KV is out of reach.
 */
export async function exchangeWindows<T extends { readonly record: WindowRecord }>(
  kv: Deno.Kv,
  clientKeyId: string,
  change: (record: WindowRecord) => T,
): Promise<T> {
  const key = kvKeys.windows(clientKeyId);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { value, versionstamp } = await kv.get<unknown>(key);
    const record = parseRecord(value);
    const changed = change(record);
    if (changed.record === record) return changed;
    const atomic = kv.atomic().check({ key, versionstamp })
      .set(key, changed.record, { expireIn: KEPT_MS });
    if (await tryCommit(atomic) !== undefined) return changed;
    // Not all at once again, or the same instance may lose each time.
    if (attempt > 0) await pause(Math.random() * Math.min(2 ** attempt, MAX_PAUSE_MS));
  }
  throw new Error(`Cannot share the limits of client key ${clientKeyId}: others keep writing`);
}

/** What is stored of these client keys' windows, in their order; empty when nothing is, or it does not read. */
export async function listWindows(kv: Deno.Kv, clientKeyIds: readonly string[]): Promise<WindowRecord[]> {
  const records: WindowRecord[] = [];
  for (const chunk of chunksOf(clientKeyIds, MAX_KEYS_AT_ONCE)) {
    const entries = await kv.getMany<unknown[]>(chunk.map((id) => kvKeys.windows(id)));
    records.push(...entries.map(({ value }) => parseRecord(value)));
  }
  return records;
}

/** Forgets what a client key has used. An instance that still knows the client key may write it anew. */
export async function deleteWindows(kv: Deno.Kv, clientKeyId: string): Promise<void> {
  await commitUnchecked(() => kv.atomic().delete(kvKeys.windows(clientKeyId)));
}

/** docs.deno.com/api/deno/~/Deno.Kv#method_getmany_0 */
const MAX_KEYS_AT_ONCE = 10;
/** One of the competitors succeeds each time, so that a score of instances at once still come through. */
const MAX_ATTEMPTS = 100;
const MAX_PAUSE_MS = 20;
/** Longer than a month counts. The record itself says what counts; this only sweeps up. */
const KEPT_MS = 32 * 24 * 3600_000;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const count = z.number();
const usesSchema = z.array(z.tuple([count, count])).readonly();

function perWindow<T extends z.ZodType>(value: T) {
  const optional = value.exactOptional();
  return z.object(
    {
      requestsPerMinute: optional,
      tokensPerMinute: optional,
      requestsPerDay: optional,
      requestsPerMonth: optional,
      tokensPerDay: optional,
      tokensPerMonth: optional,
      nanoDollarsPerDay: optional,
      nanoDollarsPerMonth: optional,
    } satisfies Record<WindowName, z.ZodType>,
  );
}

const recordSchema: z.ZodType<WindowRecord> = z.object({
  uses: perWindow(usesSchema),
  holders: z.record(z.string(), z.object({ seenMs: count, held: perWindow(count) })),
});

function parseRecord(value: unknown): WindowRecord {
  if (value === null) return EMPTY_RECORD;
  const parsed = recordSchema.safeParse(value);
  return parsed.success ? parsed.data : EMPTY_RECORD;
}
