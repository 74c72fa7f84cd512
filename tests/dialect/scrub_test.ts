import assert from "node:assert/strict";
import { scrub } from "../../src/dialect/scrub.ts";

const KEYS = [
  "sk-abcdEFGH1234567890",
  "sk-proj-abc_DEF-123456789012",
  "sk-ant-api03-abc_DEF-1234567890-AA",
  "sk-or-v1-0123456789abcdef0123456789abcdef",
  "sk-abc***xyz",
  "sk-****…wxyz",
  "AIzaSyA1234567890abcdefghijklmnopqrstuv",
  "gsk_abcdefghijklmnopqrstuvwxyz0123456789",
  "xai-abcdefghijklmnop0123456789",
];

for (const key of KEYS) {
  Deno.test(`scrub() finds ${key} wherever it stands`, () => {
    const texts = [
      key,
      `Incorrect API key provided: ${key}. You can find …`,
      `api_key:${key}`,
      `Authorization: Bearer ${key}`,
      `{"key":"${key}","n":1}`,
      `https://example.com/v1/models?key=${key}&pageSize=1`,
      `\n${key}\n`,
      `(${key})`,
    ];

    for (const text of texts) assert.ok(!scrub(text, []).includes(key), text);
  });
}

Deno.test("scrub() finds keys without a prefix behind the words for them", () => {
  const key = "0123456789abcdef0123456789abcdef";

  assert.equal(scrub(`Incorrect API key provided: ${key}`, []), "Incorrect API key provided: [redacted]");
  assert.equal(scrub(`"api_key": "${key}"`, []), `"api_key": "[redacted]"`);
  assert.equal(scrub(`OPENAI_API_KEY=${key}`, []), "OPENAI_API_KEY=[redacted]");
  assert.equal(scrub(`GET /v1?a=1&key=short`, []), "GET /v1?a=1&key=[redacted]");
  assert.equal(scrub(`Authorization: Basic ${btoa("me:" + key)}`, []), "Authorization: Basic [redacted]");
});

Deno.test("scrub() leaves ordinary words alone", () => {
  const texts = [
    "This task-oriented, risk-based model is a desk-top ask-anything",
    "Limit 30000, Used 3, Requested 61337 tokens per min (TPM)",
    "Invalid token: malformed",
    '{"max_token": 1234567890}',
    "You exceeded your current quota, please check your plan and billing details.",
    "Model gpt-4o-mini is busy; bearer of bad news",
  ];

  for (const text of texts) assert.equal(scrub(text, []), text);
});

Deno.test("scrub() finds the given secrets in every form", () => {
  const secret = 'a/b+c"d é=9';
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(secret)));
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), base64];

  for (const form of forms) assert.equal(scrub(`<${form}>`, [secret]), "<[redacted]>");
});

Deno.test("scrub() takes the longer of two secrets first", () => {
  assert.equal(scrub("x abcdef-ghijkl x", ["abcdef", "abcdef-ghijkl"]), "x [redacted] x");
});

Deno.test("scrub() survives empty, short and broken secrets", () => {
  assert.equal(scrub("a banana", ["", "a", "\ud800abc"]), "a banana");
});

Deno.test("scrub() is fast on hostile text", () => {
  const texts = [
    "sk-.".repeat(16_000),
    "api_key" + " ".repeat(60_000),
    "token:".repeat(10_000),
    "eyJ.".repeat(16_000),
  ];

  // Linear work takes milliseconds; a quadratic search would not end within the test's patience.
  for (const text of texts) assert.equal(typeof scrub(text, []), "string");
});
