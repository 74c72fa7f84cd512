import type { ProviderKey } from "../core/provider_key.ts";
import type { Secret } from "../core/secret.ts";
import { chunksOf, letOthersRun } from "./chunks.ts";
import { text } from "./columns.ts";
import type { Database } from "./database.ts";
import type { Keyring } from "./keyring.ts";
import type { Stamp } from "./stamp.ts";

/** A key to be added; what is left out takes its default (enabled, weight 1, priority 0). */
export interface ProviderKeyEntry
  extends Partial<Omit<ProviderKey, "id" | "providerId" | "lastFour" | "createdAtMs">> {
  readonly secret: Secret;
}

export interface AddedProviderKeys {
  /** In the order of the entries. */
  readonly added: readonly ProviderKey[];
  /** Entries whose secret the provider has already, or that stood twice among the entries. */
  readonly duplicates: number;
}

/**
 * Adds keys to a provider. Each chunk of 64 is one transaction, so that requests in flight go on; an import
 * that broke off may be repeated whole, since what is there counts as duplicate.
 */
export async function addProviderKeys(
  db: Database,
  keyring: Keyring,
  providerId: string,
  entries: readonly ProviderKeyEntry[],
  stamp: Stamp,
): Promise<AddedProviderKeys> {
  const added: ProviderKey[] = [];
  for (const chunk of chunksOf(entries, CHUNK_ROWS)) {
    added.push(...await addChunk(db, keyring, providerId, chunk, stamp));
    await letOthersRun();
  }
  return { added, duplicates: entries.length - added.length };
}

/** Some 3 ms on a local file: hardly felt by requests in flight. */
const CHUNK_ROWS = 64;

async function addChunk(
  db: Database,
  keyring: Keyring,
  providerId: string,
  entries: readonly ProviderKeyEntry[],
  stamp: Stamp,
): Promise<ProviderKey[]> {
  const keys: ProviderKey[] = [];
  const rows: unknown[] = [];
  for (const { secret, ...wanted } of entries) {
    const key: ProviderKey = {
      isEnabled: true,
      weight: 1,
      priority: 0,
      tags: [],
      metadata: {},
      ...wanted,
      id: stamp.newId(),
      providerId,
      lastFour: secret.lastFour,
      createdAtMs: stamp.nowMs,
    };
    keys.push(key);
    rows.push(rowOf(key, keyring.seal(secret, key.id), keyring.fingerprint(secret)));
  }
  const [result] = await db.write([{ sql: INSERT_KEYS, args: [JSON.stringify(rows)] }]);
  const inserted = new Set(result?.rows.map((row) => text(row, "id")));
  return keys.filter((key) => inserted.has(key.id));
}

/** One JSON argument for all rows: the text stays the same for any number, and no variable limit is met. */
const INSERT_KEYS = `
  INSERT INTO provider_keys (id, provider_id, sealed_secret, fingerprint, last_four, enabled, weight, priority,
    account, max_requests, tags, metadata, created_at_ms)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12
  FROM json_each(?) WHERE true
  ON CONFLICT (provider_id, fingerprint) DO NOTHING
  RETURNING id`;

function rowOf(key: ProviderKey, sealedSecret: string, fingerprint: string): (string | number | null)[] {
  return [
    key.id,
    key.providerId,
    sealedSecret,
    fingerprint,
    key.lastFour,
    key.isEnabled ? 1 : 0,
    key.weight,
    key.priority,
    key.account ?? null,
    key.maxRequests ?? null,
    JSON.stringify(key.tags),
    JSON.stringify(key.metadata),
    key.createdAtMs,
  ];
}
