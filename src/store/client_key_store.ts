import type { ClientKey } from "../core/client_key.ts";
import type { Secret } from "../core/secret.ts";
import { flag, integer, optional, text } from "./columns.ts";
import { type Database, isConflict, type Row } from "./database.ts";
import type { Stamp } from "./stamp.ts";
import { StoreError } from "./store_error.ts";

/** A client key with the hash it is looked up by (client_key_hash.ts). */
export interface StoredClientKey {
  readonly clientKey: ClientKey;
  readonly hash: string;
}

/** All client keys, oldest first. */
export async function listClientKeys(db: Database): Promise<StoredClientKey[]> {
  const rows = await db.read("SELECT * FROM client_keys ORDER BY id");
  return rows.map(storedOf);
}

export async function findClientKey(db: Database, id: string): Promise<StoredClientKey | undefined> {
  const [row] = await db.read("SELECT * FROM client_keys WHERE id = ?", [id]);
  return row && storedOf(row);
}

/**
 * Stores a client key as the hash that `hash` makes of its secret.
 *
 * @throws {StoreError} `taken` when the very same secret is stored already.
 */
export async function createClientKey(
  db: Database,
  hash: (clientKey: string) => string,
  draft: Pick<ClientKey, "name" | "expiresAtMs"> & { readonly secret: Secret },
  stamp: Stamp,
): Promise<StoredClientKey> {
  const { secret, ...named } = draft;
  const clientKey: ClientKey = {
    ...named,
    id: stamp.newId(),
    lastFour: secret.lastFour,
    isEnabled: true,
    createdAtMs: stamp.nowMs,
  };
  const hashed = hash(secret.reveal());
  try {
    await db.write([{
      sql: `INSERT INTO client_keys (id, hash, name, last_four, enabled, expires_at_ms, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)`,
      args: [
        clientKey.id,
        hashed,
        clientKey.name,
        clientKey.lastFour,
        1,
        clientKey.expiresAtMs ?? null,
        clientKey.createdAtMs,
      ],
    }]);
  } catch (error) {
    if (isConflict(error)) {
      throw new StoreError("taken", "Cannot create client key: it exists already", error);
    }
    throw error;
  }
  return { clientKey, hash: hashed };
}

/** Replaces name, expiry and whether it is enabled; `false` when it does not exist. */
export async function setClientKey(db: Database, clientKey: ClientKey): Promise<boolean> {
  const [result] = await db.write([{
    sql: "UPDATE client_keys SET name = ?, enabled = ?, expires_at_ms = ? WHERE id = ?",
    args: [clientKey.name, clientKey.isEnabled ? 1 : 0, clientKey.expiresAtMs ?? null, clientKey.id],
  }]);
  return result !== undefined && result.changedRows > 0;
}

/** Stores another hash of the same client key, after the master key has changed; `false` when it is gone. */
export async function setClientKeyHash(db: Database, id: string, hash: string): Promise<boolean> {
  const [result] = await db.write([{
    sql: "UPDATE client_keys SET hash = ? WHERE id = ?",
    args: [hash, id],
  }]);
  return result !== undefined && result.changedRows > 0;
}

/** `false` when it does not exist. */
export async function deleteClientKey(db: Database, id: string): Promise<boolean> {
  const [result] = await db.write([{ sql: "DELETE FROM client_keys WHERE id = ?", args: [id] }]);
  return result !== undefined && result.changedRows > 0;
}

function storedOf(row: Row): StoredClientKey {
  const clientKey = {
    id: text(row, "id"),
    name: text(row, "name"),
    lastFour: text(row, "last_four"),
    isEnabled: flag(row, "enabled"),
    ...optional(row, "expires_at_ms", "expiresAtMs", integer),
    createdAtMs: integer(row, "created_at_ms"),
  };
  return { clientKey, hash: text(row, "hash") };
}
