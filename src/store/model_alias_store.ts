import type { ModelAlias } from "../core/model_alias.ts";
import { optional, text } from "./columns.ts";
import { type Database, isConflict, type Row } from "./database.ts";
import { StoreError } from "./store_error.ts";

/** All aliases by name. */
export async function listModelAliases(db: Database): Promise<ModelAlias[]> {
  const rows = await db.read("SELECT * FROM model_aliases ORDER BY name");
  return rows.map(aliasOf);
}

export async function findModelAlias(db: Database, name: string): Promise<ModelAlias | undefined> {
  const [row] = await db.read("SELECT * FROM model_aliases WHERE name = ?", [name]);
  return row && aliasOf(row);
}

/** @throws {StoreError} `taken` when there is an alias of that name. */
export async function createModelAlias(db: Database, alias: ModelAlias): Promise<void> {
  try {
    await db.write([{
      sql: "INSERT INTO model_aliases (name, target, context_fallback) VALUES (?, ?, ?)",
      args: [alias.name, alias.target, alias.contextFallback ?? null],
    }]);
  } catch (error) {
    if (isConflict(error)) {
      throw new StoreError("taken", `Cannot create alias: ${alias.name} exists already`, error);
    }
    throw error;
  }
}

/** Replaces what the alias stands for; `false` when it does not exist. */
export async function setModelAlias(db: Database, alias: ModelAlias): Promise<boolean> {
  const [result] = await db.write([{
    sql: "UPDATE model_aliases SET target = ?, context_fallback = ? WHERE name = ?",
    args: [alias.target, alias.contextFallback ?? null, alias.name],
  }]);
  return result !== undefined && result.changedRows > 0;
}

/** `false` when it does not exist. */
export async function deleteModelAlias(db: Database, name: string): Promise<boolean> {
  const [result] = await db.write([{ sql: "DELETE FROM model_aliases WHERE name = ?", args: [name] }]);
  return result !== undefined && result.changedRows > 0;
}

function aliasOf(row: Row): ModelAlias {
  return {
    name: text(row, "name"),
    target: text(row, "target"),
    ...optional(row, "context_fallback", "contextFallback", text),
  };
}
