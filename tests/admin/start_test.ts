import assert from "node:assert/strict";
import { readConfig } from "../../src/config.ts";
import { Secret } from "../../src/core/secret.ts";
import { loadHealth } from "../../src/store/health_store.ts";
import { openKv } from "../../src/store/kv.ts";
import { at, listAt, startAdmin, textAt } from "../support/admin_under_test.ts";
import { verdictOf } from "../pool/samples.ts";

function seedsOf(variables: Record<string, string>) {
  return { keySeeds: readConfig(variables).keySeeds };
}

Deno.test("openKeyturn() seeds a provider from the environment, made when missing, with its weights", async () => {
  await using admin = await startAdmin(seedsOf({ OPENAI_API_KEYS: "sk-seed-0001,sk-seed-0002:5" }));

  const keys = listAt(await admin.done("GET", "/admin/providers/openai/keys"), "keys");

  assert.deepEqual(keys.map((key) => at(key, "weight")), [1, 5]);
  assert.equal(at(await admin.done("GET", "/admin/providers/openai"), "vendor"), "openai");
});

Deno.test("openKeyturn() seeds only a provider without keys, and keeps one that stands", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai", name: "Mine" });
  await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: "sk-mine-0001" });
  await admin.done("POST", "/admin/providers", { preset: "groq", name: "Empty" });
  const seeds = seedsOf({ OPENAI_API_KEYS: "sk-seed-0001", GROQ_API_KEYS: "gsk-seed-0001" });

  await admin.reopen(seeds);
  await admin.reopen(seeds);

  const status = await admin.done("GET", "/admin/status");
  assert.deepEqual([at(status, "openai", "totalKeys"), at(status, "groq", "totalKeys")], [1, 1]);
  assert.equal(at(await admin.done("GET", "/admin/providers/groq"), "name"), "Empty");
});

Deno.test("openKeyturn() gives back all that the API showed before it was closed", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai", models: ["gpt-5"] });
  await admin.done("POST", "/admin/providers", { preset: "gemini", priority: 1 });
  await admin.done("POST", "/admin/providers/openai/keys", { keys: ["sk-a-000001", "sk-b-000001:4"] });
  await admin.done("POST", "/admin/client-keys", { name: "me" });
  const before = await admin.snapshot();

  await admin.reopen();

  assert.deepEqual(await admin.snapshot(), before);
});

Deno.test("openKeyturn() makes an admin password at the first start only, and the environment's wins", async () => {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-first-" });
  const config = readConfig({ DATA_DIR: folder });
  await using admin = await startAdmin({ ...config, databaseUrl: `file:${folder}/other.db` });
  await admin.reopen({ databaseUrl: config.databaseUrl });
  const made = admin.keyturn.newAdminPassword?.reveal() ?? "";
  const send = (password: string) =>
    admin.send("GET", "/admin/status", undefined, { "x-admin-key": password });
  const first = await send(made);

  await admin.reopen({ databaseUrl: config.databaseUrl });
  const second = await send(made);
  const isMadeAgain = admin.keyturn.newAdminPassword !== undefined;
  await admin.reopen({ databaseUrl: config.databaseUrl, adminPassword: new Secret("from-the-environment") });
  const configured = await send("from-the-environment");
  const replaced = await send(made);
  await admin.close();
  await Deno.remove(folder, { recursive: true });

  assert.match(made, /^[\w-]{24}$/);
  assert.deepEqual([first.status, second.status, isMadeAgain], [200, 200, false]);
  assert.deepEqual([configured.status, replaced.status], [200, 401]);
});

Deno.test("POST /admin/keys/:id/release is stored before it is answered, and deleting forgets the health", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const added = await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: "sk-rest-0001" });
  const id = textAt(added, "keyId");
  const kv = await openKv({ kind: "file", path: `${admin.folder}/keyturn.kv` });
  const stored = async () => (await loadHealth(kv, new Map())).map(({ health }) => health.state);
  const rest = verdictOf("key_dead", { isConclusive: true });
  admin.keyturn.live.find("openai")?.pool.reportCheck(id, rest);
  await admin.done("POST", "/admin/reset", { provider: "openai" });
  const rejected = await stored();

  await admin.done("POST", `/admin/keys/${id}/release`);
  const released = await stored();
  await admin.done("DELETE", `/admin/keys/${id}`);
  const deleted = await stored();
  kv.close();

  assert.deepEqual([rejected, released, deleted], [["rejected"], ["ready"], []]);
});
