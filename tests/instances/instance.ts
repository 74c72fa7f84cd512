import assert from "node:assert/strict";
import { at, textAt } from "../support/admin_under_test.ts";

export const ADMIN_KEY = "test-admin-password";
export const CLIENT_KEY = "kt_test_client_key_0001";

const MODEL = "gpt-4o";
const ROOT = `${import.meta.dirname}/../..`;

/** One process of the program, as an operator starts it; `kill()` ends it as a power cut does. */
export class Instance {
  readonly url: string;
  readonly #process: Deno.ChildProcess;
  readonly #draining: Promise<void>;
  #isEnded = false;

  constructor(url: string, process: Deno.ChildProcess, draining: Promise<void>) {
    this.url = url;
    this.#process = process;
    this.#draining = draining;
  }

  /** A caller's chat with a provider; gives the status. The answer is read to its end. */
  async chat(slug: string, clientKey = CLIENT_KEY): Promise<number> {
    const response = await fetch(`${this.url}/llm/${slug}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${clientKey}` },
      body: JSON.stringify({ model: MODEL, messages: [{ role: "user", content: "hello" }] }),
    });
    await response.text();
    return response.status;
  }

  /** Calls the admin API; fails the test unless it answers 2xx. */
  async admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, json } = await this.tryAdmin(method, path, body);
    assert.ok(status < 300, `${method} ${path} answered ${status} ${JSON.stringify(json)}`);
    return json;
  }

  async tryAdmin(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        "x-admin-key": ADMIN_KEY,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const json: unknown = await response.json();
    return { status: response.status, json };
  }

  /** A provider's keys by id: whether each rests, for all or for a model. */
  async restingKeys(slug: string): Promise<Map<string, boolean>> {
    const keys = at(await this.admin("GET", `/admin/providers/${slug}/keys?limit=1000`), "keys");
    assert.ok(Array.isArray(keys));
    // A key that is stored and not yet in this instance's pool has no health.
    const pooled = keys.filter((key) => at(key, "health", "state") !== undefined);
    return new Map(pooled.map((key) => {
      const isResting = at(key, "health", "state") !== "ready" ||
        at(key, "health", "models", MODEL) !== undefined;
      return [textAt(key, "id"), isResting];
    }));
  }

  /** Ends it with SIGTERM, or with SIGKILL when it is not to know. Safe to call twice. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#process.kill(signal);
    await this.#process.status;
    await this.#draining;
  }
}

/** Starts the program with this environment and no other, and waits until it listens. */
export async function startInstance(
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Instance> {
  await Deno.mkdir(folder, { recursive: true });
  const inherited = ["PATH", "HOME", "DENO_DIR", "TMPDIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--config", `${ROOT}/deno.json`, "--no-check", "--allow-all", `${ROOT}/main.ts`, "serve"],
    // Where there is no `.env`.
    cwd: folder,
    clearEnv: true,
    env: {
      ...Object.fromEntries(inherited),
      DATA_DIR: folder,
      HOST: "127.0.0.1",
      PORT: "0",
      LOG_LEVEL: "error",
      GLOBAL_PROXY_KEYS: CLIENT_KEY,
      ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8",
      ...env,
    },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  for (;;) {
    const { done, value = "" } = await lines.read();
    printed += value;
    const url = /listens on (\S+)/.exec(printed)?.[1];
    if (url !== undefined) return new Instance(url, process, drain(lines));
    if (done) throw new Error(`Cannot start an instance: it ended after printing ${printed}`);
  }
}

/** Reads on, so that nobody blocks on a full pipe; what it logs then is an error, and shown. */
async function drain(lines: ReadableStreamDefaultReader<string>): Promise<void> {
  for (;;) {
    const { done, value = "" } = await lines.read();
    if (done) return;
    if (value.includes('"level":"error"')) await Deno.stderr.write(new TextEncoder().encode(value));
  }
}
