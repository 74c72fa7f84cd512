import { text } from "./columns.ts";
import type { Database } from "./database.ts";

/** Every setting that was ever set, by name. Values are text; what they mean is their reader's business. */
export async function listSettings(db: Database): Promise<Map<string, string>> {
  const rows = await db.read("SELECT name, value FROM settings ORDER BY name");
  return new Map(rows.map((row) => [text(row, "name"), text(row, "value")]));
}

export async function findSetting(db: Database, name: string): Promise<string | undefined> {
  const [row] = await db.read("SELECT value FROM settings WHERE name = ?", [name]);
  return row && text(row, "value");
}

/** Sets all of them or none. */
export async function setSettings(db: Database, settings: Readonly<Record<string, string>>): Promise<void> {
  await db.write(
    Object.entries(settings).map(([name, value]) => ({
      sql:
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      args: [name, value],
    })),
  );
}

/** Sets it unless it is set; returns the value that stands, so that several instances agree on the first one. */
export async function createSetting(db: Database, name: string, value: string): Promise<string> {
  const [, found] = await db.write([
    {
      sql: "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
      args: [name, value],
    },
    // In the same transaction: a read of its own may be answered by a replica that lags behind.
    { sql: "SELECT value FROM settings WHERE name = ?", args: [name] },
  ]);
  const row = found?.rows[0];
  return row === undefined ? value : text(row, "value");
}

/** Sets it if it still has the value `expected`; `false` when somebody else has set it meanwhile. */
export async function replaceSetting(
  db: Database,
  name: string,
  expected: string,
  value: string,
): Promise<boolean> {
  const [result] = await db.write([{
    sql: "UPDATE settings SET value = ? WHERE name = ? AND value = ?",
    args: [value, name, expected],
  }]);
  return (result?.changedRows ?? 0) > 0;
}

export async function deleteSetting(db: Database, name: string): Promise<void> {
  await db.write([{ sql: "DELETE FROM settings WHERE name = ?", args: [name] }]);
}
