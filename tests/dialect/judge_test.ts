import assert from "node:assert/strict";
import { judge } from "../../src/dialect/judge.ts";
import { judgeTransport } from "../../src/dialect/judge_transport.ts";
import { evidenceOf, jsonEvidence, NOW_MS } from "./evidence.ts";
import { GEMINI, googleError, openaiError, OTHER, testJudged } from "./judged.ts";

const HTML = "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head></html>";

testJudged([
  // Forms of the body.
  [
    "an array of one",
    jsonEvidence(
      400,
      [googleError(400, "INVALID_ARGUMENT", "API key not valid.", "API_KEY_INVALID")],
      GEMINI,
    ),
    {
      kind: "key_dead",
      rule: "gemini.api_key_invalid",
      isConclusive: true,
    },
  ],
  [
    "the array of one of Google's OpenAI endpoint",
    jsonEvidence(400, [googleError(400, "INVALID_ARGUMENT", "API key not valid.")], { vendor: "gemini" }),
    {
      kind: "key_dead",
      rule: "gemini.api_key_rejected",
    },
  ],
  ["an error that is a string", jsonEvidence(429, { error: "slow down" }, OTHER), {
    kind: "key_limited",
    reason: "slow down",
  }],
  ["an error that is a string inside a 200", jsonEvidence(200, { error: "upstream broke" }, OTHER), {
    kind: "provider_down",
    action: "retry",
    rule: "stream.error",
  }],
  [
    "FastAPI's detail",
    jsonEvidence(422, { detail: [{ loc: ["body"], msg: "field required" }] }, { vendor: "mistral" }),
    {
      kind: "request_bad",
      reason: "field required",
    },
  ],
  ["a Retry-After beside nothing", evidenceOf({ status: 429, headers: [["retry-after", "7"]] }), {
    kind: "key_limited",
    untilMs: NOW_MS + 7000,
    source: "header",
  }],
  ["plain text", evidenceOf({ status: 500, body: "upstream connect error" }), {
    kind: "provider_down",
    reason: "upstream connect error",
  }],
  ["JSON that is cut off", evidenceOf({ status: 401, body: '{"error":{"code":"invalid_api_k' }), {
    kind: "key_dead",
    isConclusive: false,
    rule: "status.401",
  }],
  [
    "server-sent events in place of JSON",
    evidenceOf({ status: 429, body: 'event: error\ndata: {"error":{"code":"insufficient_quota"}}\n\n' }),
    {
      kind: "key_exhausted",
      rule: "openai.insufficient_quota",
    },
  ],
  ["HTML 403", evidenceOf({ status: 403, body: HTML }), {
    kind: "provider_down",
    scope: "egress",
    reason: "Just a moment...",
  }],
  ["HTML 429", evidenceOf({ status: 429, body: HTML, vendor: "mistral" }), {
    kind: "provider_down",
    scope: "egress",
  }],
  ["HTML 404", evidenceOf({ status: 404, body: HTML }), { kind: "request_bad", action: "answer" }],
  ["HTML 200", evidenceOf({ status: 200, body: HTML }), { kind: "provider_down", rule: "status.html" }],

  // Statuses of which nothing more is known.
  ["an unknown 4xx", evidenceOf({ status: 418 }), {
    kind: "request_bad",
    scope: "request",
    action: "answer",
  }],
  ["401", evidenceOf({ status: 401 }), {
    kind: "key_dead",
    scope: "key",
    action: "next_key",
    isConclusive: false,
  }],
  ["402", evidenceOf({ status: 402 }), {
    kind: "key_exhausted",
    scope: "account",
    untilMs: NOW_MS + 3_600_000,
    source: "ladder",
    isConclusive: false,
  }],
  ["403", evidenceOf({ status: 403 }), {
    kind: "model_denied",
    scope: "key_model",
    untilMs: NOW_MS + 3_600_000,
  }],
  ["403 without a model", evidenceOf({ status: 403, path: "/v1/files", model: undefined }), {
    kind: "model_denied",
    scope: "request",
    action: "next_account",
    untilMs: undefined,
  }],
  ["404 of a wrong base URL", jsonEvidence(404, { detail: "Not Found" }, OTHER), {
    kind: "request_bad",
    action: "answer",
  }],
  ["404 of a model's own path", evidenceOf({ status: 404, path: "/v1/models/gpt-x", model: undefined }), {
    kind: "model_denied",
    scope: "key_model",
  }],
  ["404 about a model", jsonEvidence(404, { error: { message: "model 'm' not found" } }, OTHER), {
    kind: "model_denied",
  }],
  ["408", evidenceOf({ status: 408 }), { kind: "provider_down", scope: "upstream", action: "retry" }],
  ["409", evidenceOf({ status: 409 }), { kind: "provider_down" }],
  ["425", evidenceOf({ status: 425 }), { kind: "provider_down" }],
  ["413", evidenceOf({ status: 413 }), { kind: "request_bad" }],
  ["422", evidenceOf({ status: 422 }), { kind: "request_bad" }],
  ["429", evidenceOf({ status: 429, vendor: "other" }), {
    kind: "key_limited",
    scope: "account",
    action: "next_account",
    untilMs: undefined,
  }],
  ["520", evidenceOf({ status: 520 }), { kind: "provider_down" }],
  ["a redirect", evidenceOf({ status: 302 }), { kind: "request_bad", action: "answer" }],
  ["x-should-retry: false", evidenceOf({ status: 500, headers: [["x-should-retry", "false"]] }), {
    kind: "provider_down",
    action: "answer",
  }],

  // Answers that are none.
  ["200", jsonEvidence(200, { choices: [{ message: { content: "hi" }, finish_reason: "stop" }] }), {
    kind: "succeeded",
  }],
  ["204 without a body", evidenceOf({ status: 204 }), { kind: "ok_empty", action: "answer" }],
  ["200 of {}", jsonEvidence(200, {}), { kind: "ok_empty", scope: "request", action: "answer" }],
  [
    "DeepSeek running out of machines",
    jsonEvidence(200, { choices: [{ finish_reason: "insufficient_system_resource" }] }, {
      vendor: "deepseek",
    }),
    {
      kind: "provider_down",
    },
  ],
  [
    "a failed response event",
    jsonEvidence(200, {
      type: "response.failed",
      response: {
        status: "failed",
        error: { code: "rate_limit_exceeded", message: "Rate limit reached, try again in 3s" },
      },
    }),
    { kind: "key_limited", scope: "key_model", untilMs: NOW_MS + 3000 },
  ],
  [
    "an error event of the Responses API",
    jsonEvidence(200, { type: "error", code: "server_error", message: "The server had an error" }),
    {
      kind: "provider_down",
      rule: "openai.server_error",
    },
  ],
  [
    "a fine-tuning job that records an error",
    jsonEvidence(200, { object: "fine_tuning.job", error: { code: "x", message: "y" } }),
    {
      kind: "succeeded",
    },
  ],
]);

const PLANTED = "sk-ant-api03-PLANTED0123456789-AA";

Deno.test("judge() shows no key, whatever field repeats it", () => {
  const fields = ["message", "type", "code", "status", "param"] as const;
  const forms: unknown[] = [
    ...fields.map((field) => ({ error: { [field]: PLANTED } })),
    ...fields.map((field) => ({ error: { [field]: `${"x ".repeat(95)}${PLANTED}` } })),
    { error: PLANTED },
    { error: { message: "…", details: [{ reason: PLANTED, metadata: { consumer: PLANTED } }] } },
    { detail: [{ msg: PLANTED }] },
    [{ error: { message: `Bearer ${PLANTED}` } }],
    { object: "error", message: PLANTED },
  ];
  const bodies = [
    ...forms.map((form) => JSON.stringify(form)),
    PLANTED,
    `<html><title>${PLANTED}</title></html>`,
  ];

  for (const status of [200, 400, 401, 403, 404, 429, 500]) {
    for (const body of bodies) {
      const shown = JSON.stringify(judge(evidenceOf({ status, body })));
      assert.ok(!shown.includes("PLANTED") && !shown.includes("sk-ant"), shown);
    }
  }
});

Deno.test("judge() keeps the reason short, on one line", () => {
  const verdict = judge(jsonEvidence(400, openaiError(null, "a\nb\t\u0000".repeat(200))));

  assert.ok(verdict.reason !== undefined && verdict.reason.length === 200);
  assert.match(verdict.reason, /^a b a b [ab ]*…$/);
});

Deno.test("judge() learns the account that the text names", () => {
  const texts: readonly (readonly [text: string, account: string | undefined])[] = [
    ["Rate limit reached for m in organization org-AbC1 on requests", "org-AbC1"],
    ["in organization `org_01x` on tokens per minute", "org_01x"],
    ["consumer projects/123456 is over its quota", "projects/123456"],
    ["Consumer 'project_number:123456' is over its quota", "projects/123456"],
    ["You must be a member of an organization to use the API", undefined],
  ];

  for (const [text, account] of texts) {
    assert.equal(judge(jsonEvidence(429, openaiError("rate_limit_exceeded", text))).account, account, text);
  }
});

Deno.test("judgeTransport() blames the upstream or the caller, never a key", () => {
  assert.deepEqual(judgeTransport("connect_failed", false, false), {
    kind: "provider_down",
    scope: "upstream",
    action: "retry",
    isConclusive: false,
    rule: "transport.connect_failed",
  });
  assert.equal(judgeTransport("reset", true, false).action, "answer");
  assert.equal(judgeTransport("reset", true, true).action, "retry");
  assert.equal(judgeTransport("first_byte_timeout", true, true).action, "retry");
  assert.equal(judgeTransport("deadline", false, true).action, "answer");
  assert.equal(judgeTransport("cancelled", true, true).kind, "client_gone");
  assert.equal(judgeTransport("request_body", true, true).scope, "client");
});

Deno.test("judge() gives a stated time beyond a day whole, up to a month", () => {
  const nowMs = Date.UTC(2026, 10, 21);
  const after = (seconds: number) =>
    judge({
      vendor: "openai",
      dialect: "openai",
      status: 429,
      headers: [["retry-after", String(seconds)]],
      body: "",
      path: "/v1/chat/completions",
      nowMs,
    }).untilMs;

  assert.equal(after(156 * 3600), nowMs + 156 * 3600_000);
  assert.equal(after(90 * 86_400), nowMs + 31 * 86_400_000);
});
