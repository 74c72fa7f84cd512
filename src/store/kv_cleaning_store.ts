import { z } from "zod";
import { chunksOf, letOthersRun } from "./chunks.ts";
import { text } from "./columns.ts";
import type { Database } from "./database.ts";
import { commitUnchecked } from "./kv_commit.ts";
import { kvKeys } from "./kv_keys.ts";

/** What a cleaning has removed from Deno KV. */
export interface KvCleaning {
  /** Health of keys, and cursors and lists of models of providers, that the database does not have any more. */
  readonly orphans: number;
  /** Entries whose value says that it has expired. */
  readonly expired: number;
}

/**
 * Goes through all of Deno KV in batches and removes what nobody reads any more. The database tells which keys and
 * providers there are, because another instance may have added some that this one has not heard of. Any value with a
 * field `expiresAtMs` counts as expired an hour after it.
 */
export async function cleanKv(
  kv: Deno.Kv,
  db: Database,
  nowMs: number,
  signal: AbortSignal,
): Promise<KvCleaning> {
  let orphans = 0;
  let expired = 0;
  let batch: Deno.KvEntry<unknown>[] = [];
  const clean = async () => {
    const isExpired = (value: unknown) => {
      const { success, data } = expiring.safeParse(value);
      return success && data.expiresAtMs + GRACE_MS < nowMs;
    };
    const old = batch.filter(({ value }) => isExpired(value));
    const lost = await orphansAmong(db, batch);
    await remove(kv, [...old, ...lost].map(({ key }) => key));
    expired += old.length;
    orphans += lost.length;
    batch = [];
    await letOthersRun();
  };
  for await (const entry of kv.list<unknown>({ prefix: [] }, { batchSize: BATCH_ENTRIES })) {
    if (signal.aborted) break;
    batch.push(entry);
    if (batch.length >= BATCH_ENTRIES) await clean();
  }
  if (!signal.aborted) await clean();
  return { orphans, expired };
}

const BATCH_ENTRIES = 200;
const REMOVED_AT_ONCE = 50;
/** Clocks of instances differ, and an entry that has just expired may be about to be renewed. */
const GRACE_MS = 3600_000;

const expiring = z.object({ expiresAtMs: z.number() });

/** The first part of the paths that belong to a provider, and of those that belong to a key of it. */
const [OF_HEALTH] = kvKeys.healthOf();
const [OF_CURSOR] = kvKeys.cursor("");
const [OF_MODELS] = kvKeys.modelList("");

/** An entry and the row that it belongs to. */
interface Owned {
  readonly entry: Deno.KvEntry<unknown>;
  readonly table: "provider_keys" | "providers";
  readonly id: string;
}

async function orphansAmong(
  db: Database,
  batch: readonly Deno.KvEntry<unknown>[],
): Promise<Deno.KvEntry<unknown>[]> {
  const owned = batch.flatMap((entry) => ownerOf(entry) ?? []);
  const known = {
    provider_keys: await knownIds(db, "provider_keys", owned),
    providers: await knownIds(db, "providers", owned),
  };
  return owned.filter(({ table, id }) => !known[table].has(id)).map(({ entry }) => entry);
}

function ownerOf(entry: Deno.KvEntry<unknown>): Owned | undefined {
  const [area, providerId, keyId] = entry.key;
  if (area === OF_HEALTH && typeof keyId === "string") return { entry, table: "provider_keys", id: keyId };
  const isOfProvider = (area === OF_CURSOR || area === OF_MODELS) && entry.key.length === 2;
  return isOfProvider && typeof providerId === "string"
    ? { entry, table: "providers", id: providerId }
    : undefined;
}

async function knownIds(
  db: Database,
  table: Owned["table"],
  owned: readonly Owned[],
): Promise<ReadonlySet<string>> {
  const ids = owned.filter((each) => each.table === table).map(({ id }) => id);
  if (ids.length === 0) return new Set();
  const rows = await db.read(`SELECT id FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`, [
    JSON.stringify(ids),
  ]);
  return new Set(rows.map((row) => text(row, "id")));
}

async function remove(kv: Deno.Kv, keys: readonly Deno.KvKey[]): Promise<void> {
  for (const chunk of chunksOf(keys, REMOVED_AT_ONCE)) {
    await commitUnchecked(() => chunk.reduce((atomic, key) => atomic.delete(key), kv.atomic()));
  }
}
