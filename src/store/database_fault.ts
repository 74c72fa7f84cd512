import { StoreError } from "./store_error.ts";

/**
 * What a statement failed for, when the cause is the database and not the statement: a `StoreError` that says in one
 * line what an operator can do. Everything else comes back as it is. Codes: sqlite.org/rescode.html; those of the
 * client for servers: `SERVER_ERROR`, `HRANA_…`, and the `TypeError` of a `fetch` that reached nobody.
 */
export function explainFault(error: unknown): unknown {
  const state = stateOf(error);
  return state === undefined
    ? error
    : new StoreError("unavailable", `Cannot use the database: ${state}`, error);
}

function stateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  if (code === "SQLITE_FULL") return "its disk is full";
  if (code.startsWith("SQLITE_READONLY")) return "its file or folder is read-only";
  if (code.startsWith("SQLITE_BUSY")) return "another program has locked it";
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") {
    return "its file is damaged; put a backup in its place";
  }
  if (code.startsWith("SQLITE_IOERR") || code === "SQLITE_CANTOPEN") return "its disk or folder fails";
  const isUnreached = error instanceof TypeError && /fetch|sending request/.test(error.message);
  if (isUnreached || code === "SERVER_ERROR" || code.startsWith("HRANA_")) {
    return "its server does not answer";
  }
  return undefined;
}
