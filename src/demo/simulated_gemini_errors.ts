import type { ZodError } from "zod";
import {
  jsonAnswer,
  type Refusal,
  type SimulatedAnswer,
  type SimulatedRequest,
  type Trouble,
} from "./simulated_dialect.ts";
import { firstIssue } from "./simulated_issue.ts";

const SERVICE = "generativelanguage.googleapis.com";

/** Google's error object. Source: https://ai.google.dev/gemini-api/docs/troubleshooting and https://google.aip.dev/193 */
export function geminiError(
  code: number,
  status: string,
  message: string,
  details?: readonly unknown[],
): SimulatedAnswer {
  const error = { code, message, status, ...(details === undefined ? {} : { details }) };
  return jsonAnswer(code, { error }, undefined, [], "application/json; charset=UTF-8");
}

export function badGemini(message: string): SimulatedAnswer {
  return geminiError(400, "INVALID_ARGUMENT", message);
}

/** The first thing that a body's schema objects to. Source: https://google.aip.dev/193, BadRequest */
export function invalidGemini(error: ZodError): SimulatedAnswer {
  const { path, kind, message } = firstIssue(error);
  const field = inSnakeCase(kind === "unknown" ? path.slice(0, -1) : path);
  const place = field === "" ? "" : ` at '${field}'`;
  const description = kind === "unknown"
    ? `Invalid JSON payload received. Unknown name "${String(path.at(-1))}"${place}: Cannot find field.`
    : `Invalid value${place}: ${message}`;
  return geminiError(400, "INVALID_ARGUMENT", description, [{
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    fieldViolations: [{ field, description }],
  }]);
}

function inSnakeCase(path: readonly PropertyKey[]): string {
  return path.map((step) =>
    typeof step === "number"
      ? `[${step}]`
      : `.${String(step).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
  ).join("").replace(/^\./, "");
}

export function refuseGemini(refusal: Refusal, _request: SimulatedRequest): SimulatedAnswer {
  switch (refusal.kind) {
    case "missing":
      return geminiError(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      );
    case "unknown":
    case "revoked":
      return geminiError(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "API_KEY_INVALID",
          domain: "googleapis.com",
          metadata: { service: SERVICE },
        },
        {
          "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
          locale: "en-US",
          message: "API key not valid. Please pass a valid API key.",
        },
      ]);
    case "out_of_credit":
      return geminiError(
        402,
        "RESOURCE_EXHAUSTED",
        "Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.",
      );
    case "limited":
      return limited(refusal);
  }
}

export function failGemini(trouble: Trouble, _request: SimulatedRequest): SimulatedAnswer {
  switch (trouble) {
    case "internal":
      return geminiError(
        500,
        "INTERNAL",
        "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
      );
    case "unavailable":
      return geminiError(503, "UNAVAILABLE", "The service is currently unavailable.");
    case "overloaded":
      return geminiError(503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
  }
}

/** The 429 with QuotaFailure and RetryInfo. Source: docs/failures.md; no `retry-after` header is sent. */
function limited({ budget, model }: Extract<Refusal, { kind: "limited" }>): SimulatedAnswer {
  const isDaily = budget.window === "day";
  const metric = `${SERVICE}/generate_content_free_tier_requests`;
  // For daily quotas the stated delay is not the truth; seen in the wild.
  const delay = `${isDaily ? 37 : Math.round(budget.resetMs) / 1000}s`;
  const message =
    `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: ${metric}, limit: ${budget.limit}, model: ${
      model ?? "default"
    }\nPlease retry in ${delay}.`;
  const quotaId = `GenerateRequestsPer${isDaily ? "Day" : "Minute"}PerProjectPerModel-FreeTier`;
  return geminiError(429, "RESOURCE_EXHAUSTED", message, [
    {
      "@type": "type.googleapis.com/google.rpc.QuotaFailure",
      violations: [{
        quotaMetric: metric,
        quotaId,
        quotaDimensions: { location: "global", model: model ?? "default" },
        quotaValue: String(budget.limit),
      }],
    },
    {
      "@type": "type.googleapis.com/google.rpc.Help",
      links: [{
        description: "Learn more about Gemini API quotas",
        url: "https://ai.google.dev/gemini-api/docs/rate-limits",
      }],
    },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: delay },
  ]);
}
