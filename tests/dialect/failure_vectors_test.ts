import assert from "node:assert/strict";
import { z } from "zod";
import type { DialectName, Vendor } from "../../src/core/provider.ts";
import type { Scope, Verdict } from "../../src/core/verdict.ts";
import type { Evidence } from "../../src/dialect/dialect.ts";
import { dialectOf } from "../../src/dialect/dialects.ts";
import { judge, STREAM_CUT } from "../../src/dialect/judge.ts";
import { SseSplitter } from "../../src/core/sse.ts";
import { NOW_MS } from "./evidence.ts";

const Vectors = z.array(z.object({
  id: z.string(),
  provider: z.enum(["openai", "azure", "openrouter", "deepseek", "groq", "mistral", "anthropic", "gemini"]),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
  expect: z.object({
    class: z.string(),
    scope: z.string().optional(),
    wait_s: z.number().optional(),
    until: z.string().optional(),
    retry_other_key: z.boolean(),
    blame_key: z.boolean(),
  }),
  stream: z.boolean(),
}));

type Vector = z.infer<typeof Vectors>[number];

const VECTORS = Vectors.parse(
  JSON.parse(await Deno.readTextFile(new URL("../fixtures/failure_vectors.json", import.meta.url))),
);

/** The vectors say group where we say account; what is per model cools the pair of key and model. */
const SCOPES: Readonly<Record<string, Scope>> = {
  "group": "account",
  "group+model": "key_model",
  "group(:free models)": "key_model",
  "deployment": "key_model",
  "key+model": "key_model",
  "model": "upstream",
  "provider": "upstream",
  "provider+model": "upstream",
};

const SCOPE_OF_CLASS: Readonly<Record<string, Scope>> = {
  key_dead: "key",
  request_bad: "request",
  request_too_big_for_key: "request",
};

/** What the words in `until` mean at `NOW_MS`; the last one is a header of the vector. */
const MOMENTS: Readonly<Record<string, number>> = {
  "first of next month 00:00 UTC": Date.UTC(2026, 11, 1),
  "2026-11-21T08:00:30Z": Date.UTC(2026, 10, 21, 8, 0, 30),
  "next daily reset (not 37s)": Date.UTC(2026, 10, 22, 8),
  "X-RateLimit-Reset": 1_795_305_600_000,
};

const PATHS: Readonly<Record<DialectName, string>> = {
  openai: "/v1/chat/completions",
  anthropic: "/v1/messages",
  gemini: "/v1beta/models/m:generateContent",
  rest: "/",
};

/** What the proxy does with an answer: whole ones are judged, streams event by event until content commits. */
function verdictOf(vector: Vector): { verdict: Verdict; isCommitted: boolean } {
  const evidence = evidenceOfVector(vector);
  if (!vector.stream) return { verdict: judge(evidence), isCommitted: false };
  const dialect = dialectOf(evidence.dialect);
  let isCommitted = false;
  for (const event of new SseSplitter().push(new TextEncoder().encode(evidence.body))) {
    const meaning = dialect.meaningOf(event);
    if (meaning === "error") return { verdict: judge({ ...evidence, body: event.data }), isCommitted };
    if (meaning === "content") isCommitted = true;
  }
  assert.equal(dialect.readEnd(evidence.body), "cut");
  return { verdict: STREAM_CUT, isCommitted };
}

function evidenceOfVector(vector: Vector): Evidence {
  const vendor: Vendor = vector.provider;
  const dialect = vendor === "anthropic" || vendor === "gemini" ? vendor : "openai";
  return {
    vendor,
    dialect,
    status: vector.status,
    headers: Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]),
    body: typeof vector.body === "string" ? vector.body : JSON.stringify(vector.body),
    path: PATHS[dialect],
    model: "m",
    nowMs: NOW_MS,
  };
}

Deno.test("judge() knows all the vectors", () => {
  assert.equal(VECTORS.length, 55);
});

for (const vector of VECTORS) {
  Deno.test(`judge() reads ${vector.id}`, () => {
    const { expect } = vector;

    const { verdict, isCommitted } = verdictOf(vector);

    const label = JSON.stringify(verdict);
    assert.equal(verdict.kind, expect.class, label);
    assert.equal(verdict.scope, expect.scope ? SCOPES[expect.scope] : SCOPE_OF_CLASS[expect.class], label);
    assert.equal(verdict.action !== "answer" && !isCommitted, expect.retry_other_key, label);
    assert.equal(
      ["key_dead", "key_limited", "key_exhausted"].includes(verdict.kind),
      expect.blame_key,
      label,
    );
    if (expect.wait_s !== undefined) assert.equal(verdict.untilMs, NOW_MS + expect.wait_s * 1000, label);
    if (expect.until !== undefined) assert.equal(verdict.untilMs, MOMENTS[expect.until], label);
    assert.equal(verdict.untilMs === undefined, verdict.source === undefined, label);
    assert.ok((verdict.reason ?? "").length <= 200);
  });
}
