import { evidenceOf, jsonEvidence, NOW_MS } from "./evidence.ts";
import { openaiError, testJudged } from "./judged.ts";

testJudged([
  // OpenAI.
  ["slow_down", jsonEvidence(429, openaiError("slow_down")), { kind: "key_limited", scope: "key_model" }],
  ["slow_down as 503", jsonEvidence(503, openaiError("slow_down")), { kind: "provider_down" }],
  [
    "an overloaded engine as 429",
    jsonEvidence(429, openaiError(null, "The engine is currently overloaded, please try again later")),
    {
      kind: "provider_down",
      rule: "openai.overloaded",
    },
  ],
  ["a key's error that a relay sends as 500", jsonEvidence(500, openaiError("invalid_api_key")), {
    kind: "provider_down",
  }],
  [
    "a request above the whole limit",
    jsonEvidence(
      429,
      openaiError(
        "rate_limit_exceeded",
        "Rate limit reached: Limit 30000, Used 0, Requested 30001.",
        "tokens",
      ),
    ),
    {
      kind: "request_too_big_for_key",
    },
  ],
  ["a hard billing limit as 400", jsonEvidence(400, openaiError("billing_hard_limit_reached")), {
    kind: "key_exhausted",
  }],
  [
    "an unsupported country",
    jsonEvidence(
      403,
      openaiError(
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
        "request_forbidden",
      ),
    ),
    {
      kind: "provider_down",
      scope: "egress",
    },
  ],
  ["a model not found", jsonEvidence(404, openaiError("model_not_found")), {
    kind: "model_denied",
    scope: "key_model",
  }],
  [
    "a key without a scope",
    jsonEvidence(
      401,
      openaiError(
        null,
        "You have insufficient permissions for this operation. Missing scopes: model.request",
      ),
    ),
    {
      kind: "model_denied",
    },
  ],
  [
    "an address that is not authorized",
    jsonEvidence(401, openaiError(null, "Your IP is not authorized to use this key")),
    {
      kind: "key_dead",
      isConclusive: false,
    },
  ],
  ["a context that is too long", jsonEvidence(400, openaiError("context_length_exceeded")), {
    kind: "request_bad",
    isConclusive: true,
  }],
  ["a limit without a model", jsonEvidence(429, openaiError("rate_limit_exceeded"), { model: undefined }), {
    kind: "key_limited",
    scope: "account",
  }],

  // Its kin.
  [
    "Azure's high demand",
    jsonEvidence(429, openaiError("429", "The system is experiencing high demand"), { vendor: "azure" }),
    { kind: "provider_down" },
  ],
  [
    "Azure's 401",
    jsonEvidence(401, openaiError("401", "Access denied due to invalid subscription key"), {
      vendor: "azure",
    }),
    {
      kind: "key_dead",
      isConclusive: false,
    },
  ],
  ["Azure's quota", jsonEvidence(429, openaiError("insufficient_quota"), { vendor: "azure" }), {
    kind: "key_exhausted",
  }],
  [
    "Azure's deployment in the path",
    evidenceOf({
      status: 429,
      vendor: "azure",
      path: "/openai/deployments/d/chat/completions",
      model: undefined,
    }),
    {
      kind: "key_limited",
      scope: "key_model",
    },
  ],
  [
    "DeepSeek's balance",
    jsonEvidence(402, openaiError("invalid_request_error", "Insufficient Balance"), { vendor: "deepseek" }),
    {
      kind: "key_exhausted",
      isConclusive: true,
    },
  ],
  ["DeepSeek's 429", evidenceOf({ status: 429, vendor: "deepseek" }), {
    kind: "key_limited",
    scope: "account",
  }],
  [
    "Groq's restricted organisation",
    jsonEvidence(400, openaiError("organization_restricted"), { vendor: "groq" }),
    { kind: "key_dead", isConclusive: true },
  ],
  [
    "Groq's 413",
    jsonEvidence(
      413,
      openaiError(
        "rate_limit_exceeded",
        "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000",
        "tokens",
      ),
      { vendor: "groq" },
    ),
    {
      kind: "request_too_big_for_key",
    },
  ],
  [
    "Mistral's 429 without a time",
    jsonEvidence(429, { object: "error", message: "Requests rate limit exceeded", type: "rate_limited" }, {
      vendor: "mistral",
    }),
    {
      kind: "key_limited",
      scope: "account",
      untilMs: NOW_MS + 2000,
      source: "ladder",
    },
  ],
  [
    "Mistral's monthly cap",
    jsonEvidence(429, { object: "error", message: "Monthly token limit reached" }, {
      vendor: "mistral",
      headers: [["retry-after", "864000"]],
    }),
    {
      kind: "key_exhausted",
      untilMs: NOW_MS + 864_000_000,
    },
  ],
  [
    "OpenRouter's provider that is limited",
    jsonEvidence(429, {
      error: {
        code: 429,
        message: "Provider returned error",
        metadata: { provider_name: "X", raw: "rate-limited upstream" },
      },
    }, { vendor: "openrouter" }),
    {
      kind: "provider_down",
    },
  ],
  [
    "OpenRouter's own limit",
    jsonEvidence(429, { error: { code: 429, message: "Rate limit exceeded" } }, { vendor: "openrouter" }),
    {
      kind: "key_limited",
      scope: "account",
    },
  ],
  [
    "OpenRouter's cap on a key",
    jsonEvidence(403, { error: { code: 403, message: "Key limit exceeded (total limit)." } }, {
      vendor: "openrouter",
    }),
    {
      kind: "key_exhausted",
      scope: "key",
      action: "next_key",
    },
  ],
  [
    "OpenRouter's moderation",
    jsonEvidence(403, {
      error: { code: 403, message: "…", metadata: { reasons: ["violence"], flagged_input: "…" } },
    }, { vendor: "openrouter" }),
    {
      kind: "request_bad",
    },
  ],
  [
    "OpenRouter without an endpoint",
    jsonEvidence(404, { error: { code: 404, message: "No endpoints found for m." } }, {
      vendor: "openrouter",
    }),
    {
      kind: "model_denied",
    },
  ],
  [
    "OpenRouter when a retry is useless",
    jsonEvidence(503, { error: { code: 503, message: "…", availability: { code: "x", retryable: false } } }, {
      vendor: "openrouter",
    }),
    {
      kind: "provider_down",
      action: "answer",
    },
  ],
]);
