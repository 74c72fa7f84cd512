import assert from "node:assert/strict";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import type { LiveProvider } from "../../src/pool/live_providers.ts";
import { groupOf, liveOf, providerOf } from "./group_samples.ts";
import { verdictOf } from "./samples.ts";

const DOWN = verdictOf("provider_down", { scope: "upstream" });
const slugs = (order: readonly LiveProvider[]) => order.map(({ provider }) => provider.slug).join("");

Deno.test("LiveGroups find a group by slug and by id, and follow its changes", () => {
  const { groups } = liveOf(providerOf("a"));
  const group = groupOf("team", ["a"]);

  groups.set(groupOf("zoo", []));
  groups.set(group);
  groups.set({ ...group, slug: "crew" });

  assert.equal(groups.find("team"), undefined);
  assert.equal(groups.find("crew")?.id, group.id);
  assert.deepEqual(groups.list().map(({ slug }) => slug), ["crew", "zoo"]);

  groups.delete(group.id);
  groups.delete(group.id);

  assert.equal(groups.find("crew"), undefined);
  assert.equal(groups.findById(group.id), undefined);
});

Deno.test("takeOrder() takes a turn each time, also after a change of the group, and each group its own", () => {
  const { groups } = liveOf(providerOf("a"), providerOf("b"), providerOf("c"));
  const group = groupOf("team", ["a", "b", "c"], { strategy: "round_robin" });
  const other = groupOf("other", ["a", "b", "c"], { strategy: "round_robin" });
  const first = slugs(groups.takeOrder(group, undefined));

  groups.set({ ...group, name: "Other name" });
  const next = slugs(groups.takeOrder(group, undefined));

  assert.equal(next, first.slice(1) + first.slice(0, 1));
  assert.equal(slugs(groups.takeOrder(other, undefined)), first);
});

Deno.test("takeOrder() and membersOf() leave out who is switched off or gone", () => {
  const { groups, live } = liveOf(providerOf("a"), providerOf("b", { isEnabled: false }), providerOf("c"));
  const group = groupOf("team", ["a", "b", "c", "gone"]);

  assert.equal(slugs(groups.takeOrder(group, undefined)), "ac");
  live.delete("a");
  const members = group.members.map((member) => ({ ...member, isEnabled: member.providerId !== "c" }));

  assert.equal(slugs(groups.membersOf(group)), "c");
  assert.deepEqual(groups.takeOrder({ ...group, members }, undefined), []);
});

Deno.test("takeOrder() puts a member without a ready key last, for its model alone if it is that, and takes it back", () => {
  const { groups, live, ticker } = liveOf(providerOf("a", { modelMap: { fast: "a-fast" } }), providerOf("b"));
  const group = groupOf("team", ["a", "b"]);
  const rest = verdictOf("key_limited", {
    untilMs: ticker.now() + 5000,
    source: "header",
    isConclusive: true,
  });
  live.findById("a")?.pool.reportCheck("key-a", { ...rest, scope: "key_model" }, "a-fast");

  assert.equal(slugs(groups.takeOrder(group, "fast")), "ba");
  assert.equal(slugs(groups.takeOrder(group, "slow")), "ab");

  live.findById("a")?.pool.reportCheck("key-a", rest);
  assert.equal(slugs(groups.takeOrder(group, undefined)), "ba");
  ticker.advance(5001);
  assert.equal(slugs(groups.takeOrder(group, undefined)), "ab");
});

Deno.test("takeOrder() puts a member with an open breaker last, and takes it back for a probe", () => {
  const { groups, live, ticker } = liveOf(providerOf("a"), providerOf("b"));
  const group = groupOf("team", ["a", "b"]);
  const a = live.findById("a");
  assert.ok(a !== undefined);

  for (let index = 0; index < 5; index++) a.note(DOWN, ticker.now());
  const open = slugs(groups.takeOrder(group, undefined));
  ticker.advance(60_000);

  assert.equal(open, "ba");
  assert.equal(slugs(groups.takeOrder(group, undefined)), "ab");
});

Deno.test("note() lowers and raises the score of an upstream, and only by what is the upstream's doing", () => {
  const { groups, live, ticker } = liveOf(providerOf("a"));
  const a = live.findById("a");
  assert.ok(a !== undefined);
  const health = () => groups.stateOf("a").score.health;

  groups.note(a, verdictOf("key_limited"));
  groups.note(a, verdictOf("request_bad"), 50);
  groups.note(a, verdictOf("client_gone"));
  assert.deepEqual(groups.stateOf("a").score, { health: 1, latencyMs: undefined, latencyCount: 0 });

  groups.note(a, SUCCEEDED, 400);
  for (let index = 0; index < 10; index++) groups.note(a, DOWN, 1);
  const failing = health();
  assert.equal(groups.stateOf("a").score.latencyMs, 400, "an error is no answer's latency");
  ticker.advance(600_000);

  assert.ok(failing < 0.2, String(failing));
  assert.ok(health() > 0.99);
});

Deno.test("stateOf() counts the requests under way, and knows nobody of an unknown id", () => {
  const { groups, live } = liveOf(providerOf("a"));
  live.findById("a")?.pool.acquire({ tried: [] });

  assert.equal(groups.stateOf("a").inFlight, 1);
  assert.equal(groups.stateOf("gone").isReady, false);
});
