import assert from "node:assert/strict";
import { toResponse } from "../../src/proxy/answer.ts";

Deno.test("toResponse() keeps every header, also when a name comes twice", () => {
  const headers: [string, string][] = [["vary", "origin"], ["x-one", "1"], ["vary", "accept"]];

  const response = toResponse({ status: 200, headers, body: undefined });

  assert.equal(response.headers.get("vary"), "origin, accept");
  assert.equal(response.headers.get("x-one"), "1");
});

Deno.test("toResponse() keeps headers that are named like members of every object", () => {
  const headers: [string, string][] = [["__proto__", "a"], ["constructor", "b"], ["x-one", "1"]];

  const response = toResponse({ status: 200, headers, body: undefined });

  assert.equal(response.headers.get("__proto__"), "a");
  assert.equal(response.headers.get("constructor"), "b");
  assert.equal(response.headers.get("x-one"), "1");
});
