import { startFront } from "../../src/front/front.ts";
import { isProxyPath } from "../../src/app.ts";
import { SystemTicker } from "../../src/ticker.ts";
import assert from "node:assert/strict";
import { type Listen, type Server, startServer } from "../../src/cli/serve.ts";
import { type Config, readConfig } from "../../src/config.ts";
import { Secret } from "../../src/core/secret.ts";
import type { UsageDimension } from "../../src/core/usage.ts";
import type { SimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { createLog } from "../../src/log.ts";
import { openDatabase } from "../../src/store/database.ts";
import { sumUsage, type UsageSum } from "../../src/store/usage_query.ts";
import { storeCheapPassword } from "./cheap_password.ts";

/** What a caller presents. */
export const CLIENT_KEY = "kt_test_client_key_0001";
export const ADMIN_KEY = "test-admin-password";

/** An answer, read to its end. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `at(json, "error", "code")` and the like read from it; `undefined` for what is no JSON. */
  readonly json: unknown;
}

/** Fields of a provider's form, as the admin API takes them. */
export type ProviderFields = Readonly<Record<string, unknown>>;

/** A whole Keyturn on a loopback port: real stores in a temp folder, real sockets. `await using` ends it. */
export class KeyturnUnderTest {
  readonly config: Config;
  readonly folder: string;
  /** What it has logged, one JSON line each. */
  readonly logged: readonly string[];
  readonly server: Server;
  #isStopped = false;

  constructor(config: Config, folder: string, logged: readonly string[], server: Server) {
    this.config = config;
    this.folder = folder;
    this.logged = logged;
    this.server = server;
  }

  get url(): string {
    return this.server.url;
  }

  /** Calls the admin API; fails the test unless it answers 2xx. */
  async admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const got = await this.call(method, path, body, { "x-admin-key": ADMIN_KEY });
    assert.ok(got.status < 300, `${method} ${path} answered ${got.status} ${got.text}`);
    return got.json;
  }

  /** Enters a provider; gives the ids of its keys in their order. */
  async enter(slug: string, fields: ProviderFields, keys: readonly string[] = []): Promise<string[]> {
    await this.admin("POST", "/admin/providers", { slug, ...fields });
    return keys.length === 0 ? [] : await this.addKeys(slug, keys);
  }

  /** Enters a simulated provider by the preset of its name, with the keys that it knows. */
  enterSimulated(
    preset: "openai" | "anthropic" | "gemini",
    provider: SimulatedProvider,
    fields: ProviderFields = {},
  ): Promise<string[]> {
    const form = { preset, baseUrl: provider.baseUrl, models: provider.models, ...fields };
    const slug = typeof fields.slug === "string" ? fields.slug : preset;
    return this.enter(slug, form, [...provider.served.keys()]);
  }

  async addKeys(slug: string, keys: readonly string[]): Promise<string[]> {
    const answer = await this.admin("POST", `/admin/providers/${slug}/keys`, { keys });
    const ids = at(answer, "keyIds");
    assert.ok(Array.isArray(ids) && ids.length === keys.length, "every key is new and valid");
    return ids.map(String);
  }

  /** Health of a key, as the admin API shows it. */
  async healthOf(slug: string, keyId: string): Promise<unknown> {
    const keys = at(await this.admin("GET", `/admin/providers/${slug}/keys?limit=1000`), "keys");
    assert.ok(Array.isArray(keys));
    return at(keys.find((key) => at(key, "id") === keyId), "health");
  }

  /** A caller's request: a body is sent as JSON (a string as it is), with the client key as bearer. */
  ask(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Got> {
    const method = body === undefined ? "GET" : "POST";
    return this.call(method, path, body, { authorization: `Bearer ${CLIENT_KEY}`, ...headers });
  }

  async call(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Got> {
    const response = await fetch(this.url + path, {
      method,
      redirect: "manual",
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  /** Stops as SIGTERM does; the folder stays until the end. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.server.stop();
  }

  /** What was recorded, added up by these dimensions; after `stop()` nothing is missing. */
  async usage(by: readonly UsageDimension[] = []): Promise<UsageSum[]> {
    const db = await openDatabase({ url: this.config.databaseUrl });
    try {
      return await sumUsage(db, { fromMinute: 0, toMinute: 1e9, by });
    } finally {
      db.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Starts it with nothing in it but a client key; `changes` go over the defaults of the environment. */
export async function startKeyturn(changes: Partial<Config> = {}): Promise<KeyturnUnderTest> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-test-" });
  const config: Config = {
    ...readConfig({
      DATA_DIR: folder,
      PORT: "0",
      LOG_LEVEL: "debug",
      // Nothing but what a test does itself reaches the providers.
      HEALTH_CHECK_INTERVAL_SECONDS: "0",
      MODEL_LIST_HOURS: "0",
      // Where the tests' own upstreams are.
      ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8,::1",
    }),
    clientKeys: [new Secret(CLIENT_KEY)],
    ...changes,
  };
  await storeCheapPassword(config.databaseUrl, ADMIN_KEY);
  const logged: string[] = [];
  const log = createLog(config.logLevel, (line) => void logged.push(line), (text) => text);
  const server = await startServer(config, log, listen);
  return new KeyturnUnderTest(config, folder, logged, server);
}

const listen: Listen = (options, { relay, serve }) => {
  const ticker = new SystemTicker();
  const log = createLog("silent", () => {}, (line) => line);
  const front = startFront({ ...options, relay, isProxyPath, fallback: serve, ticker, log });
  return {
    port: front.port,
    shutdown: () => front.shutdown().finally(() => ticker.close()),
    abort: () => front.abort(),
  };
};

/** The value at a path of names and indices, or `undefined`. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (Array.isArray(found) && typeof step === "number") found = found.at(step);
    else found = isRecord(found) ? found[String(step)] : undefined;
  }
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Waits until the condition holds; fails the test after five seconds. For what happens on the other side of a socket. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !await condition(); tries++) {
    assert.ok(tries < 1000, "it happens within five seconds");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
