import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { at, parsed, until } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH } from "./asks.ts";

const ADMIN_KEY = "restart-admin-key";
const CLIENT_KEY = "kt_restart_client_key";
const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const ASK_HEADERS = { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" };

/** The program itself, as an operator starts it, on a free port. */
async function startProgram(folder: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", MAIN, "serve"],
    cwd: folder,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: Deno.env.get("HOME") ?? "",
      ...(Deno.env.has("DENO_DIR") && { DENO_DIR: Deno.env.get("DENO_DIR") ?? "" }),
      DATA_DIR: `${folder}/data`,
      PORT: "0",
      ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8",
      ADMIN_PASSWORD: ADMIN_KEY,
      GLOBAL_PROXY_KEYS: CLIENT_KEY,
    },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/listens on \S+\n/.test(said)) {
    const { value, done } = await reader.read();
    assert.ok(!done, `it starts: ${said}`);
    said += value;
  }
  const url = /listens on (\S+)/.exec(said)?.[1] ?? "";
  return {
    url,
    /** Sends the signal and waits for the end; gives the exit code. */
    async end(signal: "SIGKILL" | "SIGTERM"): Promise<number> {
      child.kill(signal);
      while (!(await reader.read()).done) { /* to its end */ }
      return (await child.status).code;
    },
  };
}

async function admin(url: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: { "x-admin-key": ADMIN_KEY, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path} answered ${response.status} ${text}`);
  return parsed(text);
}

async function ask(url: string): Promise<number> {
  const response = await fetch(url + CHAT_PATH, {
    method: "POST",
    headers: ASK_HEADERS,
    body: JSON.stringify(chat()),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("kill -9 under load loses no key, no acknowledged write and no cooldown", async () => {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-restart-" });
  const good = Array.from(
    { length: 5 },
    (_, index) => ({ secret: `good-key-000${index}`, behaviour: "ok" as const }),
  );
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [
      { secret: "limited-key-0001", behaviour: { limitedPerDay: 1 } },
      { secret: "revoked-key-0001", behaviour: "revoked" },
      ...good,
    ],
  });
  const addedKey = (index: number) => `added-key-${String(index).padStart(4, "0")}`;
  for (let index = 0; index < 2000; index++) provider.setKey(addedKey(index), "ok");
  const first = await startProgram(folder);
  await admin(first.url, "POST", "/admin/providers", { preset: "openai", baseUrl: provider.baseUrl });
  const keys = ["limited-key-0001", "revoked-key-0001", ...good.map(({ secret }) => secret)];
  await admin(first.url, "POST", "/admin/providers/openai/keys", { keys });
  for (let count = 0; count < 20; count++) assert.equal(await ask(first.url), 200);
  // Health is written a quarter of a second after it changed.
  await new Promise((resolve) => setTimeout(resolve, 600));

  const acknowledged: string[] = [];
  let isKilled = false;
  const callers = Array.from({ length: 8 }, async () => {
    while (!isKilled) await ask(first.url).catch(() => {});
  });
  const writer = (async () => {
    for (let index = 0; !isKilled; index++) {
      const key = { provider: "openai", apiKey: addedKey(index) };
      const added = await admin(first.url, "POST", "/admin/keys", key).catch(() => undefined);
      const id = at(added, "keyId");
      if (typeof id === "string") acknowledged.push(id);
    }
  })();
  await until(() => acknowledged.length >= 20);
  await first.end("SIGKILL");
  isKilled = true;
  await Promise.all([...callers, writer]);
  const revokedBefore = provider.served.get("revoked-key-0001")?.requests;
  const limitedBefore = provider.served.get("limited-key-0001")?.requests;

  const second = await startProgram(folder);
  const listed = at(await admin(second.url, "GET", "/admin/providers/openai/keys?limit=1000"), "keys");
  assert.ok(Array.isArray(listed));
  const ids = new Set(listed.map((key) => at(key, "id")));
  for (let count = 0; count < 10; count++) assert.equal(await ask(second.url), 200);
  const code = await second.end("SIGTERM");
  await provider.close();
  await Deno.remove(folder, { recursive: true });

  for (const id of acknowledged) assert.ok(ids.has(id), "an acknowledged key is there");
  assert.ok(listed.length >= keys.length + acknowledged.length);
  assert.equal(provider.served.get("revoked-key-0001")?.requests, revokedBefore);
  assert.equal(provider.served.get("limited-key-0001")?.requests, limitedBefore);
  assert.equal(code, 0);
});

Deno.test("SIGTERM lets a running stream end, takes no new request, and exits with 0", async () => {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-drain-" });
  const keys = [{ secret: "good-key-0001", behaviour: "ok" }] as const;
  const provider = startSimulatedProvider({ dialect: "openai", keys, chunkDelayMs: 10 });
  const program = await startProgram(folder);
  await admin(program.url, "POST", "/admin/providers", { preset: "openai", baseUrl: provider.baseUrl });
  await admin(program.url, "POST", "/admin/keys", { provider: "openai", apiKey: "good-key-0001" });

  const response = await fetch(program.url + CHAT_PATH, {
    method: "POST",
    headers: ASK_HEADERS,
    body: JSON.stringify(chat("say 60 words", { stream: true })),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? "";
  const ended = program.end("SIGTERM");
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
  const code = await ended;
  await provider.close();
  await Deno.remove(folder, { recursive: true });

  assert.equal(code, 0);
  assert.match(text, /word60/);
  assert.match(text, /data: \[DONE\]\n\n$/);
});
