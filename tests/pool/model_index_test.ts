import assert from "node:assert/strict";
import type { Provider } from "../../src/core/provider.ts";
import { ModelIndex } from "../../src/pool/model_index.ts";
import { groupOf, liveOf, providerOf } from "./group_samples.ts";

function indexOf(...providers: readonly Provider[]) {
  const parts = liveOf(...providers);
  const index = new ModelIndex(parts.live, parts.groups);
  const offering = (model: string) => index.offering(model).map(({ provider }) => provider.slug);
  const list = (targets: readonly string[], accepts = (_name: string) => true) =>
    Object.fromEntries(
      index.list(targets, accepts).map(({ id, providers }) => [
        id,
        providers.map(({ provider }) => provider.slug).join(" "),
      ]),
    );
  return { ...parts, index, offering, list };
}

Deno.test("offering() gives who offers a model by priority, without those switched off", () => {
  const { offering } = indexOf(
    providerOf("late", { models: ["m"], priority: 200 }),
    providerOf("off", { models: ["m"], priority: 1, isEnabled: false }),
    providerOf("first", { models: ["m", "n"], priority: 5 }),
  );

  assert.deepEqual(offering("m"), ["first", "late"]);
  assert.deepEqual(offering("n"), ["first"]);
  for (const model of ["none", "constructor", ""]) assert.deepEqual(offering(model), []);
});

Deno.test("offering() counts learned models where none were told, and the names of the model map always", () => {
  const { index, offering, live } = indexOf(
    providerOf("told", { models: ["m"], modelMap: { alias: "m" } }),
    providerOf("untold"),
  );
  const unlisted = () => index.unlisted().map(({ provider }) => provider.slug);
  assert.deepEqual(unlisted(), ["untold"]);

  index.setLearnedModels("told", ["secret"]);
  index.setLearnedModels("untold", ["m", "x"]);
  index.setLearnedModels("gone", ["m"]);

  assert.deepEqual([offering("m"), offering("x"), offering("secret"), offering("alias")], [
    ["told", "untold"],
    ["untold"],
    [],
    ["told"],
  ]);
  assert.deepEqual(unlisted(), []);
  index.setLearnedModels("untold", []);
  assert.deepEqual(unlisted(), ["untold"]);
  live.set(providerOf("told"));
  assert.deepEqual(offering("secret"), ["told"], "what was learned counts once nothing is told");
});

Deno.test("offering() follows every change of the providers by itself", () => {
  const { live, offering } = indexOf(providerOf("a", { models: ["m"] }));
  assert.deepEqual(offering("m"), ["a"]);

  live.set(providerOf("b", { models: ["m"], priority: 1 }));
  assert.deepEqual(offering("m"), ["b", "a"]);
  live.set(providerOf("a", { models: ["m"], isEnabled: false }));
  assert.deepEqual(offering("m"), ["b"]);
  live.delete("b");
  assert.deepEqual(offering("m"), []);
});

Deno.test("resolve() reads slug/model first, then aliases, which do not chain", () => {
  const { groups, index } = indexOf(providerOf("groq"));
  groups.set(groupOf("team", ["groq"]));
  index.setAlias({ name: "fast", target: "groq/llama-4", contextFallback: "team/long" });
  index.setAlias({ name: "smart", target: "fast" });

  assert.deepEqual(index.resolve("fast"), { slug: "groq", model: "llama-4", contextFallback: "team/long" });
  assert.deepEqual(index.resolve("smart"), { slug: undefined, model: "fast" });
  assert.deepEqual(index.resolve("team/fast"), { slug: "team", model: "fast" });
  assert.deepEqual(index.resolve("meta/llama"), { slug: undefined, model: "meta/llama" });
  index.deleteAlias("fast");
  assert.deepEqual(index.resolve("fast"), { slug: undefined, model: "fast" });
  assert.deepEqual(index.aliases(), [{ name: "smart", target: "fast" }]);
});

Deno.test("list() holds what a client key may ask for by its targets and model patterns", () => {
  const { groups, index, list } = indexOf(
    providerOf("a", { models: ["m", "gpt-5"] }),
    providerOf("b", { models: ["m"] }),
    providerOf("c", { models: ["m", "only-c"] }),
  );
  groups.set(groupOf("team", ["a", "b"]));
  groups.set(groupOf("closed", ["c"], { isEnabled: false }));

  assert.deepEqual(list([]), { "gpt-5": "a", m: "a b c", "only-c": "c" });
  assert.deepEqual(list(["b"]), { m: "b" });
  assert.deepEqual(list(["team"]), { "gpt-5": "a", m: "a b" });
  assert.deepEqual(list(["team", "c"], (name) => name !== "m"), { "gpt-5": "a", "only-c": "c" });
  assert.deepEqual(list(["closed"]), {});
  assert.deepEqual(list(["gone"]), {}, "a target that is no more opens nothing");
  assert.deepEqual(index.list([], () => true).map(({ id }) => id), ["gpt-5", "m", "only-c"]);
});

Deno.test("list() shows an alias to whom its target is open, under its own name", () => {
  const { groups, index, list, live } = indexOf(providerOf("a", { models: ["m"] }), providerOf("b"));
  groups.set(groupOf("team", ["a", "b"]));
  index.setAlias({ name: "by-model", target: "m" });
  index.setAlias({ name: "by-provider", target: "b/anything" });
  index.setAlias({ name: "by-group", target: "team/m" });
  index.setAlias({ name: "nowhere", target: "gone" });

  assert.deepEqual(list([]), { "by-group": "a b", "by-model": "a", "by-provider": "b", m: "a" });
  assert.deepEqual(list(["team"]), { "by-group": "a b", "by-model": "a", m: "a" });
  assert.deepEqual(list(["b"]), { "by-provider": "b" });
  assert.deepEqual(list([], (name) => name.startsWith("by-g")), { "by-group": "a b" });
  live.set(providerOf("b", { isEnabled: false }));
  assert.deepEqual(list(["b"]), {});
});
