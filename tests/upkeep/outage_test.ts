import assert from "node:assert/strict";
import { ClientKeys } from "../../src/access/client_keys.ts";
import { NetworkList } from "../../src/core/network_list.ts";
import type { RequestRecord } from "../../src/core/request_record.ts";
import type { OutageKind } from "../../src/demo/simulated_outage.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { LiveGroups } from "../../src/pool/live_groups.ts";
import { ModelIndex } from "../../src/pool/model_index.ts";
import { fromRequest } from "../../src/proxy/incoming.ts";
import { createRelay, type Relay } from "../../src/proxy/relay.ts";
import { ThoughtMemory } from "../../src/proxy/thought_memory.ts";
import { KeyChecks } from "../../src/upkeep/key_checks.ts";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { loneLimiter } from "../support/lone_limiter.ts";
import { UpstreamUnderTest, whileTimePasses } from "./upstream_under_test.ts";

const SECRETS = ["key-0001", "key-0002", "key-0003", "key-0004", "key-0005", "key-0006"];
const OUTAGE_MS = 60_000;

/** The real relay over a clock that is moved by hand. */
function relayOf(world: UpstreamUnderTest): { readonly relay: Relay; readonly records: RequestRecord[] } {
  const { transport, ticker, random, log, live, openSecret } = world;
  const records: RequestRecord[] = [];
  const groups = new LiveGroups(live, ticker, random);
  const relay = createRelay({
    transport,
    ticker,
    random,
    log,
    live,
    groups,
    thoughts: new ThoughtMemory(ticker),
    priceOf: () => undefined,
    models: new ModelIndex(live, groups),
    limiter: loneLimiter(ticker),
    trustedProxies: new NetworkList([]),
    openSecret,
    clientKeys: new ClientKeys((presented) => presented, true),
    limits: { maxReplayBytes: 1 << 20, maxBodyBytes: 1 << 20 },
    defaultModel: undefined,
    newRequestId: () => "req_test",
    record: (record) => void records.push(record),
  });
  return { relay, records };
}

async function ask(world: UpstreamUnderTest, relay: Relay): Promise<number> {
  const request = new Request(`http://keyturn.test${CHAT_PATH}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(chat()),
  });
  const { status } = await whileTimePasses(world.ticker, relay(fromRequest(request)));
  return status;
}

for (const outage of ["http_503", "reset", "html_502", "overloaded"] as const satisfies OutageKind[]) {
  Deno.test(`an outage of a minute (${outage}) disables no key, opens the breaker, and the first request after it closes it`, async () => {
    const keys = SECRETS.map((secret) => ({ secret, behaviour: "ok" as const }));
    const provider = startSimulatedProvider({ dialect: "openai", keys });
    using world = new UpstreamUnderTest();
    const live = world.addSimulated(provider, { models: provider.models });
    const { relay } = relayOf(world);
    const checks = new KeyChecks(world);
    const before = await ask(world, relay);
    const beganMs = world.ticker.now();

    provider.setOutage(outage);
    const during: number[] = [];
    let wasOpen = false;
    while (world.ticker.now() < beganMs + OUTAGE_MS) {
      during.push(await ask(world, relay));
      wasOpen ||= live.closedToCallsUntilMs(world.ticker.now()) !== undefined;
      if (during.length % 10 === 0) await checks.checkDoubtful(new AbortController().signal);
      world.ticker.advance(1000);
    }
    const askedInOutage = provider.totals.requests - 1;
    const counts = live.pool.counts();
    provider.setOutage(undefined);
    const first = await ask(world, relay);
    const isOpenAfter = live.closedToCallsUntilMs(world.ticker.now()) !== undefined;
    const second = await ask(world, relay);
    await provider.close();

    assert.equal(before, 200);
    assert.ok(during.length > 30 && during.every((status) => status >= 500), during.join());
    assert.equal(wasOpen, true);
    assert.ok(askedInOutage <= during.length + 10, `${askedInOutage} attempts of ${during.length} requests`);
    assert.deepEqual(counts, { ...counts, ready: 6, cooling: 0, exhausted: 0, rejected: 0 });
    assert.deepEqual([first, second], [200, 200]);
    assert.equal(isOpenAfter, false);
  });
}

Deno.test("an outage of one of two providers is passed over, and its first good probe takes it back", async () => {
  const keys = SECRETS.map((secret) => ({ secret, behaviour: "ok" as const }));
  const [first, second] = [1, 2].map(() => startSimulatedProvider({ dialect: "openai", keys }));
  assert.ok(first !== undefined && second !== undefined);
  using world = new UpstreamUnderTest();
  const one = world.addSimulated(first, { slug: "one", priority: 1, models: first.models });
  world.addSimulated(second, { slug: "two", priority: 2, models: second.models });
  const { relay, records } = relayOf(world);

  first.setOutage("http_503");
  const during: number[] = [];
  for (let second = 0; second < 60; second++) {
    during.push(await ask(world, relay));
    world.ticker.advance(1000);
  }
  const askedInOutage = first.totals.requests;
  first.setOutage(undefined);
  world.ticker.advance(60_000);
  const after = [await ask(world, relay), await ask(world, relay)];
  const served = records.slice(-2).map(({ attempts }) => attempts.at(-1)?.providerId);
  await first.close();
  await second.close();

  assert.deepEqual(new Set([...during, ...after]), new Set([200]));
  assert.ok(askedInOutage <= 10, `${askedInOutage} attempts`);
  assert.deepEqual(served, ["id-one", "id-one"]);
  assert.equal(one.pool.counts().ready, 6);
});
