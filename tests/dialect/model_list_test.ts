import assert from "node:assert/strict";
import { modelListPath, readModelPage } from "../../src/dialect/model_list.ts";

Deno.test("modelListPath() names the page after another, as each dialect does", () => {
  assert.equal(modelListPath("openai"), "/v1/models");
  assert.equal(modelListPath("openai", "a/b"), "/v1/models?after=a%2Fb");
  assert.equal(modelListPath("anthropic", "claude-x"), "/v1/models?limit=1000&after_id=claude-x");
  assert.equal(modelListPath("gemini", "t&x"), "/v1beta/models?pageSize=1000&pageToken=t%26x");
  assert.equal(modelListPath("rest"), undefined);
});

Deno.test("readModelPage() reads ids and the next page of each form in use", () => {
  const pages: readonly [dialect: "openai" | "anthropic" | "gemini", body: unknown, page: unknown][] = [
    ["openai", { object: "list", data: [{ id: "a" }, { id: "b/c" }] }, {
      models: ["a", "b/c"],
      next: undefined,
    }],
    ["openai", [{ id: "bare" }], { models: ["bare"], next: undefined }],
    ["openai", { data: [{ id: "a" }, {}, { id: "x".repeat(300) }, 7, "s"] }, {
      models: ["a", "7", "s"],
      next: undefined,
    }],
    ["anthropic", { data: [{ id: "claude" }], has_more: true, last_id: "claude" }, {
      models: ["claude"],
      next: "claude",
    }],
    ["anthropic", { data: [{ id: "claude" }], has_more: false, last_id: "claude" }, {
      models: ["claude"],
      next: undefined,
    }],
    ["gemini", { models: [{ name: "models/gemini-x" }], nextPageToken: "t" }, {
      models: ["gemini-x"],
      next: "t",
    }],
    ["gemini", {}, { models: [], next: undefined }],
    ["gemini", { error: { code: 500 } }, undefined],
    ["openai", { error: "x" }, undefined],
  ];

  for (const [dialect, body, page] of pages) {
    assert.deepEqual(readModelPage(dialect, JSON.stringify(body)), page, JSON.stringify(body).slice(0, 60));
  }
  assert.equal(readModelPage("openai", "<html>"), undefined);
});
