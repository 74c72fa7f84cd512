import { z } from "zod";
import { readJson, type SimulatedAnswer, type SimulatedRequest } from "./simulated_dialect.ts";
import { badGemini, invalidGemini } from "./simulated_gemini_errors.ts";
import { base64Bytes, type Prompt } from "./simulated_reply.ts";

/** JSON names in protocol buffers may be written in camelCase or snake_case; callers use the first. */
const part = z.looseObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  inlineData: z.looseObject({ mimeType: z.string(), data: z.string() }).optional(),
  functionResponse: z.looseObject({ name: z.string(), response: z.unknown() }).optional(),
});
const content = z.looseObject({ role: z.string().optional(), parts: z.array(part).optional() });
/** Body of `:generateContent`, as far as the answer depends on it. */
export const generateBody = z.looseObject({
  contents: z.array(content).optional(),
  systemInstruction: content.optional(),
  tools: z.array(z.looseObject({
    functionDeclarations: z.array(z.looseObject({
      name: z.string(),
      parameters: z.unknown().optional(),
      parametersJsonSchema: z.unknown().optional(),
    })).optional(),
  })).optional(),
  toolConfig: z.looseObject({
    functionCallingConfig: z.looseObject({
      mode: z.string().optional(),
      allowedFunctionNames: z.array(z.string()).optional(),
    }).optional(),
  }).optional(),
  generationConfig: z.looseObject({
    temperature: z.number().optional(),
    maxOutputTokens: z.number().int().optional(),
    stopSequences: z.array(z.string()).optional(),
    candidateCount: z.number().int().optional(),
    responseMimeType: z.string().optional(),
    responseSchema: z.unknown().optional(),
    responseJsonSchema: z.unknown().optional(),
    thinkingConfig: z.looseObject({
      includeThoughts: z.boolean().optional(),
      thinkingBudget: z.number().optional(),
    }).optional(),
  }).optional(),
});

export type GenerateBody = z.infer<typeof generateBody>;

/** A body that can be answered, or the objection to it. */
export function readGenerateBody(
  request: SimulatedRequest,
): { readonly body: GenerateBody } | { readonly objection: SimulatedAnswer } {
  const json = readJson(request);
  if (json === undefined) return { objection: badGemini("Invalid JSON payload received. Unexpected token.") };
  const parsed = generateBody.safeParse(json);
  if (!parsed.success) return { objection: invalidGemini(parsed.error) };
  const { contents, generationConfig } = parsed.data;
  if (contents === undefined || contents.length === 0) {
    return { objection: badGemini("* GenerateContentRequest.contents: contents is not specified\n") };
  }
  const temperature = generationConfig?.temperature ?? 1;
  if (temperature < 0 || temperature > 2) {
    const range = "temperature must be in the range [0.0, 2.0]";
    return { objection: badGemini(`* GenerateContentRequest.generation_config.temperature: ${range}.\n`) };
  }
  return { body: parsed.data };
}

/** What the body asks for. */
export function promptOf(body: GenerateBody): Prompt {
  const contents = body.contents ?? [];
  const lastUser = contents.findLast((one) => one.role !== "model");
  const parts = lastUser?.parts ?? [];
  const result = parts.find((one) => one.functionResponse !== undefined)?.functionResponse;
  const { generationConfig: config } = body;
  const isJson = config?.responseMimeType === "application/json";
  return {
    allText: [body.systemInstruction, ...contents].map((one) => textOf(one?.parts ?? [])).join(" "),
    lastText: parts.map((one) => one.text ?? "").filter((text) => text !== "").join(" "),
    imageBytes: parts.flatMap((one) =>
      one.inlineData === undefined ? [] : [base64Bytes(one.inlineData.data)]
    ),
    toolResult: result === undefined ? undefined : JSON.stringify(result.response),
    tools: (body.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []).map((tool) => ({
      name: tool.name,
      parameters: tool.parametersJsonSchema ?? tool.parameters,
    })),
    toolChoice: toolChoiceOf(body),
    schema: config?.responseJsonSchema ?? config?.responseSchema ?? (isJson ? {} : undefined),
    isThinking: config?.thinkingConfig !== undefined && config.thinkingConfig.thinkingBudget !== 0,
    maxTokens: config?.maxOutputTokens,
    stop: config?.stopSequences ?? [],
  };
}

function textOf(parts: readonly z.infer<typeof part>[]): string {
  return parts.map((one) =>
    one.functionResponse === undefined ? one.text ?? "" : JSON.stringify(one.functionResponse.response)
  ).filter((text) => text !== "").join(" ");
}

function toolChoiceOf(body: GenerateBody): Prompt["toolChoice"] {
  const config = body.toolConfig?.functionCallingConfig;
  if (config?.mode === "NONE") return "none";
  const [name] = config?.allowedFunctionNames ?? [];
  if (config?.mode === "ANY") return name === undefined ? "required" : { name };
  return "auto";
}
