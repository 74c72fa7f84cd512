import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { openKv } from "../../src/store/kv.ts";
import { ModelLists } from "../../src/upkeep/model_lists.ts";
import { verdictOf } from "../pool/samples.ts";
import { withFolder } from "../store/support.ts";
import { UpstreamUnderTest, withServer } from "./upstream_under_test.ts";

const NEVER = new AbortController().signal;
const KEYS = [{ secret: "key-0001", behaviour: "ok" }] as const;

async function withKv(test: (kv: Deno.Kv) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const kv = await openKv({ kind: "file", path: `${folder}/kv.db` });
    try {
      await test(kv);
    } finally {
      kv.close();
    }
  });
}

function listsOf(world: UpstreamUnderTest, kv: Deno.Kv) {
  const told = new Map<string, readonly string[]>();
  const onModels = (id: string, models: readonly string[]) => void told.set(id, models);
  // The world's fields stay its own: `world` is a class with getters, not a bag to spread.
  const { transport, ticker, log, live, openSecret } = world;
  return { told, lists: new ModelLists({ transport, ticker, log, live, openSecret, kv, onModels }) };
}

for (const dialect of ["openai", "anthropic", "gemini"] as const) {
  Deno.test(`ModelLists.refresh() learns the models of ${dialect}`, () =>
    withKv(async (kv) => {
      const provider = startSimulatedProvider({ dialect, keys: KEYS });
      using world = new UpstreamUnderTest();
      const { provider: { id } } = world.addSimulated(provider, { dialect });
      const { told, lists } = listsOf(world, kv);

      await lists.refresh(NEVER);
      await provider.close();

      assert.deepEqual(told.get(id), provider.models);
    }));
}

Deno.test("ModelLists.refresh() follows the pages of Gemini and Anthropic to their end", () =>
  withKv(async (kv) => {
    const all = Array.from({ length: 2500 }, (_, index) => `model-${index}`);
    const page = (from: number) => all.slice(from, from + 1000);
    await withServer((request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.startsWith("/v1beta")) {
        const from = Number(searchParams.get("pageToken") ?? 0);
        const next = from + 1000 < all.length ? { nextPageToken: String(from + 1000) } : {};
        return Response.json({ models: page(from).map((id) => ({ name: `models/${id}` })), ...next });
      }
      const from = all.indexOf(searchParams.get("after_id") ?? "") + 1;
      const data = page(from).map((id) => ({ id, type: "model" }));
      return Response.json({ data, has_more: from + 1000 < all.length, last_id: data.at(-1)?.id });
    }, async (origin) => {
      using world = new UpstreamUnderTest();
      const gemini = world.add({ dialect: "gemini", baseUrl: origin }, ["key-0001"]);
      const anthropic = world.add({ dialect: "anthropic", baseUrl: origin }, ["key-0001"]);
      const { told, lists } = listsOf(world, kv);

      await lists.refresh(NEVER);

      assert.deepEqual(told.get(gemini.provider.id), all);
      assert.deepEqual(told.get(anthropic.provider.id), all);
    });
  }));

Deno.test("ModelLists.refresh() asks once in six hours, and other instances take over what was learned", () =>
  withKv(async (kv) => {
    const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS });
    using world = new UpstreamUnderTest();
    const { provider: { id } } = world.addSimulated(provider);
    const { lists } = listsOf(world, kv);
    const other = listsOf(world, kv);

    await lists.refresh(NEVER);
    await lists.refresh(NEVER);
    await other.lists.refresh(NEVER);
    const asked = provider.log.length;
    world.ticker.advance(6 * 3600_000);
    await lists.refresh(NEVER);
    const askedLater = provider.log.length;
    await provider.close();

    assert.equal(asked, 1);
    assert.equal(askedLater, 2);
    assert.deepEqual(other.told.get(id), provider.models);
  }));

Deno.test("ModelLists.refresh() leaves alone providers that told their models, are off, or have no key yet", () =>
  withKv(async (kv) => {
    const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS });
    using world = new UpstreamUnderTest();
    world.addSimulated(provider, { slug: "told", models: ["gpt-5"] });
    world.addSimulated(provider, { slug: "off", isEnabled: false });
    const late = world.add({ slug: "late", baseUrl: provider.baseUrl }, []);
    const { told, lists } = listsOf(world, kv);

    await lists.refresh(NEVER);
    const asked = provider.log.length;
    late.pool.set({ id: "k", isEnabled: true, weight: 1, priority: 0, sealedSecret: "key-0001" });
    await lists.refresh(NEVER);
    await provider.close();

    assert.equal(asked, 0);
    assert.deepEqual([...told.keys()], ["id-late"]);
  }));

Deno.test("ModelLists.refresh() tries another key, backs off when none helps, and blames none of them", () =>
  withKv(async (kv) => {
    const provider = startSimulatedProvider({
      dialect: "openai",
      keys: [{ secret: "dead-0001", behaviour: "revoked" }, { secret: "good-0002", behaviour: "ok" }],
      outage: "http_500",
    });
    using world = new UpstreamUnderTest();
    const live = world.addSimulated(provider);
    const { told, lists } = listsOf(world, kv);

    await lists.refresh(NEVER);
    await lists.refresh(NEVER);
    const askedAtOnce = provider.log.length;
    provider.setOutage(undefined);
    world.ticker.advance(600_000);
    await lists.refresh(NEVER);
    await provider.close();

    assert.equal(askedAtOnce, 2);
    assert.deepEqual(told.get(live.provider.id), provider.models);
    assert.equal(live.pool.counts().ready, 2);
    assert.equal(world.events("models.not_learned").length, 1);
  }));

Deno.test("ModelLists.refresh() asks anew when the provider is another one, and not while it is down", () =>
  withKv(async (kv) => {
    const [one, two] = [["a"], ["b"]].map((models) =>
      startSimulatedProvider({ dialect: "openai", keys: KEYS, models })
    );
    assert.ok(one !== undefined && two !== undefined);
    using world = new UpstreamUnderTest();
    const live = world.addSimulated(one);
    const { told, lists } = listsOf(world, kv);
    await lists.refresh(NEVER);
    world.live.set({ ...live.provider, baseUrl: two.baseUrl });
    for (let call = 0; call < 5; call++) live.note(verdictOf("provider_down"), world.ticker.now());

    await lists.refresh(NEVER);
    const whileDown = told.get(live.provider.id);
    world.ticker.advance(60_000);
    await lists.refresh(NEVER);
    await one.close();
    await two.close();

    assert.deepEqual(whileDown, ["a"]);
    assert.deepEqual(told.get(live.provider.id), ["b"]);
  }));
