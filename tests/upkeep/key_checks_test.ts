import assert from "node:assert/strict";
import type { KeyCheckTally } from "../../src/core/key_check.ts";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import type { LiveProvider } from "../../src/pool/live_providers.ts";
import { KeyChecks } from "../../src/upkeep/key_checks.ts";
import { verdictOf } from "../pool/samples.ts";
import { UpstreamUnderTest, whileTimePasses, withServer } from "./upstream_under_test.ts";

const NEVER = new AbortController().signal;
const REVOKED = verdictOf("key_dead", { isConclusive: true });

/** One key after the other is taken for dead, and none of them for a shared cause. */
function reject(world: UpstreamUnderTest, { pool }: LiveProvider, ...ids: readonly string[]): void {
  for (const id of ids) {
    pool.reportCheck(id, SUCCEEDED);
    pool.reportCheck(id, REVOKED);
    world.ticker.advance(30_000);
    assert.equal(pool.healthOf(id)?.state, "rejected");
  }
}

function stateOf({ pool }: LiveProvider, id: string): string | undefined {
  return pool.healthOf(id)?.state;
}

for (const dialect of ["openai", "anthropic", "gemini"] as const) {
  Deno.test(`KeyChecks.checkDoubtful() brings back a key of ${dialect} when the provider takes it again, not before`, async () => {
    const provider = startSimulatedProvider({
      dialect,
      keys: [{ secret: "key-0001", behaviour: "revoked" }],
    });
    using world = new UpstreamUnderTest();
    const live = world.addSimulated(provider, { dialect });
    reject(world, live, "key-0001");
    const checks = new KeyChecks(world);

    await checks.checkDoubtful(NEVER);
    const whileRevoked = stateOf(live, "key-0001");
    provider.setKey("key-0001", "ok");
    world.ticker.advance(300_000);
    await checks.checkDoubtful(NEVER);
    const health = live.pool.healthOf("key-0001");
    await provider.close();

    assert.equal(whileRevoked, "rejected");
    assert.equal(health?.state, "ready");
    assert.match(health.reason ?? "", /^checked at \d{4}-\d\d-\d\dT.*: accepted$/);
    assert.equal(world.events("key.revived").length, 1);
    assert.deepEqual(provider.log.map(({ method }) => method), ["GET", "GET"]);
    assert.equal(provider.totals.outputTokens, 0);
  });
}

Deno.test("KeyChecks.checkDoubtful() asks only about keys that are in doubt, and not about disabled ones", async () => {
  const secrets = ["proven-01", "limited-02", "dead-0003", "disabled-04", "doubted-05"];
  const keys = secrets.map((secret) => ({ secret, behaviour: "ok" as const }));
  const provider = startSimulatedProvider({ dialect: "openai", keys });
  using world = new UpstreamUnderTest();
  const live = world.addSimulated(provider);
  for (const id of secrets) live.pool.reportCheck(id, SUCCEEDED);
  reject(world, live, "dead-0003", "disabled-04");
  live.pool.set({ id: "disabled-04", isEnabled: false, weight: 1, priority: 0 });
  live.pool.reportCheck("limited-02", verdictOf("key_limited", { untilMs: world.ticker.now() + 3600_000 }));
  live.pool.reportCheck("doubted-05", verdictOf("key_dead"));

  await new KeyChecks(world).checkDoubtful(NEVER);
  const asked = provider.log.map(({ headers }) =>
    headers.find(([name]) => name === "authorization")?.[1].slice("Bearer ".length)
  );
  await provider.close();

  assert.deepEqual(asked.sort(), ["dead-0003", "doubted-05"]);
  assert.equal(stateOf(live, "dead-0003"), "ready");
  assert.equal(stateOf(live, "doubted-05"), "ready");
  assert.equal(stateOf(live, "limited-02"), "cooling");
});

Deno.test("KeyChecks.checkDoubtful() disables no key while the provider is down, and leaves the rest for later", async () => {
  const secrets = Array.from({ length: 30 }, (_, index) => `key-${1000 + index}`);
  const keys = secrets.map((secret) => ({ secret, behaviour: "ok" as const }));
  for (const outage of ["http_500", "http_503", "html_502", "reset"] as const) {
    const provider = startSimulatedProvider({ dialect: "openai", keys, outage });
    using world = new UpstreamUnderTest();
    const live = world.addSimulated(provider);
    for (const id of secrets) {
      live.pool.reportCheck(id, SUCCEEDED);
      world.ticker.advance(20_000);
      live.pool.reportCheck(id, verdictOf("key_dead"));
    }

    await whileTimePasses(world.ticker, new KeyChecks(world).checkDoubtful(NEVER), 10);
    const counts = live.pool.counts();
    const asked = provider.log.length;
    await provider.close();

    assert.equal(counts.rejected, 0, outage);
    assert.ok(asked <= 20, `${outage}: asked ${asked} times`);
  }
});

Deno.test("KeyChecks.checkDoubtful() passes over a provider whose breaker is open", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "key-0001", behaviour: "ok" }],
  });
  using world = new UpstreamUnderTest();
  const live = world.addSimulated(provider);
  reject(world, live, "key-0001");
  for (let call = 0; call < 5; call++) live.note(verdictOf("provider_down"), world.ticker.now());

  await new KeyChecks(world).checkDoubtful(NEVER);
  const asked = provider.log.length;
  await provider.close();

  assert.equal(asked, 0);
});

Deno.test("KeyChecks.checkDoubtful() is not fooled by a list of models that everyone may read", () =>
  withServer((request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/models")) return Response.json({ object: "list", data: [{ id: "a/b" }] });
    const isKnown = request.headers.get("authorization") === "Bearer key-live-0001";
    if (!isKnown) return Response.json({ error: { code: 401, message: "User not found." } }, { status: 401 });
    return Response.json({ data: { label: "sk-or-v1-abc", limit_remaining: null } });
  }, async (origin) => {
    using world = new UpstreamUnderTest();
    const keys = ["key-live-0001", "key-dead-0002"];
    const named = world.add(
      { slug: "openrouter", vendor: "openrouter", baseUrl: `${origin}/api/v1` },
      keys,
    );
    const unnamed = world.add({ slug: "relay", vendor: "other", baseUrl: `${origin}/api/v1` }, keys);
    reject(world, named, ...keys);
    reject(world, unnamed, ...keys);
    const checks = new KeyChecks(world);

    await checks.checkDoubtful(NEVER);
    const byHand = await checks.checkProvider("relay", () => {});

    assert.deepEqual(keys.map((id) => stateOf(named, id)), ["ready", "rejected"]);
    assert.deepEqual(keys.map((id) => stateOf(unnamed, id)), ["rejected", "rejected"]);
    assert.equal(byHand?.accepted, 0);
    assert.equal(byHand?.problems[0]?.rule, "check.open_to_all");
  }));

Deno.test("KeyChecks.checkDoubtful() trusts an unknown provider once it refuses a made-up key", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "key-0001", behaviour: "ok" }, { secret: "key-0002", behaviour: "ok" }],
  });
  using world = new UpstreamUnderTest();
  const live = world.addSimulated(provider, { vendor: "other" });
  reject(world, live, "key-0001", "key-0002");

  await new KeyChecks(world).checkDoubtful(NEVER);
  const { unknownKey } = provider.totals;
  await provider.close();

  assert.deepEqual([stateOf(live, "key-0001"), stateOf(live, "key-0002")], ["ready", "ready"]);
  assert.equal(unknownKey, 1);
});

Deno.test("KeyChecks.checkKey() tells what it has found, and blames a key that is refused", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "good-0001", behaviour: "ok" }, { secret: "dead-0002", behaviour: "revoked" }],
  });
  using world = new UpstreamUnderTest();
  const live = world.addSimulated(provider);
  live.pool.set({ id: "sealed-03", isEnabled: true, weight: 1, priority: 0, sealedSecret: "spoilt" });
  const checks = new KeyChecks(world);

  const good = await checks.checkKey("good-0001");
  const dead = await checks.checkKey("dead-0002");
  const sealed = await checks.checkKey("sealed-03");
  const nobody = await checks.checkKey("nobody");
  await provider.close();

  assert.equal(good?.result, "accepted");
  assert.ok(good.health?.lastSuccessMs !== undefined);
  assert.equal(dead?.result, "rejected");
  assert.equal(dead.verdict.rule, "openai.invalid_api_key");
  assert.doesNotMatch(dead.verdict.reason ?? "", /dead-0002/);
  assert.equal(dead.health?.state, "rejected");
  assert.equal(sealed?.verdict.rule, "keyring.sealed");
  assert.equal(nobody, undefined);
  assert.equal(world.saves, 3);
});

Deno.test("KeyChecks.checkKey() says so when nothing would prove a key", async () => {
  using world = new UpstreamUnderTest();
  world.add({ slug: "tavily", dialect: "rest", vendor: "other", baseUrl: "http://127.0.0.1:9" }, [
    "key-0001",
  ]);

  const check = await new KeyChecks(world).checkKey("key-0001");

  assert.equal(check?.result, "failed");
  assert.equal(check.verdict.rule, "check.no_request");
});

Deno.test("KeyChecks.checkProvider() checks every key within its budget, and tells how far it has come", async () => {
  const keys = Array.from({ length: 60 }, (_, index) => ({
    secret: `key-${1000 + index}`,
    behaviour: index % 10 === 0 ? "revoked" as const : "ok" as const,
  }));
  const provider = startSimulatedProvider({ dialect: "openai", keys });
  using world = new UpstreamUnderTest();
  world.addSimulated(provider);
  const beganMs = world.ticker.now();
  const steps: KeyCheckTally[] = [];

  const report = await whileTimePasses(
    world.ticker,
    new KeyChecks(world).checkProvider("openai", (tally) => void steps.push(tally)),
    20,
  );
  const { maxInFlight } = provider.totals;
  await provider.close();

  assert.deepEqual(
    { ...report, problems: report?.problems.length },
    { total: 60, checked: 60, accepted: 54, rejected: 6, failed: 0, isComplete: true, problems: 6 },
  );
  assert.deepEqual(steps.map(({ checked }) => checked), Array.from({ length: 60 }, (_, index) => index + 1));
  assert.ok(maxInFlight <= 16, `${maxInFlight} in flight`);
  assert.ok(world.ticker.now() - beganMs >= 600, "fifty a second, after the first twenty-five");
});

Deno.test("KeyChecks.checkProvider() ends when the caller leaves, and when the provider is down", async () => {
  const keys = Array.from({ length: 100 }, (_, index) => ({
    secret: `key-${1000 + index}`,
    behaviour: "ok" as const,
  }));
  const provider = startSimulatedProvider({ dialect: "openai", keys });
  using world = new UpstreamUnderTest();
  world.addSimulated(provider);
  const checks = new KeyChecks(world);
  const aborter = new AbortController();

  const left = await whileTimePasses(
    world.ticker,
    checks.checkProvider("openai", ({ checked }) => checked === 5 && aborter.abort(), aborter.signal),
    20,
  );
  provider.setOutage("http_503");
  const down = await whileTimePasses(world.ticker, checks.checkProvider("openai", () => {}), 20);
  await provider.close();

  assert.equal(left?.isComplete, false);
  assert.ok(left.checked < 30, `${left.checked} were checked`);
  assert.equal(down?.isComplete, false);
  assert.ok(down.checked < 40, `${down.checked} were checked`);
  assert.equal(await checks.checkProvider("nobody", () => {}), undefined);
});
