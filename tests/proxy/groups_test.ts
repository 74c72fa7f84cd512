import assert from "node:assert/strict";
import type { OutageKind } from "../../src/demo/simulated_outage.ts";
import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, message, MESSAGES_PATH } from "./asks.ts";
import { RelayUnderTest } from "./manual_relay.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const NAMES = ["one", "two", "three"] as const;
const secretsOf = (name: string) => Array.from({ length: 4 }, (_, index) => `${name}-key-000${index}`);

function startNamed(name: string): SimulatedProvider {
  const keys = secretsOf(name).map((secret) => ({ secret, behaviour: "ok" as const }));
  return startSimulatedProvider({ dialect: "openai", keys });
}

/** So many chats at the group, eight at a time; gives every status. */
async function load(relay: RelayUnderTest, count: number): Promise<number[]> {
  const statuses: number[] = [];
  const caller = async () => {
    while (statuses.length < count) {
      const { answer } = await relay.post(`http://keyturn/llm/team${CHAT_PATH}`, chat());
      statuses.push(answer.status);
      relay.ticker.advance(20);
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  return statuses;
}

for (const outage of ["http_503", "reset", "error_in_200"] satisfies OutageKind[]) {
  Deno.test(`a group whose first provider dies under load (${outage}) gives no error, and takes it back`, async () => {
    const providers = NAMES.map(startNamed);
    const [first] = providers;
    assert.ok(first !== undefined);
    using relay = new RelayUnderTest();
    NAMES.forEach((name, index) => relay.enter(name, providers[index]?.baseUrl ?? "", secretsOf(name)));
    relay.groups.set({
      id: "team",
      slug: "team",
      name: "team",
      isEnabled: true,
      strategy: "weighted",
      members: NAMES.map((providerId, tier) => ({ providerId, tier, weight: 1, isEnabled: true })),
    });

    const before = await load(relay, 80);
    const servedBefore = first.totals.requests;
    const dying = load(relay, 400);
    await relay.post(`http://keyturn/llm/team${CHAT_PATH}`, chat());
    first.setOutage(outage);
    const during = await dying;
    const askedDead = first.totals.requests - servedBefore;
    first.setOutage(undefined);
    relay.ticker.advance(120_000);
    await load(relay, 10);
    const servedAgain = first.totals.requests;
    const after = await load(relay, 80);
    const servedAfter = first.totals.requests - servedAgain;
    await Promise.all(providers.map((provider) => provider.close()));

    assert.deepEqual(new Set([...before, ...during, ...after]), new Set([200]));
    assert.ok(servedBefore >= 80, `${servedBefore} were of the first`);
    assert.ok(askedDead < 200, `the dead one was asked ${askedDead} times`);
    assert.ok(servedAfter >= 80, `${servedAfter} are the first's again`);
    assert.equal(relay.live.find("one")?.pool.counts().ready, 4);
  });
}

Deno.test("serversOf() asks each member with its own name of the model, and leaves out who cannot serve", async () => {
  await using refusing = new ScriptedUpstream(() => new Response("{}", { status: 503 }));
  await using serving = new ScriptedUpstream(() => Response.json({ choices: [{ text: "ok" }] }));
  await using keyturn = await startKeyturn();
  const own = { modelMap: { "gpt-4o": "vendor/gpt-4o-2024" } };
  await keyturn.enter("down", { baseUrl: refusing.url, ...own }, ["key-0001"]);
  await keyturn.enter("claude", { preset: "anthropic", slug: "claude", baseUrl: refusing.url }, ["key-0001"]);
  await keyturn.enter("other", { baseUrl: refusing.url, models: ["llama"] }, ["key-0001"]);
  await keyturn.enter("plain", { baseUrl: serving.url }, ["key-0001"]);
  const members = ["down", "claude", "other", "plain"].map((provider, tier) => ({ provider, tier }));
  await keyturn.admin("POST", "/admin/groups", { slug: "team", members });
  const speech = { model: "gpt-4o", input: "hi", voice: "alloy" };
  const modelIn = (upstream: ScriptedUpstream) =>
    at(JSON.parse(new TextDecoder().decode(upstream.requests.at(-1)?.body)), "model");

  const byPath = await keyturn.ask(`/api/team${CHAT_PATH}`, chat());
  const seen = [modelIn(refusing), modelIn(serving), refusing.requests.length];
  const byModel = await keyturn.ask(CHAT_PATH, chat("hi", { model: "team/gpt-4o" }));
  const modelSent = modelIn(serving);
  const claude = await keyturn.ask(`/llm/team${MESSAGES_PATH}`, message("hi", { model: "claude-x" }));
  const spoken = await keyturn.ask("/api/team/v1/audio/speech", speech);
  const raw = await keyturn.ask(`/proxy/team${CHAT_PATH}`, chat());

  assert.deepEqual([byPath.status, byModel.status], [200, 200]);
  assert.equal(byPath.headers.get("x-proxy-provider"), "plain");
  // "other" has not the model; "claude" is asked in its own dialect.
  assert.equal(byPath.headers.get("x-proxy-attempts"), "3");
  assert.deepEqual(seen, ["gpt-4o", "gpt-4o", 2]);
  assert.equal(modelSent, "gpt-4o");
  assert.equal(claude.headers.get("x-proxy-provider"), "plain");
  // Nobody but its own dialect has speech, so "claude" is left out.
  assert.equal(spoken.headers.get("x-proxy-attempts"), "2");
  assert.equal(raw.status, 404);
});

Deno.test("runAttempts() leaves a member full of dead keys for the next one, within its own attempts", async () => {
  const dead = startSimulatedProvider({
    dialect: "openai",
    keys: Array.from({ length: 20 }, (_, index) => ({
      secret: `dead-key-${String(index).padStart(4, "0")}`,
      behaviour: "revoked" as const,
    })),
  });
  const good = startNamed("good");
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", dead, { slug: "dead", policy: { maxAttempts: 3 } });
  await keyturn.enterSimulated("openai", good, { slug: "good" });
  const members = ["dead", "good"].map((provider, tier) => ({ provider, tier }));
  await keyturn.admin("POST", "/admin/groups", { slug: "team", members });

  const got = await keyturn.ask(`/llm/team${CHAT_PATH}`, chat());
  await keyturn.stop();
  await Promise.all([dead.close(), good.close()]);

  assert.equal(got.status, 200);
  assert.equal(got.headers.get("x-proxy-provider"), "good");
  assert.equal(got.headers.get("x-proxy-attempts"), "4");
});
