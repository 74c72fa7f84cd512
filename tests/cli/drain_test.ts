import assert from "node:assert/strict";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { startProgram, withWorkingFolder } from "./program.ts";

const ADMIN_KEY = "test-admin-password";

Deno.test("main.ts breaks off an answer that outlives the drain, and still ends in good order", () =>
  withWorkingFolder(async (folder) => {
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<Response>();
    await using upstream = new ScriptedUpstream(() => {
      arrived.resolve();
      return released.promise;
    });
    await using program = startProgram(folder, [], {
      DRAIN_SECONDS: "0.2",
      ALLOW_ANONYMOUS: "true",
      ADMIN_PASSWORD: ADMIN_KEY,
    });
    const [url] = await program.printed(/http:\S+/);
    await enter(url, "/admin/providers", { slug: "slow", dialect: "rest", baseUrl: upstream.url });
    await enter(url, "/admin/keys", { provider: "slow", apiKey: "key-0001" });
    const call = fetch(`${url}/proxy/slow/x`).then(async (response) => {
      await response.body?.cancel();
      return response.status;
    }).catch(() => "broken off");
    await arrived.promise;

    const { code, stdout, stderr } = await program.stop();
    const answered = await call;
    released.resolve(new Response("too late"));

    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /"event":"server.drain_cut"/);
    // It is told, if it can be told before the end.
    assert.match(String(answered), /^(?:502|broken off)$/);
  }));

async function enter(url: string, path: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json", "x-admin-key": ADMIN_KEY };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(response.status, 201, await response.text());
}
