import type { ProviderKey } from "../core/provider_key.ts";
import { chunksOf, letOthersRun } from "./chunks.ts";
import { integer, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import { PROVIDER_KEY_COLUMNS, providerKeyOf } from "./provider_key_row.ts";

/** A provider key with its secret as it is stored: `keyring.open(sealedSecret, key.id)` gives it back. */
export interface StoredProviderKey {
  readonly key: ProviderKey;
  readonly sealedSecret: string;
}

export interface KeyPage {
  readonly providerId?: string;
  /** Id of the last key of the page before; none for the first page. */
  readonly afterId?: string;
  readonly limit: number;
}

/** One page of keys, oldest first. */
export async function listProviderKeys(db: Database, page: KeyPage): Promise<ProviderKey[]> {
  const rows = await readPage(db, page);
  return rows.map(providerKeyOf);
}

/** Every key of the providers, or of one, with its sealed secret: for filling the pools at start. */
export async function loadProviderKeys(db: Database, providerId?: string): Promise<StoredProviderKey[]> {
  const loaded: StoredProviderKey[] = [];
  const only = providerId === undefined ? {} : { providerId };
  for (let afterId = "";;) {
    const rows = await readPage(db, { ...only, afterId, limit: LOAD_PAGE_ROWS });
    for (const row of rows) {
      loaded.push({ key: providerKeyOf(row), sealedSecret: text(row, "sealed_secret") });
    }
    if (rows.length < LOAD_PAGE_ROWS) return loaded;
    afterId = loaded.at(-1)?.key.id ?? "";
  }
}

export async function findProviderKey(db: Database, id: string): Promise<StoredProviderKey | undefined> {
  const [row] = await db.read(
    `SELECT ${PROVIDER_KEY_COLUMNS}, sealed_secret FROM provider_keys WHERE id = ?`,
    [id],
  );
  return row && { key: providerKeyOf(row), sealedSecret: text(row, "sealed_secret") };
}

/** Those of these keys that exist, one row read each. */
export async function findProviderKeys(db: Database, ids: readonly string[]): Promise<StoredProviderKey[]> {
  const found: StoredProviderKey[] = [];
  for (const chunk of chunksOf(ids, READ_CHUNK_ROWS)) {
    const rows = await db.read(
      `SELECT ${PROVIDER_KEY_COLUMNS}, sealed_secret FROM provider_keys
       WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
      [JSON.stringify(chunk)],
    );
    for (const row of rows) {
      found.push({ key: providerKeyOf(row), sealedSecret: text(row, "sealed_secret") });
    }
    if (chunk.length === READ_CHUNK_ROWS) await letOthersRun();
  }
  return found;
}

/** Number of keys by provider id; providers without keys are not in it. */
export async function countProviderKeys(db: Database): Promise<Map<string, number>> {
  const rows = await db.read("SELECT provider_id, count(*) AS keys FROM provider_keys GROUP BY provider_id");
  return new Map(rows.map((row) => [text(row, "provider_id"), integer(row, "keys")]));
}

/** Replaces all that an operator may change of a key; its secret stays. `false` when it does not exist. */
export async function setProviderKey(db: Database, key: ProviderKey): Promise<boolean> {
  const [result] = await db.write([{
    sql:
      `UPDATE provider_keys SET enabled = ?, weight = ?, priority = ?, account = ?, max_requests = ?, tags = ?,
            metadata = ? WHERE id = ?`,
    args: [
      key.isEnabled ? 1 : 0,
      key.weight,
      key.priority,
      key.account ?? null,
      key.maxRequests ?? null,
      JSON.stringify(key.tags),
      JSON.stringify(key.metadata),
      key.id,
    ],
  }]);
  return result !== undefined && result.changedRows > 0;
}

/** Puts a secret sealed anew in the place of `sealedSecret`; `false` when the row has changed meanwhile. */
export async function setSealedSecret(
  db: Database,
  id: string,
  sealedSecret: string,
  renewed: { readonly sealedSecret: string; readonly fingerprint: string },
): Promise<boolean> {
  const [result] = await db.write([{
    sql: "UPDATE provider_keys SET sealed_secret = ?, fingerprint = ? WHERE id = ? AND sealed_secret = ?",
    args: [renewed.sealedSecret, renewed.fingerprint, id, sealedSecret],
  }]);
  return result !== undefined && result.changedRows > 0;
}

/** Whether the provider has a key of this fingerprint (`keyring.fingerprint(secret)`), and which. */
export async function findProviderKeyId(
  db: Database,
  providerId: string,
  fingerprint: string,
): Promise<string | undefined> {
  const [row] = await db.read("SELECT id FROM provider_keys WHERE provider_id = ? AND fingerprint = ?", [
    providerId,
    fingerprint,
  ]);
  return row && text(row, "id");
}

/** Large enough that a start with 100,000 keys takes few round trips to a server. */
const LOAD_PAGE_ROWS = 5000;
const READ_CHUNK_ROWS = 500;

function readPage(db: Database, { providerId, afterId = "", limit }: KeyPage): Promise<readonly Row[]> {
  const columns = `${PROVIDER_KEY_COLUMNS}, sealed_secret`;
  return providerId === undefined
    ? db.read(`SELECT ${columns} FROM provider_keys WHERE id > ? ORDER BY id LIMIT ?`, [afterId, limit])
    : db.read(`SELECT ${columns} FROM provider_keys WHERE provider_id = ? AND id > ? ORDER BY id LIMIT ?`, [
      providerId,
      afterId,
      limit,
    ]);
}
