import { jsonEvidence, NOW_MS } from "./evidence.ts";
import { ANTHROPIC, anthropicError, OTHER, testJudged } from "./judged.ts";

testJudged([
  [
    "Anthropic's usage limits with a date",
    jsonEvidence(
      400,
      anthropicError(
        "invalid_request_error",
        "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
      ),
      ANTHROPIC,
    ),
    {
      kind: "key_exhausted",
      untilMs: Date.UTC(2026, 11, 1),
      source: "body",
    },
  ],
  [
    "Anthropic's workspace limits without a date",
    jsonEvidence(
      400,
      anthropicError("invalid_request_error", "You have reached your specified workspace API usage limits."),
      ANTHROPIC,
    ),
    {
      kind: "key_exhausted",
      untilMs: NOW_MS + 3_600_000,
      source: "ladder",
    },
  ],
  ["Anthropic's 402", jsonEvidence(402, anthropicError("billing_error", "…"), ANTHROPIC), {
    kind: "key_exhausted",
    isConclusive: true,
  }],
  [
    "Anthropic's unknown model",
    jsonEvidence(404, anthropicError("not_found_error", "model: claude-x"), ANTHROPIC),
    { kind: "model_denied" },
  ],
  [
    "Anthropic's missing batch",
    jsonEvidence(404, anthropicError("not_found_error", "Not found"), {
      ...ANTHROPIC,
      path: "/v1/messages/batches/x",
      model: undefined,
    }),
    {
      kind: "request_bad",
    },
  ],
  [
    "Anthropic's permission",
    jsonEvidence(403, anthropicError("permission_error", "Your API key does not have permission"), ANTHROPIC),
    { kind: "model_denied" },
  ],
  [
    "Anthropic's rate limit inside a stream",
    jsonEvidence(200, anthropicError("rate_limit_error", "…"), { ...OTHER, dialect: "anthropic" }),
    {
      kind: "key_limited",
      scope: "key_model",
    },
  ],
]);
