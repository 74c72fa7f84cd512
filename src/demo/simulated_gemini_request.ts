import { z } from "zod";
import { isRecord } from "./simulated_schema.ts";

const blob = z.strictObject({ mimeType: z.string(), data: z.string(), displayName: z.string().optional() });
const fileData = z.strictObject({
  mimeType: z.string().optional(),
  fileUri: z.string(),
  displayName: z.string().optional(),
});
const part = z.strictObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional(),
  inlineData: blob.optional(),
  fileData: fileData.optional(),
  functionCall: z.strictObject({
    id: z.string().optional(),
    name: z.string(),
    args: z.record(z.string(), z.unknown()).optional(),
  }).optional(),
  functionResponse: z.strictObject({
    id: z.string().optional(),
    name: z.string(),
    response: z.record(z.string(), z.unknown()),
    parts: z.array(z.strictObject({ inlineData: blob.optional(), fileData: fileData.optional() })).optional(),
    willContinue: z.boolean().optional(),
    scheduling: z.string().optional(),
  }).optional(),
  executableCode: z.unknown().optional(),
  codeExecutionResult: z.unknown().optional(),
  videoMetadata: z.unknown().optional(),
  mediaResolution: z.unknown().optional(),
  partMetadata: z.unknown().optional(),
});
const content = z.strictObject({ role: z.string().optional(), parts: z.array(part).optional() });
const declaration = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  behavior: z.string().optional(),
  parameters: z.unknown().optional(),
  parametersJsonSchema: z.unknown().optional(),
  response: z.unknown().optional(),
  responseJsonSchema: z.unknown().optional(),
});
const tool = z.strictObject({
  functionDeclarations: z.array(declaration).optional(),
  googleSearch: z.unknown().optional(),
  googleSearchRetrieval: z.unknown().optional(),
  codeExecution: z.unknown().optional(),
  urlContext: z.unknown().optional(),
  googleMaps: z.unknown().optional(),
  fileSearch: z.unknown().optional(),
  computerUse: z.unknown().optional(),
});
const generationConfig = z.strictObject({
  temperature: z.number().optional(),
  topP: z.number().optional(),
  topK: z.number().optional(),
  seed: z.number().int().optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  maxOutputTokens: z.number().int().optional(),
  stopSequences: z.array(z.string()).optional(),
  candidateCount: z.number().int().optional(),
  responseMimeType: z.string().optional(),
  responseSchema: z.unknown().optional(),
  responseJsonSchema: z.unknown().optional(),
  responseLogprobs: z.boolean().optional(),
  logprobs: z.number().int().optional(),
  responseModalities: z.array(z.string()).optional(),
  speechConfig: z.unknown().optional(),
  mediaResolution: z.string().optional(),
  imageConfig: z.unknown().optional(),
  enableEnhancedCivicAnswers: z.boolean().optional(),
  thinkingConfig: z.strictObject({
    includeThoughts: z.boolean().optional(),
    thinkingBudget: z.number().int().optional(),
    thinkingLevel: z.string().optional(),
  }).optional(),
});

/**
 * Body of `:generateContent`. A name that is not in it is refused, as the real one does: "Cannot find field".
 * Source: https://ai.google.dev/api/generate-content
 */
export const generateBody = z.strictObject({
  model: z.string().optional(),
  contents: z.array(content).optional(),
  systemInstruction: content.optional(),
  tools: z.array(tool).optional(),
  toolConfig: z.strictObject({
    functionCallingConfig: z.strictObject({
      mode: z.string().optional(),
      allowedFunctionNames: z.array(z.string()).optional(),
    }).optional(),
    retrievalConfig: z.unknown().optional(),
    includeServerSideToolInvocations: z.boolean().optional(),
  }).optional(),
  safetySettings: z.array(z.strictObject({
    category: z.string(),
    threshold: z.string(),
    method: z.string().optional(),
  })).optional(),
  cachedContent: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  serviceTier: z.string().optional(),
  store: z.boolean().optional(),
  generationConfig: generationConfig.optional(),
});

export type GenerateBody = z.infer<typeof generateBody>;
export type GeminiContent = z.infer<typeof content>;
export type GeminiPart = z.infer<typeof part>;

/** Members whose own members are the caller's, not Google's. */
const FREE_FORM = ["args", "response", "parametersJsonSchema", "responseJsonSchema", "labels", "properties"];

/**
 * The body with its names in camelCase: JSON of protocol buffers may be written in snake_case too.
 * Source: https://protobuf.dev/programming-guides/json/
 */
export function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return [camel, FREE_FORM.includes(camel) ? member : inCamelCase(member)];
    }),
  );
}
