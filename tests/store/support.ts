import { createSecretKey } from "node:crypto";
import { createIdSource } from "../../src/core/id.ts";
import type { ProviderPolicy } from "../../src/core/provider.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import { deleteKeysFor } from "../../src/store/deleted_key_store.ts";
import { createKeyChange } from "../../src/store/key_change_store.ts";
import { createKeyring, type Keyring } from "../../src/store/keyring.ts";
import { migrate } from "../../src/store/migrations.ts";
import { createProvider, type ProviderDraft } from "../../src/store/provider_store.ts";
import type { Stamp } from "../../src/store/stamp.ts";

export const NOW_MS = 1_800_000_000_000;

export const DEFAULTS: ProviderPolicy = {
  connectTimeoutMs: 5_000,
  firstByteTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  deadlineMs: 120_000,
  maxAttempts: 3,
  maxWaitMs: 0,
  cooldownBaseMs: 1_000,
  cooldownCapMs: 60_000,
  maxConsecutiveFailures: 3,
  repeat: "safe",
  onClientGone: "abort",
  allowPrivateNetwork: false,
  allowPlainHttp: false,
};

export const DRAFT: ProviderDraft = {
  slug: "openai",
  name: "OpenAI",
  dialect: "openai",
  vendor: "openai",
  baseUrl: "https://api.openai.com/v1",
  credential: { kind: "bearer" },
  headers: [["x-team", "blue"]],
  strategy: "round_robin",
  isEnabled: true,
  priority: 10,
  models: ["gpt-5"],
  modelMap: { "gpt-5-latest": "gpt-5" },
  prices: {
    "gpt-5": {
      inputNanoPerMillion: 1_250_000_000,
      outputNanoPerMillion: 10_000_000_000,
      cachedNanoPerMillion: 125_000_000,
      longPrompt: { inputNanoPerMillion: 1, outputNanoPerMillion: 2, aboveInputTokens: 200_000 },
    },
    "*": { inputNanoPerMillion: 0, outputNanoPerMillion: 0 },
  },
  policy: DEFAULTS,
  allowedMethods: [],
  translate: "native",
};

/** Rows made at `NOW_MS`, with increasing ids. */
export function testStamp(): Stamp {
  const newId = createIdSource(
    () => NOW_MS,
    (bytes) => void crypto.getRandomValues(new Uint8Array(bytes.buffer)),
  );
  return { newId, nowMs: NOW_MS };
}

export function testKeyring(): Keyring {
  return createKeyring(createSecretKey(crypto.getRandomValues(new Uint8Array(32))));
}

/** A folder of its own for one test, gone afterwards. */
export async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-store-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A fresh database with the newest schema. */
export async function withDatabase(test: (db: Database) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const db = await openDatabase({ url: fileUrl(`${folder}/test.db`) });
    try {
      await migrate(db);
      await test(db);
    } finally {
      await db.close();
    }
  });
}

/** Deletes provider keys as the dashboard does; gives how many there were. */
export async function deleteProviderKeys(db: Database, ids: readonly string[]): Promise<number> {
  const count = { total: ids.length, done: ids.length, changed: ids.length };
  const times = { createdAtMs: NOW_MS, updatedAtMs: NOW_MS };
  const what = {
    id: crypto.randomUUID(),
    action: "delete",
    actor: "Ann",
    detail: {},
    state: "done",
  } as const;
  await createKeyChange(db, { ...what, ...count, ...times });
  return await deleteKeysFor(db, { ...what, ...count, ...times }, ids);
}

/** A fresh database with one provider; gives its id. */
export async function withProvider(test: (db: Database, providerId: string) => Promise<void>): Promise<void> {
  await withDatabase(async (db) => {
    const provider = await createProvider(db, DRAFT, DEFAULTS, testStamp());
    await test(db, provider.id);
  });
}

/** Starts a program of this folder; its first line of output says that it is ready. */
export function startProgram(file: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--unstable-kv", `${import.meta.dirname}/${file}`, ...args],
    cwd: `${import.meta.dirname}/../..`,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Lines of output until `isEnough` holds, or the output ends; then the program is killed (SIGKILL). */
export async function readUntilKilled(
  program: Deno.ChildProcess,
  isEnough: (lines: readonly string[]) => boolean,
): Promise<string[]> {
  const lines: string[] = [];
  let rest = "";
  for await (const chunk of program.stdout.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    if (isEnough(lines)) {
      program.kill("SIGKILL");
      // What it had acknowledged before it died is still in the pipe, and read by the next turns.
      isEnough = () => false;
    }
  }
  await program.status;
  return lines;
}
