import assert from "node:assert/strict";
import { at } from "../support/keyturn_under_test.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import { openDatabase } from "../../src/store/database.ts";
import { loadProviderKeys } from "../../src/store/provider_key_store.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { runProgram, withWorkingFolder } from "./program.ts";
import { startServing } from "./running.ts";

/** The ids of the master keys that the stored provider keys are sealed with. */
async function sealedWith(folder: string): Promise<Set<string>> {
  const db = await openDatabase({ url: fileUrl(`${folder}/data/keyturn.db`) });
  try {
    return new Set((await loadProviderKeys(db)).map(({ sealedSecret }) => sealedSecret.split(".")[1] ?? ""));
  } finally {
    await db.close();
  }
}

const REST = { dialect: "rest", credential: { kind: "bearer" } };

Deno.test("keyturn rotate-secret replaces the master key under a server that runs, and nothing is lost", () =>
  withWorkingFolder(async (folder) => {
    await using upstream = new ScriptedUpstream(() => new Response("fine"));
    const masterKeyFile = `${folder}/data/master.key`;
    let clientKey = "";
    {
      await using server = await startServing(folder);
      await server.admin("POST", "/admin/providers", { slug: "svc", baseUrl: upstream.url, ...REST });
      await server.admin("POST", "/admin/providers/svc/keys", { keys: ["key-0000001", "key-0000002"] });
      clientKey = String(at(await server.admin("POST", "/admin/client-keys", { name: "ci" }), "key"));
      const headers = { "x-proxy-key": clientKey };
      const [before] = await sealedWith(folder);
      const oldFile = await Deno.readTextFile(masterKeyFile);

      const ended = await runProgram(folder, ["rotate-secret"]);

      assert.equal(ended.code, 0, ended.stderr);
      assert.match(
        ended.stdout,
        /The master key is rotated\. The one before is in \.\/data\/master\.key\.previous/,
      );
      const [after, ...others] = await sealedWith(folder);
      assert.deepEqual(others, []);
      assert.notEqual(after, before);
      assert.equal(await Deno.readTextFile(`${masterKeyFile}.previous`), oldFile);
      assert.equal((await Deno.readTextFile(masterKeyFile)).trim().split("\n").length, 1);
      assert.notEqual(await Deno.readTextFile(masterKeyFile), oldFile);
      await server.admin("POST", "/admin/providers/svc/keys", { keys: ["key-0000003", "key-0000001"] });
      assert.deepEqual(
        [...await sealedWith(folder)],
        [after],
        "what is added now is sealed with the new one",
      );
      for (let call = 0; call < 3; call++) {
        const answer = await fetch(`${server.url}/proxy/svc/x`, { headers });
        assert.equal(await answer.text(), "fine");
      }
    }
    await using again = await startServing(folder);
    for (let call = 0; call < 3; call++) {
      const answer = await fetch(`${again.url}/proxy/svc/x`, { headers: { "x-proxy-key": clientKey } });
      assert.equal(await answer.text(), "fine");
    }
    const used = upstream.requests.map(({ headers }) => headers.get("authorization"));
    const all = ["Bearer key-0000001", "Bearer key-0000002", "Bearer key-0000003"];
    assert.deepEqual(
      [...new Set(used.slice(0, 3))].toSorted(),
      all,
      "before the restart, the duplicate left out",
    );
    assert.deepEqual([...new Set(used.slice(3))].toSorted(), all, "after it");
  }));

Deno.test("keyturn rotate-secret takes both master keys of the environment, and asks for the old one", () =>
  withWorkingFolder(async (folder) => {
    const [old = "", next = ""] = [1, 2].map(() =>
      btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
    );
    let clientKey = "";
    {
      await using server = await startServing(folder, { MASTER_KEY: old });
      await server.admin("POST", "/admin/providers", {
        slug: "svc",
        baseUrl: "https://upstream.example",
        ...REST,
      });
      await server.admin("POST", "/admin/providers/svc/keys", { keys: ["key-0000001"] });
      clientKey = String(at(await server.admin("POST", "/admin/client-keys", { name: "ci" }), "key"));
    }
    const [before] = await sealedWith(folder);

    const alone = await runProgram(folder, ["rotate-secret"], { MASTER_KEY: old });
    const foreign = await runProgram(folder, ["rotate-secret"], { MASTER_KEY: next });
    const both = await runProgram(folder, ["rotate-secret"], { MASTER_KEY: next, MASTER_KEY_PREVIOUS: old });

    assert.match(alone.stderr, /^keyturn: Cannot rotate the master key: MASTER_KEY_PREVIOUS is not set/);
    assert.match(
      foreign.stderr,
      /^keyturn: Cannot rotate the master key: the database was begun with another one/,
    );
    assert.deepEqual([alone.code, foreign.code, both.code], [1, 1, 0], both.stderr);
    assert.match(both.stdout, /Take MASTER_KEY_PREVIOUS away/);
    assert.notEqual((await sealedWith(folder)).values().next().value, before);
    await using server = await startServing(folder, { MASTER_KEY: next });
    const models = await fetch(`${server.url}/v1/models`, {
      headers: { authorization: `Bearer ${clientKey}` },
    });
    await models.body?.cancel();
    assert.equal(models.status, 200, "the client key is known");
  }));
