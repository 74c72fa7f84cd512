import { AppError } from "../errors.ts";
import type { ChatRequest } from "./chat_request.ts";
import { readGeminiConfig, readGeminiToolConfig, readGeminiTools } from "./gemini_config_reader.ts";
import { readGeminiContents, readGeminiSystem, readMediaResolution } from "./gemini_content_reader.ts";
import { GeminiField } from "./gemini_field.ts";
import type { Losses } from "./losses.ts";
import type { AskedByPath } from "./sides.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "model",
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "cachedContent",
  "continuationToken",
]);

/**
 * A `GenerateContentRequest` of a Gemini caller. Source: https://ai.google.dev/api/generate-content
 * @throws {AppError} `invalid_request`
 */
export function readGeminiRequest(body: unknown, asked: AskedByPath, losses: Losses): ChatRequest {
  return readRequest(new GeminiField(body, ""), asked, losses);
}

/**
 * What `:countTokens` asks about: `contents` alone, or a whole `generateContentRequest`.
 * Source: https://ai.google.dev/api/tokens#method:-models.counttokens
 * @throws {AppError} `invalid_request`
 */
export function readGeminiCountRequest(body: unknown, asked: AskedByPath, losses: Losses): ChatRequest {
  const field = new GeminiField(body, "");
  return readRequest(field.member("generateContentRequest") ?? field, { ...asked, isStream: false }, losses);
}

function readRequest(field: GeminiField, asked: AskedByPath, losses: Losses): ChatRequest {
  // Safety settings, labels and the like: they change no word of the conversation.
  for (const other of field.others(KNOWN)) losses.ignore(other.path);
  for (const name of ["cachedContent", "continuationToken"]) {
    const stored = field.member(name);
    if (stored !== undefined && stored.value !== "") losses.refuse(stored.path, "it is stored at Google");
  }
  const config = field.member("generationConfig");
  const resolution = config?.member("mediaResolution")?.name();
  const contents = field.member("contents") ?? field.invalid("contents is missing");
  const turns = readGeminiContents(contents, {
    losses,
    detail: resolution === undefined ? undefined : readMediaResolution(resolution),
  });
  if (turns.length === 0) contents.invalid("it has no parts");
  const toolConfig = field.member("toolConfig");
  const toolChoice = toolConfig === undefined ? undefined : readGeminiToolConfig(toolConfig, losses);
  const tools = field.member("tools");
  const system = field.member("systemInstruction");
  return {
    model: modelOf(field, asked),
    system: system === undefined ? [] : readGeminiSystem(system),
    turns,
    tools: tools === undefined ? [] : readGeminiTools(tools, losses),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(config === undefined ? {} : readGeminiConfig(config, losses)),
    isStream: asked.isStream,
  };
}

function modelOf(field: GeminiField, asked: AskedByPath): string {
  const model = asked.model ?? field.member("model")?.text() ?? "";
  const name = model.startsWith("models/") ? model.slice("models/".length) : model;
  if (name !== "") return name;
  throw new AppError("invalid_request", "Cannot read request: it names no model", {
    details: { param: "model" },
  });
}
