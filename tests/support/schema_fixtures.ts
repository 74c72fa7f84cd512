import type { Database } from "../../src/store/database.ts";

/** One file a version of the schema, `3.sql`, written by .ci/write_schema_fixtures.ts. */
export const SCHEMA_FIXTURES = new URL("../fixtures/schemas/", import.meta.url);

/** Makes an empty database what that version had left, rows included. */
export async function loadSchemaFixture(db: Database, version: number): Promise<void> {
  await runScript(db, await Deno.readTextFile(new URL(`${version}.sql`, SCHEMA_FIXTURES)));
}

/** Runs statements that each begin on a line of their own, in capitals, and end with a semicolon. */
export async function runScript(db: Database, text: string): Promise<void> {
  const statements = text.split(/;\n(?=[A-Z]|\s*$)/).map((sql) => sql.trim()).filter((sql) => sql !== "");
  await db.write(statements.map((sql) => ({ sql })));
}
