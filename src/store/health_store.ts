import type { KeyHealth } from "../core/health.ts";
import { mergeHealth } from "../core/merge_health.ts";
import { chunksOf } from "./chunks.ts";
import { healthSchema } from "./health_schema.ts";
import { commitUnchecked, tryCommit } from "./kv_commit.ts";
import { kvKeys } from "./kv_keys.ts";

export interface HealthRecord {
  readonly providerId: string;
  readonly keyId: string;
  readonly health: KeyHealth;
}

/** A record as it stands in Deno KV. */
export interface StoredHealth extends HealthRecord {
  readonly versionstamp: string;
}

/**
 * What this instance knows of each record, by key id: its version, and the use that was counted in it. What was
 * written since by another instance is merged; what was written by ourselves is not, or a success could never
 * end a count of failures. The use beyond the known one is our own, and is added to what others have counted.
 */
export type KnownHealth = Map<string, { readonly versionstamp: string; readonly usedCount: number }>;

/** Every stored record, or one provider's. A record that does not read is left out: the key counts as fresh. */
export async function listHealth(kv: Deno.Kv, providerId?: string): Promise<StoredHealth[]> {
  const stored: StoredHealth[] = [];
  const entries = kv.list({ prefix: kvKeys.healthOf(providerId) }, { batchSize: LIST_BATCH });
  for await (const { key: [, ofProvider, keyId], value, versionstamp } of entries) {
    const health = healthSchema.safeParse(value);
    if (typeof ofProvider !== "string" || typeof keyId !== "string" || !health.success) continue;
    stored.push({ providerId: ofProvider, keyId, health: health.data, versionstamp });
  }
  return stored;
}

/** The same for a start: from then on each record is known. */
export async function loadHealth(
  kv: Deno.Kv,
  known: KnownHealth,
  providerId?: string,
): Promise<HealthRecord[]> {
  return (await listHealth(kv, providerId)).map(({ versionstamp, ...record }) => {
    known.set(record.keyId, { versionstamp, usedCount: record.health.usedCount });
    return record;
  });
}

/** The stored records of these keys of one provider; those that have none or that do not read are left out. */
export async function readHealth(
  kv: Deno.Kv,
  providerId: string,
  keyIds: readonly string[],
): Promise<StoredHealth[]> {
  const stored: StoredHealth[] = [];
  for (const chunk of chunksOf(keyIds, READ_RECORDS)) {
    const entries = await kv.getMany<unknown[]>(chunk.map((keyId) => kvKeys.health(providerId, keyId)));
    chunk.forEach((keyId, index) => {
      const entry = entries[index];
      const health = healthSchema.safeParse(entry?.value);
      if (entry === undefined || entry.versionstamp === null || !health.success) return;
      stored.push({ providerId, keyId, health: health.data, versionstamp: entry.versionstamp });
    });
  }
  return stored;
}

/**
 * What this instance and another know of a key, put together. `knownUsedCount` is the use in the record that
 * ours was built on: what we counted beyond (or, after a reset, below) it is added to theirs.
 */
export function mergeRecord(mine: KeyHealth, theirs: KeyHealth, knownUsedCount = 0): KeyHealth {
  const usedCount = Math.max(0, theirs.usedCount + mine.usedCount - knownUsedCount);
  return { ...mergeHealth(mine, theirs), usedCount };
}

/**
 * Saves what has changed (each key once; one call at a time for one `known`). Gives the records that another
 * instance had written meanwhile, as they stand after the merge: this instance must take them over, use included.
 *
 * @throws {Error} when others keep writing the same records; what was asked for may be saved again later. Up to
 * `SAVED_AT_ONCE` records are saved all or none, so that nothing is merged and not told of.
 */
export async function saveHealth(
  kv: Deno.Kv,
  changed: readonly HealthRecord[],
  known: KnownHealth,
): Promise<HealthRecord[]> {
  const merged: HealthRecord[] = [];
  for (const chunk of chunksOf(changed, SAVED_AT_ONCE)) merged.push(...await saveChunk(kv, chunk, known));
  return merged;
}

/** Forgets keys that are no more. */
export async function deleteHealth(
  kv: Deno.Kv,
  keys: readonly { readonly providerId: string; readonly keyId: string }[],
  known: KnownHealth,
): Promise<void> {
  for (const chunk of chunksOf(keys, CHUNK_DELETIONS)) {
    await commitUnchecked(() => {
      const atomic = kv.atomic();
      for (const { providerId, keyId } of chunk) atomic.delete(kvKeys.health(providerId, keyId));
      return atomic;
    });
    for (const { keyId } of chunk) known.delete(keyId);
  }
}

/** Deno KV gives at most 1000 entries a round trip. */
const LIST_BATCH = 1000;
/**
 * One atomic operation takes at most 10 checks on a KV Connect server (denokv 0.14.0: "Too many checks included in
 * atomic write"; a file takes 100), and one getMany 10 keys.
 */
export const SAVED_AT_ONCE = 10;
const READ_RECORDS = 10;
/** Deletions check nothing. */
const CHUNK_DELETIONS = 100;
const MAX_ATTEMPTS = 20;
/** So that a chunk stays below 800 KiB, and a record below 64. A record has some 300 characters, but a model's name may be of any length. */
const MAX_RECORD_CHARACTERS = 12_000;

async function saveChunk(
  kv: Deno.Kv,
  records: readonly HealthRecord[],
  known: KnownHealth,
): Promise<HealthRecord[]> {
  const merged = new Map<string, HealthRecord>();
  // What is learned on the way counts only once it is saved: a failure must leave our own use to be added later.
  const learned: KnownHealth = new Map();
  for (const { keyId } of records) {
    const before = known.get(keyId);
    if (before !== undefined) learned.set(keyId, before);
  }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const latest = records.map((record) => merged.get(record.keyId) ?? record);
    if (await tryToSave(kv, latest, learned)) {
      for (const [keyId, record] of learned) known.set(keyId, record);
      return [...merged.values()];
    }
    for (const record of await mergeStored(kv, latest, learned)) merged.set(record.keyId, record);
  }
  throw new Error(`Cannot save health of ${records.length} keys: others keep writing them`);
}

async function tryToSave(
  kv: Deno.Kv,
  records: readonly HealthRecord[],
  known: KnownHealth,
): Promise<boolean> {
  const atomic = kv.atomic();
  for (const { providerId, keyId, health } of records) {
    const key = kvKeys.health(providerId, keyId);
    atomic.check({ key, versionstamp: known.get(keyId)?.versionstamp ?? null }).set(key, fitting(health));
  }
  const versionstamp = await tryCommit(atomic);
  if (versionstamp === undefined) return false;
  for (const { keyId, health: { usedCount } } of records) known.set(keyId, { versionstamp, usedCount });
  return true;
}

/** The records of these that another instance has written, merged with ours; learns their versions. */
async function mergeStored(
  kv: Deno.Kv,
  records: readonly HealthRecord[],
  known: KnownHealth,
): Promise<HealthRecord[]> {
  const merged: HealthRecord[] = [];
  for (const chunk of chunksOf(records, READ_RECORDS)) {
    const keys = chunk.map(({ providerId, keyId }) => kvKeys.health(providerId, keyId));
    const entries = await kv.getMany<unknown[]>(keys);
    chunk.forEach((record, index) => {
      const { keyId } = record;
      const entry = entries[index];
      const before = known.get(keyId);
      if (entry === undefined || entry.versionstamp === (before?.versionstamp ?? null)) return;
      if (entry.versionstamp === null) return void known.delete(keyId);
      const theirs = healthSchema.safeParse(entry.value);
      const usedCount = theirs.success ? theirs.data.usedCount : 0;
      known.set(keyId, { versionstamp: entry.versionstamp, usedCount });
      if (!theirs.success) return;
      merged.push({ ...record, health: mergeRecord(record.health, theirs.data, before?.usedCount) });
    });
  }
  return merged;
}

/** Without the rests for single models when they are too large: the key's own state matters more. */
function fitting(health: KeyHealth): KeyHealth {
  return JSON.stringify(health).length <= MAX_RECORD_CHARACTERS ? health : { ...health, models: {} };
}
