import assert from "node:assert/strict";
import type { Header } from "../../src/core/http.ts";
import type { Vendor } from "../../src/core/provider.ts";
import { exhaustedBefore429, waitHint } from "../../src/dialect/wait_hint.ts";
import { NOW_MS } from "./evidence.ts";

const DAY_S = 86_400;

function statusBody(...details: unknown[]): string {
  return JSON.stringify({ error: { code: 429, message: "…", status: "RESOURCE_EXHAUSTED", details } });
}

function retryInfo(retryDelay: string): unknown {
  return { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay };
}

function quotaFailure(quotaId: string): unknown {
  return {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [{ quotaId, quotaValue: "5" }],
  };
}

function messageBody(message: string): string {
  return JSON.stringify({ error: { message } });
}

const HINTS: readonly (readonly [
  name: string,
  vendor: Vendor,
  headers: readonly Header[],
  body: string,
  waitS: number | undefined,
  source?: string,
])[] = [
  ["nothing", "openai", [], "", undefined],
  ["retry-after-ms", "openai", [["retry-after-ms", "1500"], ["retry-after", "2"]], "", 1.5, "header"],
  ["x-ms-retry-after-ms", "azure", [["x-ms-retry-after-ms", "250"]], "", 0.25, "header"],
  [
    "unreadable ms, readable seconds",
    "openai",
    [["retry-after-ms", "soon"], ["retry-after", "2"]],
    "",
    2,
    "header",
  ],
  ["seconds", "openai", [["retry-after", "20"]], "", 20, "header"],
  ["a fraction of a second", "openai", [["retry-after", "0.5"]], "", 0.5, "header"],
  ["seconds in Go's form", "openai", [["retry-after", "20s"]], "", 20, "header"],
  ["an HTTP date", "openai", [["retry-after", "Sat, 21 Nov 2026 08:02:00 GMT"]], "", 120, "header"],
  ["an HTTP date in the past", "openai", [["retry-after", "Sat, 21 Nov 2020 08:02:00 GMT"]], "", 1, "header"],
  ["zero", "openai", [["retry-after", "0"]], "", 1, "header"],
  ["a negative number", "openai", [["retry-after", "-30"]], "", 1, "header"],
  ["NaN", "openai", [["retry-after", "NaN"]], "", 1, "header"],
  ["Infinity", "openai", [["retry-after", "Infinity"]], "", 1, "header"],
  [
    "an unreadable header, a readable body",
    "openai",
    [["retry-after", "x"]],
    messageBody("try again in 5s"),
    5,
    "body",
  ],
  ["156 hours", "openai", [["retry-after", "561600"]], "", DAY_S, "header"],
  [
    "the header before the body",
    "openai",
    [["retry-after", "3"]],
    messageBody("try again in 9s"),
    3,
    "header",
  ],
  ["try again in 9.816s", "openai", [], messageBody("Please try again in 9.816s. Visit …"), 9.816, "body"],
  ["try again in 120ms", "openai", [], messageBody("Please try again in 120ms."), 0.12, "body"],
  ["try again in 1m2s", "groq", [], messageBody("Please try again in 1m2s."), 62, "body"],
  ["try again in 6m0s", "openai", [], messageBody("try again in 6m0s"), 360, "body"],
  ["try again in 5 minutes", "openai", [], messageBody("Try again in 5 minutes, please"), 300, "body"],
  ["retry after 37 seconds", "azure", [], messageBody("Please retry after 37 seconds."), 37, "body"],
  ["retry after 37", "azure", [], messageBody("Please retry after 37"), 37, "body"],
  ["retry in 9h54m12.5s", "gemini", [], messageBody("Please retry in 9h54m12.5s."), 35_652.5, "body"],
  ["plain text", "other", [], "slow down, try again in 7s", 7, "body"],
  ["a text without a time", "openai", [], messageBody("try again in a while"), undefined],
  ["RetryInfo", "gemini", [], statusBody(retryInfo("34.4s")), 34.4, "body"],
  ["RetryInfo of zero", "gemini", [], statusBody(retryInfo("0s")), 1, "body"],
  ["RetryInfo in an array of one", "gemini", [], `[${statusBody(retryInfo("3s"))}]`, 3, "body"],
  [
    "PerMinute without a delay",
    "gemini",
    [],
    statusBody(quotaFailure("GenerateRequestsPerMinutePerProject")),
    60,
    "calendar",
  ],
  [
    "PerMinute with a delay",
    "gemini",
    [],
    statusBody(quotaFailure("RequestsPerMinute"), retryInfo("12s")),
    12,
    "body",
  ],
  [
    "PerDay with 0s",
    "gemini",
    [],
    statusBody(quotaFailure("RequestsPerDay"), retryInfo("0s")),
    DAY_S,
    "calendar",
  ],
  [
    "PerDay with 37s",
    "gemini",
    [],
    statusBody(retryInfo("37s"), quotaFailure("RequestsPerDay")),
    DAY_S,
    "calendar",
  ],
  ["PerDay of another vendor", "openai", [], statusBody(quotaFailure("RequestsPerDay")), undefined],
  [
    "availability.retry_after",
    "openrouter",
    [],
    JSON.stringify({ error: { availability: { retry_after: 40 } } }),
    40,
    "body",
  ],
  [
    "the exhausted dimension, not the largest reset",
    "groq",
    [
      ["x-ratelimit-remaining-requests", "12"],
      ["x-ratelimit-reset-requests", "2m59.56s"],
      ["x-ratelimit-remaining-tokens", "0"],
      ["x-ratelimit-reset-tokens", "4.77s"],
    ],
    "",
    4.77,
    "header",
  ],
  [
    "the later of two exhausted dimensions",
    "openai",
    [
      ["x-ratelimit-remaining-requests", "0"],
      ["x-ratelimit-reset-requests", "1h2m3s"],
      ["x-ratelimit-remaining-tokens", "0"],
      ["x-ratelimit-reset-tokens", "12ms"],
    ],
    "",
    3723,
    "header",
  ],
  ["a reset without remaining", "openai", [["x-ratelimit-reset-requests", "20s"]], "", undefined],
  ["remaining 0 without a reset", "openai", [["x-ratelimit-remaining-requests", "0"]], "", undefined],
  [
    "Anthropic's RFC 3339",
    "anthropic",
    [
      ["anthropic-ratelimit-input-tokens-remaining", "0"],
      ["anthropic-ratelimit-input-tokens-reset", "2026-11-21T08:00:12Z"],
      ["anthropic-ratelimit-output-tokens-remaining", "40"],
      ["anthropic-ratelimit-output-tokens-reset", "2026-11-21T09:00:00Z"],
    ],
    "",
    12,
    "header",
  ],
  [
    "an epoch in milliseconds",
    "openrouter",
    [["x-ratelimit-remaining", "0"], ["x-ratelimit-reset", String(NOW_MS + 90_000)]],
    "",
    90,
    "header",
  ],
  [
    "an epoch in seconds",
    "other",
    [["x-ratelimit-remaining", "0"], ["x-ratelimit-reset", String(NOW_MS / 1000 + 90)]],
    "",
    90,
    "header",
  ],
  ["seconds from now", "other", [["ratelimit-remaining", "0"], ["ratelimit-reset", "30"]], "", 30, "header"],
  [
    "an epoch in the past",
    "other",
    [["x-ratelimit-remaining", "0"], ["x-ratelimit-reset", "1600000000"]],
    "",
    1,
    "header",
  ],
];

for (const [name, vendor, headers, body, waitS, source] of HINTS) {
  Deno.test(`waitHint() reads ${name}`, () => {
    const hint = waitHint(headers, body, vendor, NOW_MS);

    assert.deepEqual(
      hint,
      waitS === undefined ? undefined : { untilMs: NOW_MS + waitS * 1000, source },
    );
  });
}

Deno.test("exhaustedBefore429() cools until the stated reset when nothing remains", () => {
  const headers: Header[] = [
    ["content-type", "application/json"],
    ["x-ratelimit-remaining-requests", "0"],
    ["x-ratelimit-reset-requests", "20s"],
    ["x-ratelimit-remaining-tokens", "100"],
    ["x-ratelimit-reset-tokens", "6m0s"],
  ];

  const hint = exhaustedBefore429(headers, "openai", NOW_MS);

  assert.deepEqual(hint, { untilMs: NOW_MS + 20_000, source: "header" });
});

Deno.test("exhaustedBefore429() says nothing when something remains or no time is stated", () => {
  const remaining: Header[] = [["x-ratelimit-remaining-requests", "10"], [
    "x-ratelimit-reset-requests",
    "20s",
  ]];
  const unstated: Header[] = [["x-ratelimit-remaining-requests", "0"]];
  const past: Header[] = [["x-ratelimit-remaining", "0"], ["x-ratelimit-reset", "1600000000"]];
  const wordy: Header[] = [["x-ratelimit-remaining-requests", ""], ["x-ratelimit-reset-requests", "20s"]];

  for (const headers of [[], remaining, unstated, past, wordy]) {
    assert.equal(exhaustedBefore429(headers, "other", NOW_MS), undefined);
  }
});
