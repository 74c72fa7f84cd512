import type { ZodError } from "zod";
import type { Header } from "../core/http.ts";
import {
  jsonAnswer,
  type Refusal,
  type SimulatedAnswer,
  type SimulatedRequest,
  type Trouble,
} from "./simulated_dialect.ts";
import { firstIssue } from "./simulated_issue.ts";

/** Anthropic's error object. Source: https://platform.claude.com/docs/en/api/errors */
export function anthropicError(
  status: number,
  type: string,
  message: string,
  request: SimulatedRequest,
  headers: readonly Header[] = [],
): SimulatedAnswer {
  const body = { type: "error", error: { type, message }, request_id: `req_${request.number}` };
  return jsonAnswer(status, body, undefined, headers);
}

export function badAnthropic(message: string, request: SimulatedRequest): SimulatedAnswer {
  return anthropicError(400, "invalid_request_error", message, request);
}

export function notFoundAnthropic(message: string, request: SimulatedRequest): SimulatedAnswer {
  return anthropicError(404, "not_found_error", message, request);
}

/** The first thing that a body's schema objects to: `messages.0.role: …`. */
export function invalidAnthropic(error: ZodError, request: SimulatedRequest): SimulatedAnswer {
  const { path, kind, message } = firstIssue(error);
  const words =
    { unknown: "Extra inputs are not permitted", missing: "Field required", other: message }[kind];
  return badAnthropic(`${path.join(".")}: ${words}`, request);
}

export function refuseAnthropic(refusal: Refusal, request: SimulatedRequest): SimulatedAnswer {
  switch (refusal.kind) {
    case "missing":
      return anthropicError(401, "authentication_error", "x-api-key header is required", request);
    case "unknown":
    case "revoked":
      return anthropicError(401, "authentication_error", "invalid x-api-key", request);
    case "out_of_credit":
      // A 400 that is not the request's fault. Source: docs/failures.md, the table of failures.
      return badAnthropic(
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        request,
      );
    case "limited": {
      const { budget } = refusal;
      const message =
        `This request would exceed your organization's rate limit of ${budget.limit} requests per ${budget.window} (org: org-simulated, model: ${
          refusal.model ?? "default"
        }). For details, refer to: https://platform.claude.com/docs/en/api/rate-limits.`;
      const headers = [["retry-after", String(Math.ceil(budget.resetMs / 1000))], [
        "x-should-retry",
        "true",
      ]] as const;
      return anthropicError(429, "rate_limit_error", message, request, headers);
    }
  }
}

export function failAnthropic(trouble: Trouble, request: SimulatedRequest): SimulatedAnswer {
  switch (trouble) {
    case "internal":
      return anthropicError(500, "api_error", "Internal server error", request);
    case "unavailable":
      return anthropicError(503, "api_error", "Service unavailable", request);
    case "overloaded":
      return anthropicError(529, "overloaded_error", "Overloaded", request);
  }
}
