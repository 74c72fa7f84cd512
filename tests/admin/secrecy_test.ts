import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { ADMIN_KEY, type AdminUnderTest, startAdmin, textAt } from "../support/admin_under_test.ts";
import { verdictOf } from "../pool/samples.ts";

const PLANTED = "sk-planted-secret-0123456789";
const CLIENT_KEY = "planted-client-key-0123456789";

/** Every answer that the admin API gives on a way through all of its routes. */
async function visitAll(admin: AdminUnderTest): Promise<string[]> {
  const texts: string[] = [];
  const call = async (method: string, path: string, body?: unknown) => {
    const { text, headers, json } = await admin.call(method, path, body);
    texts.push(text + JSON.stringify([...headers]));
    return json;
  };
  await call("POST", "/admin/providers", { preset: "openai" });
  const added = await call("POST", "/admin/keys", { provider: "openai", apiKey: PLANTED });
  const id = textAt(added, "keyId");
  await call("POST", "/admin/keys", { provider: "openai", apiKey: PLANTED });
  await call("POST", "/admin/keys", { provider: "openai", apiKey: `${PLANTED}\n` });
  await call("POST", "/admin/keys", `{"apiKey":"${PLANTED}`);
  await call("POST", "/admin/providers/openai/keys", { keys: [PLANTED, `${PLANTED} x`, `${PLANTED}é`] });
  await call("POST", "/admin/providers/openai/keys", { keys: `${PLANTED}:9999, ${PLANTED}` });
  await call("POST", "/admin/providers", { slug: "x", baseUrl: `https://${PLANTED}@example.org` });
  await call("POST", "/admin/providers", { slug: "x", baseUrl: `https://example.org/?key=${PLANTED}` });
  await call("PUT", `/admin/keys/${id}`, { apiKey: PLANTED });
  await call("PUT", `/admin/keys/${id}`, { weight: 2 });
  const pool = admin.keyturn.live.find("openai")?.pool;
  pool?.reportCheck(id, verdictOf("key_dead", { isConclusive: true, reason: "Incorrect API key provided" }));
  for (const path of ["status", "status?provider=openai", "providers", "providers/openai", "client-keys"]) {
    await call("GET", `/admin/${path}`);
  }
  await call("GET", "/admin/providers/openai/keys");
  await call("POST", `/admin/keys/${id}/release`);
  await call("POST", "/admin/reset", { provider: "openai" });
  await call("DELETE", `/admin/keys/${id}`);
  await call("DELETE", "/admin/providers/openai");
  await call("GET", "/health");
  return texts;
}

Deno.test("no answer of the admin API and no line of the log holds a secret", async () => {
  await using admin = await startAdmin({ clientKeys: [new Secret(CLIENT_KEY)] });

  const texts = await visitAll(admin);

  assert.ok(texts.length > 20);
  for (const text of [...texts, ...admin.logged]) {
    for (const secret of [PLANTED, CLIENT_KEY, ADMIN_KEY, btoa(PLANTED), encodeURIComponent(PLANTED)]) {
      assert.ok(!text.includes(secret), `holds a secret: ${text.slice(0, 80)}`);
    }
    assert.ok(!/sealedSecret|v1\.[0-9a-f]{8}\./.test(text), "not even sealed");
  }
});

Deno.test("no file of the data folder holds a secret in clear", async () => {
  await using admin = await startAdmin({ clientKeys: [new Secret(CLIENT_KEY)] });
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  await admin.done("POST", "/admin/keys", { provider: "openai", apiKey: PLANTED });
  const made = textAt(await admin.done("POST", "/admin/client-keys", { name: "me" }), "key");
  await admin.close();

  for await (const { name } of Deno.readDir(admin.folder)) {
    const content = new TextDecoder("latin1").decode(await Deno.readFile(`${admin.folder}/${name}`));
    for (const secret of [PLANTED, CLIENT_KEY, ADMIN_KEY, made]) {
      assert.ok(!content.includes(secret), `${name} holds no secret`);
    }
  }
});
