import type { Client, Config } from "@libsql/client";
import { patiently } from "./patiently.ts";
import { StoreError } from "./store_error.ts";

export type SqlValue = string | number | bigint | null | ArrayBuffer;
export type Row = Readonly<Record<string, SqlValue>>;

export interface Statement {
  readonly sql: string;
  readonly args?: readonly (string | number | null)[];
}

export interface WriteResult {
  /** What a `RETURNING` clause gave. */
  readonly rows: readonly Row[];
  /** How many rows were changed; 0 for a statement with `RETURNING`. */
  readonly changedRows: number;
}

/** A libSQL database: a local file, or a server (Turso, sqld). */
export interface Database {
  /** One statement that changes nothing. @throws {StoreError} `unavailable`, where the database is the cause. */
  read(sql: string, args?: Statement["args"]): Promise<readonly Row[]>;
  /**
   * All statements in one transaction, after every write that was asked for before. Resolves once committed.
   * @throws {StoreError} `unavailable`, where the database and not a statement is the cause.
   */
  write(statements: readonly Statement[]): Promise<readonly WriteResult[]>;
  /** Waits for the writes under way, then closes. Safe to call twice. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `file:path`, or `libsql:`, `https:`, `http:`, `wss:`, `ws:` for a server. */
  readonly url: string;
  readonly authToken?: string;
  /** How long a local write waits, and the event loop with it, while another process writes; 10 unless told. */
  readonly busyTimeoutMs?: number;
  /** How long it is tried again after that, without holding anything up; 5000 unless told. */
  readonly patienceMs?: number;
}

/**
 * Opens the database and checks that it can be written.
 *
 * @throws {StoreError} `bad_url`, `unavailable` or `not_a_database`, with a line for the operator.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const connector = connectorFor(options);
  const { patienceMs = 5000 } = options;
  const client = await patiently(patienceMs, connector.connect, isSpoilt);
  return new LibsqlDatabase(client, connector, patienceMs);
}

/** Whether the error is a violated `UNIQUE` or primary key. */
export function isConflict(error: unknown): boolean {
  // A server does not send the extended code, so the text tells which constraint it was.
  return codeOf(error) === "SQLITE_CONSTRAINT" && String(error).includes("UNIQUE constraint failed");
}

interface Connector {
  readonly connect: () => Promise<Client>;
  readonly beforeClose: (client: Client) => Promise<void>;
}

/**
 * With @libsql/client 0.18.0 a local connection that met `SQLITE_BUSY` is spoilt: its statement stays in
 * progress, so later writes report success and are never committed. Such a client is thrown away.
 */
class LibsqlDatabase implements Database {
  readonly #connect: Connector["connect"];
  readonly #beforeClose: Connector["beforeClose"];
  readonly #patienceMs: number;
  #client: Client;
  #reopening: Promise<void> | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(client: Client, { connect, beforeClose }: Connector, patienceMs: number) {
    this.#client = client;
    this.#connect = connect;
    this.#beforeClose = beforeClose;
    this.#patienceMs = patienceMs;
  }

  async read(sql: string, args: Statement["args"] = []): Promise<readonly Row[]> {
    const result = await this.#attempt((client) => client.execute({ sql, args: [...args] }));
    return result.rows;
  }

  write(statements: readonly Statement[]): Promise<readonly WriteResult[]> {
    if (statements.length === 0) return Promise.resolve([]);
    const batch = statements.map(({ sql, args = [] }) => ({ sql, args: [...args] }));
    const written = this.#lastWrite.then(() => this.#attempt((client) => client.batch(batch, "write")));
    // The queue goes on after a failure; the failure itself belongs to whoever asked for the write.
    this.#lastWrite = written.catch(() => undefined);
    return written.then((results) =>
      results.map(({ rows, rowsAffected }) => ({ rows, changedRows: rowsAffected }))
    );
  }

  async close(): Promise<void> {
    await this.#lastWrite;
    await this.#reopening;
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#beforeClose(this.#client);
    this.#client.close();
  }

  /** A busy batch was rolled back whole, so that it may be tried again. */
  #attempt<T>(act: (client: Client) => Promise<T>): Promise<T> {
    const tryOnce = async () => {
      const client = this.#client;
      try {
        return await act(client);
      } catch (error) {
        if (isSpoilt(error) && !this.#isClosed) await this.#replace(client);
        throw error;
      }
    };
    return patiently(this.#patienceMs, tryOnce, (error) => isSpoilt(error) && !this.#isClosed);
  }

  async #replace(spoilt: Client): Promise<void> {
    if (this.#client !== spoilt) return;
    this.#reopening ??= this.#reopen(spoilt);
    await this.#reopening;
  }

  async #reopen(spoilt: Client): Promise<void> {
    try {
      spoilt.close();
      this.#client = await this.#connect();
    } finally {
      this.#reopening = undefined;
    }
  }
}

/** Busy, or closed by us while a read was on its way to it. */
function isSpoilt(error: unknown): boolean {
  const code = codeOf(error);
  return code === "SQLITE_BUSY" || code === "CLIENT_CLOSED";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

const SERVER_SCHEMES = ["libsql:", "https:", "http:", "wss:", "ws:"];

function connectorFor(options: DatabaseOptions): Connector {
  const scheme = /^[a-z]+:/i.exec(options.url)?.[0].toLowerCase();
  if (scheme === "file:" && !options.url.includes(":memory:")) {
    return { connect: () => connectFile(options), beforeClose: moveLogIntoFile };
  }
  if (scheme !== undefined && SERVER_SCHEMES.includes(scheme)) {
    return { connect: () => connectServer(options), beforeClose: () => Promise.resolve() };
  }
  const known = ["file:", ...SERVER_SCHEMES].join(" ");
  throw new StoreError("bad_url", `Cannot open database: its URL must begin with one of ${known}`);
}

async function connectFile({ url, busyTimeoutMs = 10 }: DatabaseOptions): Promise<Client> {
  // Only here is the native addon loaded: a program that uses a server runs without --allow-ffi.
  const { createClient } = await import("@libsql/client");
  let client: Client | undefined;
  try {
    client = createClient({ url, timeout: busyTimeoutMs, concurrency: 1 });
    await client.execute("PRAGMA journal_mode = wal");
    await client.execute("PRAGMA synchronous = normal");
    await client.execute("PRAGMA foreign_keys = on");
    // An empty write transaction tells a read-only file or folder apart from a good one.
    await client.batch([], "write");
    return client;
  } catch (error) {
    client?.close();
    throw openError(url, error);
  }
}

/**
 * Moves the write-ahead log into the database file. SQLite does it when the last connection closes, but this client
 * only closes its own when it is collected; so the file alone would be an old copy.
 */
async function moveLogIntoFile(client: Client): Promise<void> {
  try {
    await client.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // The log stays, and the next start reads it.
  }
}

async function connectServer({ url, authToken }: DatabaseOptions): Promise<Client> {
  const { createClient } = await import("@libsql/client/web");
  const config: Config = authToken === undefined ? { url } : { url, authToken };
  let client: Client | undefined;
  try {
    client = createClient(config);
    await client.execute("SELECT 1");
    return client;
  } catch (error) {
    client?.close();
    throw openError(url, error);
  }
}

function openError(url: string, error: unknown): unknown {
  // Credentials may stand in a server's URL: before the @, or as a parameter.
  const shown = url.replace(/\/\/[^/]*@/, "//").replace(/\?.*/, "");
  const code = codeOf(error);
  if (code === "SQLITE_BUSY") return error;
  if (code === "SQLITE_NOTADB") {
    return new StoreError(
      "not_a_database",
      `Cannot open database ${shown}: the file is not a database`,
      error,
    );
  }
  if (code === "URL_INVALID" || code === "URL_SCHEME_NOT_SUPPORTED" || code === "URL_PARAM_NOT_SUPPORTED") {
    // Without its cause, which repeats the URL whole.
    return new StoreError("bad_url", `Cannot open database ${shown}: the URL is not valid`);
  }
  if (code === "SQLITE_CORRUPT") {
    const state = "the file is damaged; put a backup in its place";
    return new StoreError("unavailable", `Cannot open database ${shown}: ${state}`, error);
  }
  const state = url.startsWith("file:")
    ? "its folder must exist, and folder and file must be writable"
    : "the server does not answer, or refuses the token";
  return new StoreError("unavailable", `Cannot open database ${shown}: ${state}`, error);
}
