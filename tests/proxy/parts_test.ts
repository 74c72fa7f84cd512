import assert from "node:assert/strict";
import type { BodySource, Header } from "../../src/core/http.ts";
import { Secret } from "../../src/core/secret.ts";
import { OPENAI } from "../../src/dialect/openai.ts";
import { holdUntilMeaningful } from "../../src/proxy/commit_gate.ts";
import { placeCredential } from "../../src/pool/credential.ts";
import { callerHeaders } from "../../src/proxy/headers.ts";
import { upstreamHeaders } from "../../src/proxy/upstream_headers.ts";
import { PassingBody, type PassingEnd, type Seen } from "../../src/proxy/passing_body.ts";
import { presentedKey } from "../../src/proxy/presented_key.ts";
import { isJsonPath } from "../../src/proxy/request_body.ts";
import { dialectOfPath, readTarget } from "../../src/proxy/target.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A body of these chunks, then its end or this error. */
function sourceOf(chunks: readonly string[], error?: Error): BodySource & { isCancelled: boolean } {
  const left = chunks.map((chunk) => encoder.encode(chunk));
  return {
    isCancelled: false,
    read() {
      const chunk = left.shift();
      return chunk === undefined && error !== undefined ? Promise.reject(error) : Promise.resolve(chunk);
    },
    cancel() {
      this.isCancelled = true;
    },
  };
}

Deno.test("readTarget() tells provider, dialect, rest and query of each route", () => {
  const anthropic: Header[] = [["anthropic-version", "2023-06-01"]];
  const cases: [path: string, query: string, headers: Header[], expected: unknown[]][] = [
    ["/v1/chat/completions", "", [], [undefined, "openai", "/v1/chat/completions", ""]],
    ["/v1/messages", "beta=true", [], [undefined, "anthropic", "/v1/messages", "beta=true"]],
    ["/v1/models", "", anthropic, [undefined, "anthropic", "/v1/models", ""]],
    ["/v1/models", "key=k&pageSize=2", [], [undefined, "gemini", "/v1/models", "pageSize=2"]],
    ["/v1beta/models/g:x", "key=k", [], [undefined, "gemini", "/v1beta/models/g:x", ""]],
    ["/llm/a/v1/responses", "", [], ["a", "openai", "/v1/responses", ""]],
    ["/llm/a", "", [], ["a", undefined, "", ""]],
    ["/llm/a/foo", "x=1", [], ["a", undefined, "/foo", "x=1"]],
    ["/proxy/a/v1/messages", "k%65y=1&b", [], ["a", "rest", "/v1/messages", "b"]],
    ["/api/proxy/a/x", "", [], ["a", undefined, "/x", ""]],
    ["/api/a/x", "strategy=leastUsed&y=2", [], ["a", undefined, "/x", "y=2"]],
  ];
  for (const [path, query, headers, expected] of cases) {
    const target = readTarget(path, query, headers);
    assert.deepEqual([target?.slug, target?.dialect, target?.rest, target?.query], expected, path);
  }
  assert.equal(readTarget("/elsewhere", "", []), undefined);
  assert.equal(readTarget("/api/a/x", "strategy=leastUsed", [])?.strategy, "least_used");
  assert.equal(dialectOfPath("/v1/x", [["x-goog-api-key", "k"]]), "gemini");
});

Deno.test("isJsonPath() knows the calls that take JSON, and no upload", () => {
  const json = ["/v1/chat/completions", "/chat/completions", "/v1/messages", "/v1beta/models/g:countTokens"];
  const other = ["/v1/files", "/v1/audio/transcriptions", "/v1/images/edits", "/v1/models", "/x"];
  assert.ok(json.every((path) => isJsonPath("POST", path) && !isJsonPath("GET", path)));
  assert.ok(other.every((path) => !isJsonPath("POST", path)));
});

Deno.test("presentedKey() takes the first place that has a key", () => {
  const protocol: Header = ["sec-websocket-protocol", "realtime, openai-insecure-api-key.ws"];
  const cases: [headers: Header[], query: string, expected: string | undefined][] = [
    [[], "", undefined],
    [[["authorization", "Basic abc"]], "", undefined],
    [[["authorization", "bearer  a "]], "", "a"],
    [[["x-proxy-key", "p"], ["authorization", "Bearer a"]], "key=q", "p"],
    [[["x-api-key", ""]], "key=q%2B", "q+"],
    [[["x-goog-api-key", "g"]], "", "g"],
    [[protocol], "", "ws"],
    [[], "monkey=1", undefined],
  ];
  for (const [headers, query, expected] of cases) assert.equal(presentedKey(headers, query), expected);
});

Deno.test("placeCredential() writes a secret in each place", () => {
  const secret = new Secret("a b/c");
  const basic = placeCredential(secret, { kind: "basic" }).header;
  assert.deepEqual(placeCredential(secret, { kind: "bearer" }).header, ["authorization", "Bearer a b/c"]);
  assert.deepEqual(basic, ["authorization", `Basic ${btoa("a b/c:")}`]);
  assert.equal(placeCredential(secret, { kind: "query", name: "k y" }).parameter, "k%20y=a%20b%2Fc");
  assert.deepEqual(placeCredential(secret, { kind: "header", name: "X-K" }).header, ["x-k", "a b/c"]);
});

Deno.test("upstreamHeaders() lets the caller's header win over the provider's, and nothing over the credential", () => {
  const incoming: Header[] = [["anthropic-version", "new"], ["x-api-key", "caller"], [
    "accept-encoding",
    "br",
  ]];
  const extra: Header[] = [["anthropic-version", "old"], ["x-team", "blue"]];

  const headers = upstreamHeaders(incoming, extra, ["x-api-key", "pool"]);

  assert.deepEqual(headers, [
    ["anthropic-version", "new"],
    ["accept-encoding", "identity"],
    ["x-team", "blue"],
    ["x-api-key", "pool"],
  ]);
});

Deno.test("callerHeaders() drops headers that repeat a secret, plain or encoded", () => {
  const notes = { requestId: "req_1", provider: "p", attempts: 2, elapsedMs: 1.6 };
  const upstream: Header[] = [["a", "x s+cret y"], ["b", "k=s%2Bcret"], ["c", "fine"], ["x-request-id", "u"]];

  const headers = new Map(callerHeaders(upstream, notes, [new Secret("s+cret")]));

  assert.deepEqual([...headers.keys()].slice(0, 2), ["c", "x-upstream-request-id"]);
  assert.equal(headers.get("x-request-id"), "req_1");
  assert.equal(headers.get("x-proxy-response-time"), "2ms");
});

Deno.test("PassingBody passes chunks as they are, keeps their ends and tells once how it went", async () => {
  const ends: [PassingEnd["kind"], Seen][] = [];
  const run = async (source: BodySource, last?: string) => {
    const body = new PassingBody({
      source,
      held: [encoder.encode("held,")],
      onEnd: (end, seen) => {
        ends.push([end.kind, seen]);
        return last === undefined ? undefined : encoder.encode(last);
      },
    });
    let text = "";
    for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
      text += decoder.decode(chunk);
    }
    body.cancel();
    return text;
  };

  assert.equal(await run(sourceOf(["a,", "b"])), "held,a,b");
  assert.equal(await run(sourceOf(["a,"], new Error("cut")), "told"), "held,a,told");
  await assert.rejects(run(sourceOf([], new Error("cut"))), /cut/);
  const long = Array.from({ length: 40 }, () => "x".repeat(1000));
  await run(sourceOf(long));

  assert.deepEqual(ends.map(([kind]) => kind), ["ended", "broken", "broken", "ended"]);
  const seen = ends.at(-1)?.[1];
  assert.equal(seen?.bytes, 40_005);
  assert.equal(decoder.decode(seen?.head), "held,");
  const kept = seen?.tail.reduce((sum, chunk) => sum + chunk.byteLength, 0) ?? 0;
  assert.ok(kept >= 16 * 1024 && kept < 18 * 1024);
});

Deno.test("holdUntilMeaningful() opens, reports an error, an end or a delay, and never twice", async () => {
  const ticker = new ManualTicker();
  const gate = (chunks: string[]) =>
    holdUntilMeaningful(sourceOf(chunks), OPENAI, ticker, ticker.now() + 1000);
  const content = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';
  const error = 'data: {"error":{"message":"no"}}\n\n';

  const kinds = [];
  for (const chunks of [[": p\n\n", content], [error], [": p\n\n"], ['{"error":{"message":"bare"}}']]) {
    kinds.push((await gate(chunks)).kind);
  }
  const stuck = Promise.withResolvers<Uint8Array<ArrayBuffer> | undefined>();
  const silent = { read: () => stuck.promise, cancel: () => stuck.reject(new Error("cancelled")) };
  const late = holdUntilMeaningful(silent, OPENAI, ticker, ticker.now() + 1000);
  ticker.advance(1001);

  assert.deepEqual(kinds, ["open", "error", "ended", "error"]);
  assert.equal((await late).kind, "late");
  assert.equal(ticker.watchedCount, 0);
});
