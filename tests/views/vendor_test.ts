import assert from "node:assert/strict";
import denoConfig from "../../deno.json" with { type: "json" };

const root = new URL("../../", import.meta.url);

Deno.test("static/vendor holds htmx in the version that deno.json pins", async () => {
  const text = await Deno.readTextFile(new URL("static/vendor/htmx.min.js", root));

  const version = /\.version="([\d.]+)"/.exec(text)?.[1];

  assert.equal(denoConfig.imports["htmx.org"], `npm:htmx.org@${version}`, "run `deno task vendor`");
});
