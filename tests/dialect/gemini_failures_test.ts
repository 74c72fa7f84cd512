import { jsonEvidence } from "./evidence.ts";
import { GEMINI, googleError, testJudged } from "./judged.ts";

testJudged([
  [
    "Gemini's suspended consumer",
    jsonEvidence(
      403,
      googleError(
        403,
        "PERMISSION_DENIED",
        "Permission denied: Consumer 'api_key:AIzaSyA1234567890' has been suspended.",
        "CONSUMER_SUSPENDED",
      ),
      GEMINI,
    ),
    {
      kind: "key_dead",
      reason: "Permission denied: Consumer 'api_key:[redacted]' has been suspended.",
    },
  ],
  [
    "Gemini's location",
    jsonEvidence(
      400,
      googleError(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
      GEMINI,
    ),
    {
      kind: "provider_down",
      scope: "egress",
    },
  ],
  [
    "Gemini's unknown model",
    jsonEvidence(404, googleError(404, "NOT_FOUND", "models/m is not found for API version v1beta"), {
      ...GEMINI,
      model: undefined,
    }),
    {
      kind: "model_denied",
      scope: "key_model",
    },
  ],
  [
    "Gemini's daily quota of a provider that is not named",
    jsonEvidence(429, {
      error: {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: "…",
        details: [{ violations: [{ quotaId: "RequestsPerDay" }] }],
      },
    }, { ...GEMINI, vendor: "other" }),
    { kind: "key_limited", untilMs: Date.UTC(2026, 10, 22, 8), source: "calendar" },
  ],
  [
    "Gemini's quotaValue 0",
    jsonEvidence(429, {
      error: {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: "…",
        details: [{ violations: [{ quotaId: "X", quotaValue: "0" }] }],
      },
    }, GEMINI),
    { kind: "model_denied" },
  ],
  [
    "Gemini's overload inside a stream",
    jsonEvidence(200, googleError(503, "UNAVAILABLE", "high demand"), GEMINI),
    { kind: "provider_down", action: "retry" },
  ],
]);
