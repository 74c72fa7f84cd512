import { writeGeminiAnswer } from "./gemini_answer_writer.ts";
import { readGeminiRequest } from "./gemini_request_reader.ts";
import { GeminiStreamWriter } from "./gemini_stream_writer.ts";
import type { CallerSide, RequestField } from "./sides.ts";

/** A caller of Gemini's API: `:generateContent` and `:streamGenerateContent`. */
export const GEMINI_CALLER: CallerSide = {
  protocol: "gemini",
  readRequest: readGeminiRequest,
  nameOf: (field) => NAMES[field],
  writeAnswer: writeGeminiAnswer,
  openStream: (told) => new GeminiStreamWriter(told),
};

/** Google's names of what an upstream may have no place for. */
const NAMES: Readonly<Record<RequestField, string>> = {
  choices: "generationConfig.candidateCount",
  seed: "generationConfig.seed",
  logprobs: "generationConfig.responseLogprobs",
  presencePenalty: "generationConfig.presencePenalty",
  frequencyPenalty: "generationConfig.frequencyPenalty",
  temperature: "generationConfig.temperature",
  topP: "generationConfig.topP",
  topK: "generationConfig.topK",
  stop: "generationConfig.stopSequences",
  maxOutputTokens: "generationConfig.maxOutputTokens",
  mayCallInParallel: "toolConfig",
  toolChoice: "toolConfig.functionCallingConfig",
  tools: "tools",
  output: "generationConfig.responseMimeType",
  reasoning: "generationConfig.thinkingConfig",
  endUser: "labels",
  google: "safetySettings",
  cache: "cachedContent",
  detail: "generationConfig.mediaResolution",
  audio: "contents.parts.inlineData",
  image: "contents.parts.inlineData",
  file: "contents.parts.fileData",
  fileName: "contents.parts.inlineData.displayName",
  toolResultError: "contents.parts.functionResponse.response",
  isStrict: "toolConfig.functionCallingConfig.mode",
  thinking: "contents.parts.thought",
};
