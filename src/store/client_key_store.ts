import { type ClientKey, type ClientKeyBounds, UNBOUND } from "../core/client_key.ts";
import type { Secret } from "../core/secret.ts";
import { chunksOf } from "./chunks.ts";
import { boundsArgs, type StoredClientKey, storedClientKeyOf } from "./client_key_row.ts";
import { type Database, isConflict } from "./database.ts";
import type { Stamp } from "./stamp.ts";
import { StoreError } from "./store_error.ts";

export type { PreviousHash, StoredClientKey } from "./client_key_row.ts";

/** A client key to be made; what is left out takes its default: enabled, bound to nothing, for ever. */
export interface ClientKeyDraft
  extends Pick<ClientKey, "name" | "expiresAtMs">, Partial<ClientKeyBounds & Pick<ClientKey, "isEnabled">> {
  readonly secret: Secret;
}

export interface ClientKeyPage {
  /** Id of the last client key of the page before; "" for the first page. */
  readonly afterId: string;
  readonly limit: number;
}

/** All client keys, or one page of them, oldest first. */
export async function listClientKeys(
  db: Database,
  { afterId, limit }: ClientKeyPage = { afterId: "", limit: ALL_ROWS },
): Promise<StoredClientKey[]> {
  const rows = await db.read("SELECT * FROM client_keys WHERE id > ? ORDER BY id LIMIT ?", [afterId, limit]);
  return rows.map(storedClientKeyOf);
}

export async function findClientKey(db: Database, id: string): Promise<StoredClientKey | undefined> {
  const [row] = await db.read("SELECT * FROM client_keys WHERE id = ?", [id]);
  return row && storedClientKeyOf(row);
}

/**
 * Stores a client key as the hash that `hash` makes of its secret.
 *
 * @throws {StoreError} `taken` when the very same secret is stored already.
 */
export async function createClientKey(
  db: Database,
  hash: (clientKey: string) => string,
  { secret, ...draft }: ClientKeyDraft,
  stamp: Stamp,
): Promise<StoredClientKey> {
  const clientKey: ClientKey = {
    isEnabled: true,
    ...UNBOUND,
    ...draft,
    id: stamp.newId(),
    lastFour: secret.lastFour,
    createdAtMs: stamp.nowMs,
  };
  const hashed = hash(secret.reveal());
  await keepHashUnique(() =>
    db.write([{
      sql: `INSERT INTO client_keys (id, hash, name, last_four, enabled, expires_at_ms, created_at_ms,
              targets, models, networks, limits)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      args: [
        clientKey.id,
        hashed,
        clientKey.name,
        clientKey.lastFour,
        clientKey.isEnabled ? 1 : 0,
        clientKey.expiresAtMs ?? null,
        clientKey.createdAtMs,
        ...boundsArgs(clientKey),
      ],
    }])
  );
  return { clientKey, hash: hashed };
}

/** Replaces name, expiry, bounds, limits and whether it is enabled; `false` when it does not exist. */
export async function setClientKey(db: Database, clientKey: ClientKey): Promise<boolean> {
  const [result] = await db.write([{
    sql:
      `UPDATE client_keys SET name = ?, enabled = ?, expires_at_ms = ?, targets = ?, models = ?, networks = ?,
            limits = ?
          WHERE id = ?`,
    args: [
      clientKey.name,
      clientKey.isEnabled ? 1 : 0,
      clientKey.expiresAtMs ?? null,
      ...boundsArgs(clientKey),
      clientKey.id,
    ],
  }]);
  return result !== undefined && result.changedRows > 0;
}

/**
 * Gives the client key a new secret. The old one is kept until `graceUntilMs`; without that, nothing of it is.
 * A secret that was still in grace from the rotation before ends now. `undefined` when there is no such key.
 *
 * @throws {StoreError} `taken` when the new secret is stored already.
 */
export async function rotateClientKey(
  db: Database,
  id: string,
  next: { readonly hash: string; readonly lastFour: string; readonly graceUntilMs?: number },
): Promise<StoredClientKey | undefined> {
  const { hash, lastFour, graceUntilMs = null } = next;
  const [result] = await keepHashUnique(() =>
    db.write([{
      // Every right-hand side reads the row as it was before.
      sql:
        `UPDATE client_keys SET previous_hash = CASE WHEN ? IS NULL THEN NULL ELSE hash END, grace_until_ms = ?,
              hash = ?, last_four = ?
            WHERE id = ? RETURNING *`,
      args: [graceUntilMs, graceUntilMs, hash, lastFour, id],
    }])
  );
  const [row] = result?.rows ?? [];
  return row && storedClientKeyOf(row);
}

/** When a client key was used. */
export interface ClientKeyUse {
  readonly id: string;
  readonly lastUsedMs: number;
}

/** Stores when client keys were last used; the later time wins, so that instances may write in any order. */
export async function setLastUsed(db: Database, entries: readonly ClientKeyUse[]): Promise<void> {
  await db.write(
    [...chunksOf(entries, CHUNK_ROWS)].map((chunk) => ({
      sql: `UPDATE client_keys SET last_used_ms = max(coalesce(last_used_ms, 0), used.value ->> 1)
            FROM json_each(?) AS used WHERE client_keys.id = used.value ->> 0`,
      args: [JSON.stringify(chunk.map(({ id, lastUsedMs }) => [id, lastUsedMs]))],
    })),
  );
}

/** `false` when it does not exist. */
export async function deleteClientKey(db: Database, id: string): Promise<boolean> {
  const [result] = await db.write([{ sql: "DELETE FROM client_keys WHERE id = ?", args: [id] }]);
  return result !== undefined && result.changedRows > 0;
}

const CHUNK_ROWS = 500;
/** SQLite: a negative LIMIT is none. */
const ALL_ROWS = -1;

async function keepHashUnique<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isConflict(error)) throw new StoreError("taken", "Cannot store client key: it exists already", error);
    throw error;
  }
}
