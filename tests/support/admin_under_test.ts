import assert from "node:assert/strict";
import { type Config, readConfig } from "../../src/config.ts";
import { type Keyturn, openKeyturn } from "../../src/keyturn.ts";
import { createLog } from "../../src/log.ts";
import { storeCheapPassword } from "./cheap_password.ts";

export const ADMIN_KEY = "test-admin-password";

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `undefined` for what is no JSON. */
  readonly json: unknown;
}

/** A Keyturn without a port: real stores in a temp folder, called in-process. `await using` ends it. */
export class AdminUnderTest {
  readonly config: Config;
  readonly folder: string;
  readonly logged: string[] = [];
  #keyturn: Keyturn | undefined;

  constructor(config: Config, folder: string) {
    this.config = config;
    this.folder = folder;
  }

  get keyturn(): Keyturn {
    assert.ok(this.#keyturn !== undefined, "Keyturn is open");
    return this.#keyturn;
  }

  async open(changes: Partial<Config> = {}): Promise<void> {
    const log = createLog("debug", (line) => void this.logged.push(line), (text) => text);
    this.#keyturn = await openKeyturn({ ...this.config, ...changes }, log);
  }

  async close(): Promise<void> {
    await this.#keyturn?.close();
    this.#keyturn = undefined;
  }

  /** As a restart: what follows is read from the stores. */
  async reopen(changes: Partial<Config> = {}): Promise<void> {
    await this.close();
    await this.open(changes);
  }

  /** A request of the owner; a body is sent as JSON, a string as it is. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.send(method, path, body, { "x-admin-key": ADMIN_KEY, ...headers });
  }

  /** A request with no more headers than these, and a content type where there is a body. */
  async send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const response = await this.keyturn.serve(
      new Request(`http://keyturn.test${path}`, {
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  /** A request that must be answered 2xx; gives its JSON. */
  async done(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.call(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path} answered ${answer.status} ${answer.text}`);
    return answer.json;
  }

  /** All that can be seen of the state, to hold two moments against each other. */
  async snapshot(): Promise<unknown> {
    const paths = ["/admin/providers", "/admin/status", "/admin/client-keys"];
    return await Promise.all(paths.map((path) => this.done("GET", path)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** No provider is there to be asked; those that are entered may be anywhere. */
const WITHOUT_UPKEEP = {
  HEALTH_CHECK_INTERVAL_SECONDS: "0",
  MODEL_LIST_HOURS: "0",
  ALLOW_PRIVATE_NETWORKS: "true",
};

/** Starts one with nothing in it; `changes` go over the defaults of the environment. */
export async function startAdmin(changes: Partial<Config> = {}): Promise<AdminUnderTest> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-admin-" });
  const admin = new AdminUnderTest(
    { ...readConfig({ DATA_DIR: folder, ...WITHOUT_UPKEEP }), ...changes },
    folder,
  );
  try {
    await storeCheapPassword(admin.config.databaseUrl, ADMIN_KEY);
    await admin.open();
    return admin;
  } catch (error) {
    await admin[Symbol.asyncDispose]();
    throw error;
  }
}

/** The value at a path of names and indices, or `undefined`. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce((found: unknown, step) => {
    if (Array.isArray(found)) return typeof step === "number" ? found.at(step) : undefined;
    return isRecord(found) ? found[String(step)] : undefined;
  }, value);
}

/** The text at a path; fails the test when there is none. */
export function textAt(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  assert.ok(typeof found === "string", `there is a text at ${path.join(".")}`);
  return found;
}

/** The list at a path; fails the test when there is none. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  assert.ok(Array.isArray(found), `there is a list at ${path.join(".")}`);
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
