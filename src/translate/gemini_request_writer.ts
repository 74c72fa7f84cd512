import type { ChatRequest, Tool } from "./chat_request.ts";
import { geminiConfig, geminiParameters } from "./gemini_config_writer.ts";
import { geminiContents } from "./gemini_content_writer.ts";
import { type GeminiModel, readGeminiModel } from "./gemini_model.ts";
import type { RequestTold, WrittenRequest } from "./sides.ts";

/** `:generateContent` or `:streamGenerateContent`. Source: https://ai.google.dev/api/generate-content */
export function writeGeminiRequest(request: ChatRequest, told: RequestTold): WrittenRequest {
  const model = readGeminiModel(request.model);
  const method = request.isStream ? "streamGenerateContent" : "generateContent";
  return {
    path: `${model.path}:${method}`,
    query: request.isStream ? "alt=sse" : "",
    body: bodyOf(request, model, told),
    headers: [],
  };
}

/** `:countTokens` of all that would be sent. Source: https://ai.google.dev/api/tokens#method:-models.counttokens */
export function geminiCountRequest(request: ChatRequest, told: RequestTold): WrittenRequest {
  const model = readGeminiModel(request.model);
  const generateContentRequest = {
    model: model.path.slice("/v1beta/".length),
    ...bodyOf(request, model, told),
  };
  return { path: `${model.path}:countTokens`, query: "", body: { generateContentRequest }, headers: [] };
}

function bodyOf(request: ChatRequest, model: GeminiModel, told: RequestTold): Record<string, unknown> {
  const { google, endUser } = request;
  if (endUser !== undefined) told.losses.ignore(told.nameOf("endUser"));
  const generationConfig = geminiConfig(request, model, told);
  return {
    ...geminiContents(request, model, told),
    ...toolsOf(request, model, told),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    ...(google?.safetySettings === undefined ? {} : { safetySettings: google.safetySettings }),
    ...(google?.cachedContent === undefined ? {} : { cachedContent: google.cachedContent }),
  };
}

function toolsOf(request: ChatRequest, model: GeminiModel, told: RequestTold): Record<string, unknown> {
  const { toolChoice: choice, mayCallInParallel } = request;
  if (request.tools.length === 0) return {};
  // Gemini has no such switch.
  if (mayCallInParallel === false) told.losses.ignore(told.nameOf("mayCallInParallel"));
  // Names are taken with mode ANY only: else the others are not offered.
  const offered = choice?.kind === "named" && !choice.isRequired
    ? request.tools.filter(({ name }) => choice.names.includes(name))
    : request.tools;
  if (offered.length === 0) return {};
  const config = functionCallingConfig(request, offered, model);
  return {
    tools: [{ functionDeclarations: offered.map((tool) => declarationOf(tool, model, told)) }],
    ...(config === undefined ? {} : { toolConfig: { functionCallingConfig: config } }),
  };
}

/** Source: https://ai.google.dev/gemini-api/docs/function-calling#function-calling-mode */
function functionCallingConfig(
  { toolChoice }: ChatRequest,
  offered: readonly Tool[],
  model: GeminiModel,
): Record<string, unknown> | undefined {
  const isStrict = model.generation >= 2.5 && offered.some((tool) => tool.isStrict === true);
  switch (toolChoice?.kind) {
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "named":
      if (toolChoice.isRequired) return { mode: "ANY", allowedFunctionNames: toolChoice.names };
      return { mode: isStrict ? "VALIDATED" : "AUTO" };
    case "auto":
      return { mode: isStrict ? "VALIDATED" : "AUTO" };
    case undefined:
      return isStrict ? { mode: "VALIDATED" } : undefined;
  }
}

function declarationOf(tool: Tool, model: GeminiModel, told: RequestTold): Record<string, unknown> {
  const { name, description, parameters, cache } = tool;
  if (cache !== undefined) told.losses.ignore(told.nameOf("cache"));
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : geminiParameters(parameters, model, told)),
  };
}
