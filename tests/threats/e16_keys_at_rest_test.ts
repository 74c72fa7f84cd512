import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { openDatabase } from "../../src/store/database.ts";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { startKeyturn } from "../support/keyturn_under_test.ts";
import { readDataFolder } from "./data_folder.ts";

const KEYS = ["Zq9planted0key000000001", "Zq9planted0key000000002"] as const;

Deno.test("E16 a stolen data folder shows no key, no two seals are alike, and nothing is sealed by the key beside it", async () => {
  await using keyturn = await startKeyturn();
  await keyturn.enter("openai", { preset: "openai" }, KEYS);
  await keyturn.enter("twin", { dialect: "openai", baseUrl: "https://api.example.org" }, KEYS);
  await keyturn.stop();

  const masterKey = (await Deno.readTextFile(`${keyturn.folder}/master.key`)).trim();
  const { mode } = await Deno.stat(`${keyturn.folder}/master.key`);
  const db = await openDatabase({ url: keyturn.config.databaseUrl });
  const rows = await db.read("SELECT sealed_secret FROM provider_keys");
  await db.close();
  for (const [name, content] of await readDataFolder(keyturn.folder)) {
    if (name === "master.key") continue;
    for (const key of [...KEYS, masterKey, ...KEYS.map((key) => Buffer.from(key).toString("base64"))]) {
      assert.ok(!content.includes(key), `${name} shows a key`);
    }
  }

  const nonces = rows.map((row) =>
    Buffer.from(String(row.sealed_secret).split(".")[2] ?? "", "base64url").subarray(0, 12)
  );
  assert.equal(new Set(nonces.map((nonce) => nonce.toString("hex"))).size, 4);
  if (Deno.build.os !== "windows") {
    assert.equal((mode ?? 0) & 0o077, 0, "nobody else may read the master key");
  }
});

/** What a thief with write access may do to the table; no row opens as anything but what it was. */
const TAMPERED: readonly [what: string, sql: string][] = [
  ["a plain key", `UPDATE provider_keys SET sealed_secret = '${KEYS[0]}'`],
  ["an older, plain version", `UPDATE provider_keys SET sealed_secret = 'v0.${KEYS[0]}'`],
  [
    "another row's seal",
    "UPDATE provider_keys SET sealed_secret = (SELECT max(sealed_secret) FROM provider_keys p " +
    "WHERE p.provider_id <> provider_keys.provider_id)",
  ],
  ["a cut seal", "UPDATE provider_keys SET sealed_secret = substr(sealed_secret, 1, 40)"],
];

for (const [what, sql] of TAMPERED) {
  Deno.test(`E16 ${what} in the place of a sealed one is never used as a key`, async () => {
    await using upstream = new ScriptedUpstream(() => Response.json({ choices: [] }));
    await using first = await startKeyturn();
    await first.enter("openai", { preset: "openai", baseUrl: upstream.url }, [KEYS[0]]);
    await first.enter("other", { dialect: "openai", baseUrl: upstream.url }, [KEYS[1]]);
    await first.stop();
    const db = await openDatabase({ url: first.config.databaseUrl });
    await db.write([{ sql }]);
    await db.close();
    const { dataDir, databaseUrl, kvUrl, masterKeyFile } = first.config;

    await using again = await startKeyturn({ dataDir, databaseUrl, kvUrl, masterKeyFile });
    const got = await again.ask(`/llm/openai${CHAT_PATH}`, chat());

    assert.equal(got.status, 503, got.text);
    assert.equal(upstream.requests.length, 0);
  });
}
