import assert from "node:assert/strict";
import { type Choice, planImport, type Standing } from "../../src/admin/import_plan.ts";
import { draftProvider } from "../../src/admin/provider_form.ts";
import { readConfig } from "../../src/config.ts";
import type { Provider } from "../../src/core/provider.ts";
import { readImport } from "../../src/imports/read_import.ts";

const { policy } = readConfig({ DATA_DIR: "unused" });

function provider(slug: string, baseUrl: string): Provider {
  return { ...draftProvider({ slug, baseUrl }, policy), id: `id-${slug}` };
}

function standing(providers: readonly Provider[], others: Partial<Standing> = {}): Standing {
  return { providers, groupSlugs: [], aliasNames: [], policy, faultOf: () => undefined, ...others };
}

async function settled(text: string, here: Standing, choices: readonly Choice[] = []): Promise<string[]> {
  const plan = planImport(await readImport(text), here, choices);
  return plan.providers.map(({ settled, destination }) =>
    destination.kind === "new" ? `new ${destination.draft.slug}` : settled || destination.kind
  );
}

const row = (slug: string, url: string) =>
  JSON.stringify([{ provider: slug, base_url: url, key: "house-key-0001" }]);

Deno.test("planImport() finds the provider that stands here by its upstream, else by its name", async () => {
  const groq = provider("fast", "https://api.groq.com/openai/v1");
  const mine = provider("house", "https://other.example/v1");
  const cases: [text: string, here: readonly Provider[], expected: string][] = [
    ["gsk_fixture_0001", [groq], "at:fast"],
    ["gsk_fixture_0001", [], "new groq"],
    [row("House", "https://house.example"), [], "new house"],
    // The same name and another upstream is another provider.
    [row("House", "https://house.example"), [mine], "new house-2"],
    [row("Anything", "https://other.example/v1"), [mine], "at:house"],
    ["HOUSE_API_KEY=house-key-0001", [mine], "at:house"],
    ["HOUSE_API_KEY=house-key-0001", [], "ask"],
    ["house-key-0001", [mine], "ask"],
  ];

  for (const [text, here, expected] of cases) {
    assert.deepEqual(await settled(text, standing(here)), [expected], text);
  }
});

Deno.test("planImport() gives no slug twice, and none that is a word of our own", async () => {
  const text = JSON.stringify([
    { provider: "Admin", base_url: "https://a.example/v1", key: "house-key-0001" },
    { provider: "admin", base_url: "https://b.example/v1", key: "house-key-0002" },
    { provider: "供应商", base_url: "https://c.example/v1", key: "house-key-0003" },
  ]);

  const slugs = await settled(text, standing([], { groupSlugs: ["p-admin"] }));

  assert.deepEqual(slugs, ["new p-admin-2", "new p-admin-3", "new c"]);
});

Deno.test("planImport() follows a choice that can be followed, and no other", async () => {
  const here = standing([provider("mine", "https://mine.example/v1")]);

  assert.deepEqual(await settled("gsk_fixture_0001", here, ["at:mine"]), ["at:mine"]);
  assert.deepEqual(await settled("gsk_fixture_0001", here, ["at:gone"]), ["new groq"]);
  assert.deepEqual(await settled("gsk_fixture_0001", here, ["preset:mistral"]), ["new mistral"]);
  assert.deepEqual(await settled("gsk_fixture_0001", here, ["skip"]), ["skip"]);
  assert.deepEqual(await settled("house-key-0001", here, ["new"]), ["ask"], "there is nothing to make it of");
});

Deno.test("planImport() drops what we do not accept of a provider, and says so", async () => {
  const text = JSON.stringify({
    format: "keyturn",
    version: 1,
    providers: [{
      slug: "odd",
      name: "Odd",
      baseUrl: "https://odd.example/v1",
      strategy: "magic",
      wings: 2,
      headers: { cookie: "a=b" },
      priority: 7,
      keys: [{ key: "house-key-0001", weight: 99_999 }],
    }],
  });

  const plan = planImport(await readImport(text), standing([]), []);

  const [planned] = plan.providers;
  assert.ok(planned?.destination.kind === "new");
  assert.deepEqual([planned.destination.draft.strategy, planned.destination.draft.priority], [
    "round_robin",
    7,
  ]);
  assert.deepEqual(plan.leftOut.map(({ reason, what }) => [reason, what]).toSorted(), [
    ["invalid", "headers"],
    ["invalid", "strategy"],
    ["invalid", "wings"],
  ]);
});

Deno.test("planImport() leaves a bound client key behind when nothing that it was bound to comes along", async () => {
  const text = JSON.stringify({
    groups: [
      {
        name: "one",
        channel_type: "openai",
        upstreams: [{ url: "https://one.example", weight: 1 }],
        proxy_keys: "fixture-client-key-1",
        api_keys: [{ key_value: "house-key-0001" }],
      },
    ],
  });
  const imported = await readImport(text);

  const taken = planImport(imported, standing([]), []);
  const skipped = planImport(imported, standing([]), ["skip"]);

  assert.deepEqual(taken.clientKeys.map(({ targets }) => targets), [["one"]]);
  assert.deepEqual(skipped.clientKeys, [], "unbound it could ask everything");
  assert.deepEqual(skipped.leftOut.map(({ reason }) => reason), ["unknown_reference"]);
});
