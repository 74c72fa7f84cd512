import {
  decodePath,
  jsonAnswer,
  type SimulatedAnswer,
  type SimulatedDialect,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { answerBatchEmbed, answerEmbed } from "./simulated_gemini_embed.ts";
import { failGemini, geminiError, refuseGemini } from "./simulated_gemini_errors.ts";
import { answerGenerate, answerStream, countGeminiTokens } from "./simulated_gemini_generate.ts";

const DEFAULT_PAGE = 50;
/** Both versions of the API have these paths; Google's own SDK 3.1 asks for `v1`. */
const MODELS_PATH = /^\/(v1|v1beta)\/models(?:\/(.+))?$/;

/** Google AI Studio's Gemini API. Source: https://ai.google.dev/api */
export const simulatedGemini: SimulatedDialect = {
  basePath: "",
  models: [
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-3-pro-preview",
    "gemini-embedding-001",
  ],
  credentialOf: (request) => request.headers.get("x-goog-api-key") ?? request.query.get("key") ?? undefined,
  modelOf: (request) => targetOf(request)?.model,
  isFree: (request) => request.method !== "POST" || request.path.endsWith(":countTokens"),
  refuse: refuseGemini,
  fail: failGemini,
  // It states no limits in headers.
  headersOf: () => [["server-timing", "gfet4t7; dur=1"], ["x-content-type-options", "nosniff"]],
  answer,
};

type Method = (request: SimulatedRequest, world: World, model: string) => SimulatedAnswer;

const METHODS = new Map<string, Method>([
  ["generateContent", answerGenerate],
  ["streamGenerateContent", answerStream],
  ["countTokens", countGeminiTokens],
  ["embedContent", answerEmbed],
  ["batchEmbedContents", answerBatchEmbed],
]);

function answer(request: SimulatedRequest, world: World): SimulatedAnswer {
  const path = MODELS_PATH.exec(request.path);
  if (request.method === "GET" && path !== null && path[2] === undefined) return listModels(request, world);
  const target = targetOf(request);
  if (target === undefined) return geminiError(404, "NOT_FOUND", "Requested entity was not found.");
  const { model, method } = target;
  const call = method === undefined ? undefined : METHODS.get(method);
  const isGet = request.method === "GET" && method === undefined;
  if (!isGet && (request.method !== "POST" || call === undefined)) {
    return geminiError(404, "NOT_FOUND", "Requested entity was not found.");
  }
  if (!world.models.includes(model)) {
    return geminiError(
      404,
      "NOT_FOUND",
      `models/${model} is not found for API version ${path?.[1]}, or is not supported for ${
        method ?? "GetModel"
      }. Call ListModels to see the list of available models and their supported methods.`,
    );
  }
  return call === undefined ? jsonAnswer(200, modelObject(model)) : call(request, world, model);
}

/** The model and the method that a path like `/v1beta/models/MODEL:METHOD` names. */
function targetOf(
  request: SimulatedRequest,
): { readonly model: string; readonly method: string | undefined } | undefined {
  const named = MODELS_PATH.exec(request.path)?.[2];
  if (named === undefined) return undefined;
  const rest = decodePath(named);
  const colon = rest.lastIndexOf(":");
  return colon < 0
    ? { model: rest, method: undefined }
    : { model: rest.slice(0, colon), method: rest.slice(colon + 1) };
}

/** Source: https://ai.google.dev/api/models#method:-models.list (`pageToken` is opaque there too). */
function listModels(request: SimulatedRequest, world: World): SimulatedAnswer {
  const size = Math.min(1000, Number(request.query.get("pageSize") ?? DEFAULT_PAGE) || DEFAULT_PAGE);
  const token = request.query.get("pageToken");
  const start = token === null ? 0 : Number(token.replace(/^page-/, "")) || 0;
  const next = start + size;
  return jsonAnswer(200, {
    models: world.models.slice(start, next).map(modelObject),
    ...(next < world.models.length ? { nextPageToken: `page-${next}` } : {}),
  });
}

function modelObject(model: string): unknown {
  return {
    name: `models/${model}`,
    version: "001",
    displayName: model,
    description: `Simulated ${model}`,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: model.includes("embedding")
      ? ["embedContent", "countTextTokens", "countTokens"]
      : ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"],
    temperature: 1,
    topP: 0.95,
    topK: 64,
    maxTemperature: 2,
  };
}
