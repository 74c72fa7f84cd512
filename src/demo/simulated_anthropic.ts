import type { Header } from "../core/http.ts";
import {
  anthropicError,
  failAnthropic,
  notFoundAnthropic,
  refuseAnthropic,
} from "./simulated_anthropic_errors.ts";
import { answerMessages, countMessageTokens } from "./simulated_anthropic_messages.ts";
import {
  decodePath,
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedDialect,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import type { KeyBudget } from "./simulated_limits.ts";
import { isRecord } from "./simulated_schema.ts";

const REQUEST_LIMIT = 4000;
const TOKEN_LIMIT = 2_000_000;
const DEFAULT_PAGE = 20;

/** Anthropic's API. Source: https://platform.claude.com/docs/en/api/overview */
export const simulatedAnthropic: SimulatedDialect = {
  basePath: "",
  models: ["claude-opus-4-7", "claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-1"],
  credentialOf,
  modelOf(request) {
    const json = readJson(request);
    return isRecord(json) && typeof json.model === "string" ? json.model : undefined;
  },
  isFree: (request) => request.method !== "POST" || request.path === "/v1/messages/count_tokens",
  refuse: refuseAnthropic,
  fail: failAnthropic,
  headersOf,
  answer,
};

/** `x-api-key`, or `Authorization: Bearer` as Anthropic's own SDK 1.11 sends it. */
function credentialOf(request: SimulatedRequest): string | undefined {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  return request.headers.get("x-api-key") ?? bearer;
}

function answer(request: SimulatedRequest, world: World): SimulatedAnswer {
  if (!request.headers.has("anthropic-version")) {
    return anthropicError(400, "invalid_request_error", "anthropic-version: header is required", request);
  }
  if (request.method === "POST" && request.path === "/v1/messages") return answerMessages(request, world);
  if (request.method === "POST" && request.path === "/v1/messages/count_tokens") {
    return countMessageTokens(request, world);
  }
  if (request.method === "GET" && request.path === "/v1/models") return listModels(request, world);
  if (request.method === "GET" && request.path.startsWith("/v1/models/")) {
    const model = decodePath(request.path.slice("/v1/models/".length));
    return world.models.includes(model)
      ? jsonAnswer(200, modelObject(model))
      : notFoundAnthropic(`model: ${model}`, request);
  }
  if (request.path === "/v1/messages" || request.path === "/v1/messages/count_tokens") {
    return anthropicError(405, "invalid_request_error", "Method Not Allowed", request);
  }
  return notFoundAnthropic("Not Found", request);
}

/** Source: https://platform.claude.com/docs/en/api/rate-limits, response headers (resets as RFC 3339). */
function headersOf(request: SimulatedRequest, budget: KeyBudget | undefined, tokens: number): Header[] {
  const head: Header[] = [["request-id", `req_${request.number}`], [
    "anthropic-organization-id",
    "org-simulated",
  ]];
  if (request.method !== "POST") return head;
  const requests = budget ?? { limit: REQUEST_LIMIT, remaining: REQUEST_LIMIT - 1, resetMs: 1000 };
  head.push(
    ...limitHeaders("requests", requests.limit, requests.remaining, request.nowMs + requests.resetMs),
  );
  const remaining = Math.max(1000, TOKEN_LIMIT - tokens);
  for (const dimension of ["tokens", "input-tokens", "output-tokens"]) {
    head.push(...limitHeaders(dimension, TOKEN_LIMIT, remaining, request.nowMs + 1000));
  }
  return head;
}

function limitHeaders(dimension: string, limit: number, remaining: number, resetMs: number): Header[] {
  return [
    [`anthropic-ratelimit-${dimension}-limit`, String(limit)],
    [`anthropic-ratelimit-${dimension}-remaining`, String(remaining)],
    [`anthropic-ratelimit-${dimension}-reset`, wholeSeconds(resetMs)],
  ];
}

function wholeSeconds(ms: number): string {
  return new Date(Math.ceil(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** GET /v1/models?limit&after_id. Source: https://platform.claude.com/docs/en/api/models-list */
function listModels(request: SimulatedRequest, world: World): SimulatedAnswer {
  const limit = Number(request.query.get("limit") ?? DEFAULT_PAGE) || DEFAULT_PAGE;
  const after = request.query.get("after_id");
  const start = after === null ? 0 : world.models.indexOf(after) + 1;
  const page = world.models.slice(start, start + limit);
  return jsonAnswer(200, {
    data: page.map(modelObject),
    has_more: start + limit < world.models.length,
    first_id: page[0] ?? null,
    last_id: page.at(-1) ?? null,
  });
}

function modelObject(id: string): unknown {
  return { type: "model", id, display_name: id, created_at: "2025-09-29T00:00:00Z" };
}
