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

/**
 * The version of each record that this instance knows, by key id. What was written since by another instance
 * is merged; what was written by ourselves is not, or a success could never end a count of failures.
 */
export type HealthVersions = Map<string, string>;

/** Every stored record, or one provider's. A record that does not read is left out: the key counts as fresh. */
export async function loadHealth(
  kv: Deno.Kv,
  versions: HealthVersions,
  providerId?: string,
): Promise<HealthRecord[]> {
  const loaded: HealthRecord[] = [];
  const entries = kv.list({ prefix: kvKeys.healthOf(providerId) }, { batchSize: LIST_BATCH });
  for await (const { key: [, ofProvider, keyId], value, versionstamp } of entries) {
    const health = healthSchema.safeParse(value);
    if (typeof ofProvider !== "string" || typeof keyId !== "string" || !health.success) continue;
    versions.set(keyId, versionstamp);
    loaded.push({ providerId: ofProvider, keyId, health: health.data });
  }
  return loaded;
}

/**
 * Saves what has changed (each key once; one call at a time for one `versions`). Gives the records that another instance had written meanwhile, as
 * they stand after the merge: this instance should take them over.
 *
 * @throws {Error} when others keep writing the same records; what was asked for may be saved again later.
 */
export async function saveHealth(
  kv: Deno.Kv,
  changed: readonly HealthRecord[],
  versions: HealthVersions,
): Promise<HealthRecord[]> {
  const merged: HealthRecord[] = [];
  for (const chunk of chunksOf(changed, CHUNK_RECORDS)) merged.push(...await saveChunk(kv, chunk, versions));
  return merged;
}

/** Forgets keys that are no more. */
export async function deleteHealth(
  kv: Deno.Kv,
  keys: readonly { readonly providerId: string; readonly keyId: string }[],
  versions: HealthVersions,
): Promise<void> {
  for (const chunk of chunksOf(keys, CHUNK_RECORDS)) {
    await commitUnchecked(() => {
      const atomic = kv.atomic();
      for (const { providerId, keyId } of chunk) atomic.delete(kvKeys.health(providerId, keyId));
      return atomic;
    });
    for (const { keyId } of chunk) versions.delete(keyId);
  }
}

/** Deno KV gives at most 1000 entries a round trip. */
const LIST_BATCH = 1000;
/** Deno KV takes at most 100 checks and 800 KiB in one atomic operation, and 10 keys in one getMany. */
const CHUNK_RECORDS = 32;
const READ_RECORDS = 10;
const MAX_ATTEMPTS = 20;
/** So that a chunk stays below 800 KiB. A record has some 300 characters, but a model's name may be of any length. */
const MAX_RECORD_CHARACTERS = 12_000;

async function saveChunk(
  kv: Deno.Kv,
  records: readonly HealthRecord[],
  versions: HealthVersions,
): Promise<HealthRecord[]> {
  const merged = new Map<string, HealthRecord>();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const latest = records.map((record) => merged.get(record.keyId) ?? record);
    if (await tryToSave(kv, latest, versions)) return [...merged.values()];
    for (const record of await mergeStored(kv, latest, versions)) merged.set(record.keyId, record);
  }
  throw new Error(`Cannot save health of ${records.length} keys: others keep writing them`);
}

async function tryToSave(
  kv: Deno.Kv,
  records: readonly HealthRecord[],
  versions: HealthVersions,
): Promise<boolean> {
  const atomic = kv.atomic();
  for (const { providerId, keyId, health } of records) {
    const key = kvKeys.health(providerId, keyId);
    atomic.check({ key, versionstamp: versions.get(keyId) ?? null }).set(key, fitting(health));
  }
  const versionstamp = await tryCommit(atomic);
  if (versionstamp === undefined) return false;
  for (const { keyId } of records) versions.set(keyId, versionstamp);
  return true;
}

/** The records of these that another instance has written, merged with ours; learns their versions. */
async function mergeStored(
  kv: Deno.Kv,
  records: readonly HealthRecord[],
  versions: HealthVersions,
): Promise<HealthRecord[]> {
  const merged: HealthRecord[] = [];
  for (const chunk of chunksOf(records, READ_RECORDS)) {
    const keys = chunk.map(({ providerId, keyId }) => kvKeys.health(providerId, keyId));
    const entries = await kv.getMany<unknown[]>(keys);
    chunk.forEach((record, index) => {
      const entry = entries[index];
      if (entry === undefined || entry.versionstamp === (versions.get(record.keyId) ?? null)) return;
      if (entry.versionstamp === null) versions.delete(record.keyId);
      else versions.set(record.keyId, entry.versionstamp);
      const theirs = healthSchema.safeParse(entry.value);
      if (theirs.success) merged.push({ ...record, health: mergeHealth(record.health, theirs.data) });
    });
  }
  return merged;
}

/** Without the rests for single models when they are too large: the key's own state matters more. */
function fitting(health: KeyHealth): KeyHealth {
  return JSON.stringify(health).length <= MAX_RECORD_CHARACTERS ? health : { ...health, models: {} };
}
