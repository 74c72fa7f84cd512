import assert from "node:assert/strict";
import { parseModelName } from "../../src/core/model_alias.ts";
import { providerModel } from "../../src/core/provider.ts";

Deno.test("parseModelName() takes what stands before the slash for a slug only if it is one", () => {
  const isSlug = (slug: string) => slug === "groq" || slug === "team";
  const table: [name: string, slug: string | undefined, model: string][] = [
    ["gpt-5", undefined, "gpt-5"],
    ["groq/llama-4", "groq", "llama-4"],
    ["team/meta/llama", "team", "meta/llama"],
    ["meta/llama", undefined, "meta/llama"],
    ["groq/", undefined, "groq/"],
    ["/groq", undefined, "/groq"],
    ["", undefined, ""],
  ];

  for (const [name, slug, model] of table) assert.deepEqual(parseModelName(name, isSlug), { slug, model });
});

Deno.test("providerModel() gives the provider's own name, and every other name as it is", () => {
  const provider = { modelMap: { fast: "llama-4-8b" } };

  assert.equal(providerModel(provider, "fast"), "llama-4-8b");
  for (const name of ["other", "constructor", "__proto__", ""]) {
    assert.equal(providerModel(provider, name), name);
  }
});
