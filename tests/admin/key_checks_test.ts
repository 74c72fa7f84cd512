import assert from "node:assert/strict";
import { Hono } from "hono";
import { answerError } from "../../src/admin/error_answer.ts";
import { checkKey, checkProvider } from "../../src/admin/key_checks.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import type { Database } from "../../src/store/database.ts";
import { KeyChecks } from "../../src/upkeep/key_checks.ts";
import { withDatabase } from "../store/support.ts";
import { serveAlone } from "../support/dashboard_under_test.ts";
import { at, parsed } from "../support/keyturn_under_test.ts";
import { UpstreamUnderTest, whileTimePasses } from "../upkeep/upstream_under_test.ts";

/** The route of a provider before the keys of this world, and with a database that of one key. */
function routesOf(world: UpstreamUnderTest, db?: Database): Hono {
  const { live, ticker, log } = world;
  const deps = { live, ticker, log, keyChecks: new KeyChecks(world) };
  const app = new Hono();
  if (db !== undefined) app.post("/admin/keys/:id/check", serveAlone(checkKey({ ...deps, db })));
  app.post("/admin/providers/:slug/check", serveAlone(checkProvider(deps)));
  app.onError(answerError(log));
  return app;
}

function linesOf(text: string): unknown[] {
  return text.split("\n").filter((line) => line !== "").map(parsed);
}

Deno.test("POST /admin/keys/:id/check tells the result, the verdict and the health", () =>
  withDatabase(async (db) => {
    const provider = startSimulatedProvider({
      dialect: "anthropic",
      keys: [{ secret: "good-0001", behaviour: "ok" }, { secret: "dead-0002", behaviour: "revoked" }],
    });
    using world = new UpstreamUnderTest();
    world.addSimulated(provider, { dialect: "anthropic" });
    const app = routesOf(world, db);

    const good = await app.request("/admin/keys/good-0001/check", { method: "POST" });
    const goodBody: unknown = await good.json();
    const dead = await app.request("/admin/keys/dead-0002/check", { method: "POST" });
    const deadBody: unknown = await dead.json();
    const nobody = await app.request("/admin/keys/nobody/check", { method: "POST" });
    await nobody.body?.cancel();
    await provider.close();

    assert.deepEqual([good.status, dead.status, nobody.status], [200, 200, 404]);
    assert.equal(at(goodBody, "result"), "accepted");
    assert.equal(at(goodBody, "health", "state"), "ready");
    assert.equal(at(deadBody, "result"), "rejected");
    assert.equal(at(deadBody, "verdict", "rule"), "anthropic.authentication_error");
    assert.equal(at(deadBody, "health", "state"), "rejected");
  }));

Deno.test("POST /admin/providers/:slug/check writes its progress line by line, and a report at the end", async () => {
  const keys = Array.from({ length: 80 }, (_, index) => ({
    secret: `key-${1000 + index}`,
    behaviour: index === 7 ? "revoked" as const : "ok" as const,
  }));
  const provider = startSimulatedProvider({ dialect: "openai", keys });
  using world = new UpstreamUnderTest();
  world.addSimulated(provider);

  const response = await routesOf(world).request("/admin/providers/openai/check", { method: "POST" });
  const lines = linesOf(await whileTimePasses(world.ticker, response.text(), 10));
  await provider.close();

  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/x-ndjson; charset=utf-8");
  assert.ok(lines.length > 3 && lines.length < 30, `${lines.length} lines`);
  assert.equal(at(lines[0], "total"), 80);
  const report = lines.at(-1);
  assert.deepEqual(
    ["checked", "accepted", "rejected", "failed", "isComplete"].map((name) => at(report, name)),
    [80, 79, 1, 0, true],
  );
  assert.deepEqual(at(report, "problems", 0, "keyId"), "key-1007");
});

Deno.test("POST /admin/providers/:slug/check stops asking when the caller leaves", async () => {
  const keys = Array.from({ length: 200 }, (_, index) => ({
    secret: `key-${1000 + index}`,
    behaviour: "ok" as const,
  }));
  const provider = startSimulatedProvider({ dialect: "openai", keys });
  using world = new UpstreamUnderTest();
  world.addSimulated(provider);
  const response = await routesOf(world).request("/admin/providers/openai/check", { method: "POST" });
  const reader = response.body?.getReader();

  await reader?.read();
  await reader?.cancel();
  while (world.saves === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  const asked = provider.log.length;
  await provider.close();

  assert.ok(asked < 60, `asked ${asked} times`);
});

Deno.test("POST /admin/providers/:slug/check answers 404 for a provider that is not there", async () => {
  using world = new UpstreamUnderTest();

  const response = await routesOf(world).request("/admin/providers/nobody/check", { method: "POST" });

  assert.equal(response.status, 404);
  assert.equal(at(parsed(await response.text()), "error", "code"), "not_found");
});
