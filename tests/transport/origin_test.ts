import assert from "node:assert/strict";
import { originAuthority, originKey, parseBaseUrl } from "../../src/transport/origin.ts";

const GOOD: readonly [url: string, key: string, authority: string, prefix: string][] = [
  ["https://api.openai.com/v1", "https://api.openai.com:443", "api.openai.com", "/v1"],
  ["https://api.openai.com/v1/", "https://api.openai.com:443", "api.openai.com", "/v1"],
  ["https://API.Example.com", "https://api.example.com:443", "api.example.com", ""],
  ["http://127.0.0.1:8080/", "http://127.0.0.1:8080", "127.0.0.1:8080", ""],
  ["http://[::1]:8080/a/b", "http://[::1]:8080", "[::1]:8080", "/a/b"],
  ["https://example.com:80", "https://example.com:80", "example.com:80", ""],
];

for (const [url, key, authority, prefix] of GOOD) {
  Deno.test(`parseBaseUrl() takes ${url} apart`, () => {
    const base = parseBaseUrl(url);

    assert.equal(originKey(base.origin), key);
    assert.equal(originAuthority(base.origin), authority);
    assert.equal(base.prefix, prefix);
  });
}

Deno.test("parseBaseUrl() gives an IPv6 address without brackets", () => {
  assert.deepEqual(parseBaseUrl("https://[2001:db8::1]/").origin, {
    isTls: true,
    hostname: "2001:db8::1",
    port: 443,
  });
});

const BAD = [
  ...[
    "",
    "api.openai.com",
    "file:///etc/passwd",
    "ftp://a/",
    "data:,a",
    "https://user:pw@a/",
    "https://u@a/",
  ],
  ...["https://a/?key=secret", "https://a/?", "https://a/#b", "https://a:0/", "https:///"],
];

for (const url of BAD) {
  Deno.test(`parseBaseUrl() refuses ${url === "" ? "nothing" : url}`, () => {
    assert.throws(
      () => parseBaseUrl(url),
      (error) =>
        error instanceof TypeError && error.message.startsWith("Cannot use the base URL") &&
        !error.message.includes("secret"),
    );
  });
}
