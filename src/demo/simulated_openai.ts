import type { Header } from "../core/http.ts";
import {
  decodePath,
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedDialect,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { goDuration, type KeyBudget } from "./simulated_limits.ts";
import { answerChat } from "./simulated_openai_chat.ts";
import { failOpenai, openaiError, refuseOpenai, unknownModel } from "./simulated_openai_errors.ts";
import { listFiles, uploadFile } from "./simulated_openai_files.ts";
import {
  answerCompletion,
  answerEmbeddings,
  answerImages,
  answerModeration,
  answerSpeech,
} from "./simulated_openai_other.ts";
import { answerResponses } from "./simulated_openai_responses.ts";
import { isRecord } from "./simulated_schema.ts";

const TOKEN_LIMIT = 2_000_000;
const REQUEST_LIMIT = 10_000;
/** When the models of the list are said to have been made: 2025-01-01. */
const MODELS_CREATED = 1_735_689_600;

/** OpenAI's API. Source: https://platform.openai.com/docs/api-reference */
export const simulatedOpenai: SimulatedDialect = {
  basePath: "/v1",
  models: [
    "gpt-5",
    "gpt-5-mini",
    "gpt-4.1",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-3.5-turbo-instruct",
    "gpt-realtime",
    "gpt-4o-mini-tts",
    "gpt-image-1",
    "omni-moderation-latest",
    "text-embedding-3-small",
    "text-embedding-3-large",
  ],
  credentialOf,
  modelOf(request) {
    const json = readJson(request);
    return isRecord(json) && typeof json.model === "string" ? json.model : undefined;
  },
  isFree: (request) => request.method !== "POST" || request.path === "/v1/moderations",
  refuse: refuseOpenai,
  fail: failOpenai,
  headersOf,
  answer(request, world) {
    const answer = POST_ROUTES.get(request.path);
    if (request.method === "POST" && answer !== undefined) return answer(request, world);
    if (request.method === "GET") return answerGet(request, world, answer !== undefined);
    return notFound(request);
  },
};

const POST_ROUTES = new Map<string, (request: SimulatedRequest, world: World) => SimulatedAnswer>([
  ["/v1/chat/completions", answerChat],
  ["/v1/completions", answerCompletion],
  ["/v1/responses", answerResponses],
  ["/v1/embeddings", answerEmbeddings],
  ["/v1/moderations", answerModeration],
  ["/v1/images/generations", answerImages],
  ["/v1/audio/speech", answerSpeech],
  ["/v1/files", uploadFile],
]);

/** `Authorization: Bearer`, or, for browsers' WebSockets, the subprotocol `openai-insecure-api-key.KEY`. */
function credentialOf(request: SimulatedRequest): string | undefined {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  return /openai-insecure-api-key\.([^,\s]+)/.exec(request.headers.get("sec-websocket-protocol") ?? "")?.[1];
}

/** Source: https://platform.openai.com/docs/guides/rate-limits, rate limits in headers. */
function headersOf(request: SimulatedRequest, budget: KeyBudget | undefined, tokens: number): Header[] {
  const head: Header[] = [
    ["x-request-id", `req_${request.number}`],
    ["openai-organization", "org-simulated"],
    ["openai-processing-ms", "1"],
    ["openai-version", "2020-10-01"],
  ];
  if (request.method !== "POST") return head;
  const requests = budget ?? { limit: REQUEST_LIMIT, remaining: REQUEST_LIMIT - 1, resetMs: 6 };
  head.push(
    ["x-ratelimit-limit-requests", String(requests.limit)],
    ["x-ratelimit-limit-tokens", String(TOKEN_LIMIT)],
    ["x-ratelimit-remaining-requests", String(requests.remaining)],
    ["x-ratelimit-remaining-tokens", String(Math.max(1, TOKEN_LIMIT - tokens))],
    ["x-ratelimit-reset-requests", goDuration(requests.resetMs)],
    ["x-ratelimit-reset-tokens", goDuration(tokens * 60_000 / TOKEN_LIMIT)],
  );
  return head;
}

/** Models: https://platform.openai.com/docs/api-reference/models */
function answerGet(request: SimulatedRequest, world: World, isPostRoute: boolean): SimulatedAnswer {
  if (request.path === "/v1/models") {
    return jsonAnswer(200, { object: "list", data: world.models.map(modelObject) });
  }
  if (request.path === "/v1/files") return listFiles(world);
  if (request.path.startsWith("/v1/models/")) {
    const model = decodePath(request.path.slice("/v1/models/".length));
    return world.models.includes(model) ? jsonAnswer(200, modelObject(model)) : unknownModel(model);
  }
  if (isPostRoute) {
    const message = `Not allowed to GET on ${request.path}.`;
    return openaiError(405, message, "invalid_request_error", "method_not_supported");
  }
  return notFound(request);
}

function notFound(request: SimulatedRequest): SimulatedAnswer {
  return openaiError(404, `Invalid URL (${request.method} ${request.path})`, "invalid_request_error", null);
}

function modelObject(id: string): unknown {
  return { id, object: "model", created: MODELS_CREATED, owned_by: "openai" };
}
