import type { ZodError } from "zod";
import {
  jsonAnswer,
  type Refusal,
  type SimulatedAnswer,
  type SimulatedRequest,
  type Trouble,
} from "./simulated_dialect.ts";
import { firstIssue } from "./simulated_issue.ts";
import { goDuration, type KeyBudget } from "./simulated_limits.ts";

/** OpenAI's error object. Source: https://platform.openai.com/docs/guides/error-codes */
export function openaiError(
  status: number,
  message: string,
  type: string,
  code: string | null,
  param: string | null = null,
): SimulatedAnswer {
  return jsonAnswer(status, { error: { message, type, param, code } });
}

/** A 400 that names the parameter at fault. */
export function badParameter(message: string, param: string | null, code: string | null): SimulatedAnswer {
  return openaiError(400, message, "invalid_request_error", code, param);
}

/** The first thing that a body's schema objects to, in OpenAI's words. */
export function invalidType(error: ZodError): SimulatedAnswer {
  const { path, kind, message } = firstIssue(error);
  const param = pathOf(path);
  if (kind === "missing") return missingParameter(param);
  return badParameter(`Invalid type for '${param}': ${message}.`, param, "invalid_type");
}

export function missingParameter(param: string): SimulatedAnswer {
  return badParameter(`Missing required parameter: '${param}'.`, param, "missing_required_parameter");
}

/** A 400 for a value that is not one of those that there are. */
export function badValue(value: string, supported: readonly string[], param: string): SimulatedAnswer {
  const quoted = supported.map((one) => `'${one}'`);
  const list = `${quoted.slice(0, -1).join(", ")}${quoted.length > 2 ? "," : ""} and ${quoted.at(-1)}`;
  return badParameter(`Invalid value: '${value}'. Supported values are: ${list}.`, param, "invalid_value");
}

export function emptyArray(param: string): SimulatedAnswer {
  return badParameter(
    `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
    param,
    "empty_array",
  );
}

/** OpenAI's objection to a temperature outside of 0 to 2. */
export function temperatureObjection(temperature: number | null | undefined): SimulatedAnswer | undefined {
  if (temperature === null || temperature === undefined) return undefined;
  if (temperature >= 0 && temperature <= 2) return undefined;
  const [side, sign, bound] = temperature > 2 ? ["above maximum", "<=", 2] : ["below minimum", ">=", 0];
  return badParameter(
    `Invalid 'temperature': decimal ${side} value. Expected a value ${sign} ${bound}, but got ${temperature} instead.`,
    "temperature",
    temperature > 2 ? "decimal_above_max_value" : "decimal_below_min_value",
  );
}

/** What a prompt is answered that must not be answered. */
export function blockedPrompt(): SimulatedAnswer {
  return badParameter(
    "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.",
    null,
    "invalid_prompt",
  );
}

export const NO_JSON =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";

export function unknownModel(model: string): SimulatedAnswer {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return openaiError(404, message, "invalid_request_error", "model_not_found");
}

export function refuseOpenai(refusal: Refusal, _request: SimulatedRequest): SimulatedAnswer {
  switch (refusal.kind) {
    case "missing":
      return openaiError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        "invalid_request_error",
        null,
      );
    case "unknown":
    case "revoked":
      return openaiError(
        401,
        `Incorrect API key provided: ${
          masked(refusal.secret)
        }. You can find your API key at https://platform.openai.com/account/api-keys.`,
        "invalid_request_error",
        "invalid_api_key",
      );
    case "out_of_credit":
      return openaiError(
        429,
        "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        "insufficient_quota",
        "insufficient_quota",
      );
    case "limited":
      return limited(refusal.budget, refusal.model ?? "default");
  }
}

export function failOpenai(trouble: Trouble, request: SimulatedRequest): SimulatedAnswer {
  switch (trouble) {
    case "internal":
      return openaiError(
        500,
        `The server had an error while processing your request. Sorry about that! (request ID req_${request.number})`,
        "server_error",
        null,
      );
    case "unavailable":
    case "overloaded":
      return openaiError(
        503,
        "The server is currently overloaded with other requests. Sorry about that! You can retry your request.",
        "service_unavailable_error",
        "server_is_overloaded",
      );
  }
}

/** Source: https://platform.openai.com/docs/guides/rate-limits (the 429 states when to come back). */
function limited(budget: KeyBudget, model: string): SimulatedAnswer {
  const [unit, short] = budget.window === "minute" ? ["min", "RPM"] : ["day", "RPD"];
  const message =
    `Rate limit reached for ${model} in organization org-simulated on requests per ${unit} (${short}): Limit ${budget.limit}, Used ${budget.limit}, Requested 1. Please try again in ${
      goDuration(budget.resetMs)
    }. Visit https://platform.openai.com/account/rate-limits to learn more.`;
  const error = { message, type: "requests", param: null, code: "rate_limit_exceeded" };
  const headers = [
    ["retry-after", String(Math.ceil(budget.resetMs / 1000))],
    ["retry-after-ms", String(Math.ceil(budget.resetMs))],
  ] as const;
  return jsonAnswer(429, { error }, undefined, headers);
}

function masked(secret: string): string {
  return secret.length < 12 ? "****" : `${secret.slice(0, 4)}${"*".repeat(8)}${secret.slice(-4)}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map((step) => typeof step === "number" ? `[${step}]` : `.${String(step)}`).join("").replace(
    /^\./,
    "",
  );
}
