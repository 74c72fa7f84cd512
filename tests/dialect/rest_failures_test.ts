import { evidenceOf, jsonEvidence, NOW_MS } from "./evidence.ts";
import { REST, testJudged } from "./judged.ts";

testJudged([
  ["REST 200 with an error inside", jsonEvidence(200, { error: "its own business" }, REST), {
    kind: "succeeded",
  }],
  ["REST 304", evidenceOf({ ...REST, status: 304 }), { kind: "succeeded" }],
  ["REST 401", evidenceOf({ ...REST, status: 401 }), { kind: "key_dead", isConclusive: false }],
  ["REST 403", evidenceOf({ ...REST, status: 403 }), { kind: "model_denied", scope: "request" }],
  [
    "REST 403 that is a rate limit",
    evidenceOf({
      ...REST,
      status: 403,
      headers: [["x-ratelimit-remaining", "0"], ["x-ratelimit-reset", String(NOW_MS / 1000 + 60)]],
    }),
    {
      kind: "key_limited",
      untilMs: NOW_MS + 60_000,
    },
  ],
  ["REST 404", evidenceOf({ ...REST, status: 404 }), { kind: "request_bad" }],
  ["REST 409", evidenceOf({ ...REST, status: 409 }), { kind: "request_bad", action: "answer" }],
  ["REST 432", evidenceOf({ ...REST, status: 432 }), { kind: "key_exhausted" }],
  ["REST 429", evidenceOf({ ...REST, status: 429, headers: [["retry-after", "5"]] }), {
    kind: "key_limited",
    scope: "account",
    untilMs: NOW_MS + 5000,
  }],
  ["REST 503", evidenceOf({ ...REST, status: 503 }), { kind: "provider_down" }],
]);
