import assert from "node:assert/strict";
import { AppError } from "../../src/errors.ts";
import { checkPath, splitUrl } from "../../src/proxy/path.ts";
import { joinPath } from "../../src/transport/provider_path.ts";

const GOOD = [
  "/",
  "/v1/chat/completions",
  "/v1beta/models/gemini-2.5-flash:generateContent",
  "/proxy/a/x.y/..z/...",
  "/proxy/a/%20%C3%A9",
  "/proxy/a/x;p=1;q=2",
  "/proxy/a/b/",
  "/v1/models/org%20name",
];
const BAD = [
  ["", "no leading slash"],
  ["x", "no leading slash"],
  ["/..", "a dot segment"],
  ["/a/./b", "a dot segment"],
  ["/a/%2E%2E", "a dot segment"],
  ["/a/.%2e;x/b", "a dot segment"],
  ["/a/;x/b", "an empty segment with parameters"],
  ["/a//b", "an empty segment"],
  ["//a", "an empty segment"],
  ["/a\\b", "a backslash"],
  ["/a%2Fb", "an encoded slash, backslash, dot or control character"],
  ["/a%5cb", "an encoded slash, backslash, dot or control character"],
  ["/a%252fb", "an encoded slash, backslash, dot or control character"],
  ["/a%00", "an encoded slash, backslash, dot or control character"],
  ["/a%7f", "an encoded slash, backslash, dot or control character"],
  ["/a%1", "a character that must be percent-encoded, or a broken percent-encoding"],
  ["/a b", "a character that must be percent-encoded, or a broken percent-encoding"],
  ["/é", "a character that must be percent-encoded, or a broken percent-encoding"],
] as const;

Deno.test("checkPath() takes plain paths and names the fault of the others", () => {
  for (const path of GOOD) checkPath(path);
  for (const [path, fault] of BAD) {
    const isFault = (error: unknown) =>
      error instanceof AppError && error.code === "invalid_path" &&
      error.message === `Cannot serve this path: it has ${fault}`;
    assert.throws(() => checkPath(path), isFault, path);
  }
});

Deno.test("splitUrl() cuts path and query out of a URL without touching them", () => {
  assert.deepEqual(splitUrl("http://h:1/a/b?c=d?e"), { path: "/a/b", query: "c=d?e" });
  assert.deepEqual(splitUrl("http://h:1/a%2e?"), { path: "/a%2e", query: "" });
  assert.deepEqual(splitUrl("http://h"), { path: "/", query: "" });
  assert.deepEqual(splitUrl("http://h/?x=/y"), { path: "/", query: "x=/y" });
});

Deno.test("joinPath() writes equal version segments once and follows the rule for others", () => {
  const cases = [
    ["/v1", "/v1/x", "keep_both", "/v1/x"],
    ["/v1", "/v1", "keep_prefix", "/v1"],
    ["/v1", "/v1beta/x", "keep_prefix", "/v1/x"],
    ["/v1", "/v1beta/x", "keep_rest", "/v1beta/x"],
    ["/v1", "/v2/x", "keep_both", "/v1/v2/x"],
    ["/v1beta", "/v1/models", "keep_rest", "/v1/models"],
    ["/api/v4", "/v1/x", "keep_prefix", "/api/v4/x"],
    ["", "/v1/x", "keep_prefix", "/v1/x"],
    ["/base", "/x", "keep_prefix", "/base/x"],
    ["/base", "", "keep_prefix", "/base"],
    ["/v1", "/vision/x", "keep_prefix", "/v1/vision/x"],
  ] as const;
  for (const [prefix, rest, rule, expected] of cases) assert.equal(joinPath(prefix, rest, rule), expected);
});
