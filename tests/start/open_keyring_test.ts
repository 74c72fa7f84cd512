import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { openKeyring } from "../../src/start/open_keyring.ts";
import { MasterKeyError } from "../../src/store/master_key.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrations.ts";

async function folderWithDatabase() {
  const folder = await Deno.makeTempDir();
  const db = await openDatabase({ url: `file:${folder}/test.db` });
  await migrate(db);
  const config = {
    masterKey: undefined,
    masterKeyPrevious: undefined,
    masterKeyFile: `${folder}/master.key`,
  };
  return {
    db,
    config,
    async [Symbol.asyncDispose]() {
      await db.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("openKeyring() opens with the same master key again", async () => {
  await using place = await folderWithDatabase();
  const sealed = (await openKeyring(place.config, place.db)).seal(new Secret("sk-test-0001"), "row");

  const keyring = await openKeyring(place.config, place.db);

  assert.equal(keyring.open(sealed, "row").reveal(), "sk-test-0001");
});

Deno.test("openKeyring() refuses a database whose master key is lost, and makes no new one", async () => {
  await using place = await folderWithDatabase();
  await openKeyring(place.config, place.db);
  await Deno.remove(place.config.masterKeyFile);

  await assert.rejects(openKeyring(place.config, place.db), (error) => {
    assert.ok(error instanceof MasterKeyError);
    assert.match(error.message, /master\.key is missing; put that one back$/);
    return true;
  });

  await assert.rejects(Deno.stat(place.config.masterKeyFile), Deno.errors.NotFound);
});

Deno.test("openKeyring() refuses another master key from the environment", async () => {
  await using place = await folderWithDatabase();
  await openKeyring(place.config, place.db);
  const masterKey = new Secret(btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))));

  await assert.rejects(openKeyring({ ...place.config, masterKey }, place.db), /this is another one/);
});
