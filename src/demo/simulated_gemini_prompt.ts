import { readJson, type SimulatedAnswer, type SimulatedRequest } from "./simulated_dialect.ts";
import { badGemini, invalidGemini } from "./simulated_gemini_errors.ts";
import { parametersComplaint } from "./simulated_gemini_parameters.ts";
import { type GeminiPart, type GenerateBody, generateBody, inCamelCase } from "./simulated_gemini_request.ts";
import { contentsComplaint, partsOf, turnStart } from "./simulated_gemini_turns.ts";
import { seenAt, seenBytes } from "./simulated_media.ts";
import type { Prompt, ToolChoice } from "./simulated_prompt.ts";

/** A body that can be answered, or the objection to it. */
export function readGenerateBody(
  request: SimulatedRequest,
  model: string,
): { readonly body: GenerateBody } | { readonly objection: SimulatedAnswer } {
  const json = readJson(request);
  if (json === undefined) return { objection: badGemini("Invalid JSON payload received. Unexpected token.") };
  const parsed = generateBody.safeParse(inCamelCase(json));
  if (!parsed.success) return { objection: invalidGemini(parsed.error) };
  const body = parsed.data;
  if (body.contents === undefined || body.contents.length === 0) {
    return { objection: badGemini("* GenerateContentRequest.contents: contents is not specified\n") };
  }
  const complaint = parametersComplaint(body, model) ?? contentsComplaint(body, model);
  return complaint === undefined ? { body } : { objection: badGemini(complaint) };
}

/** What the body asks for. */
export function promptOf(body: GenerateBody): Prompt {
  const contents = body.contents ?? [];
  const start = turnStart(contents);
  const said = partsOf(contents[start]).filter((one) => one.functionResponse === undefined);
  const { generationConfig: config } = body;
  const isJson = config?.responseMimeType === "application/json";
  return {
    allText: [body.systemInstruction, ...contents].flatMap(partsOf).map(textOf).join(" "),
    lastText: said.map(textOf).filter((text) => text !== "").join(" "),
    media: said.flatMap(mediaOf),
    results: partsOf(contents.at(-1)).flatMap(({ functionResponse: one }) =>
      one === undefined ? [] : [{
        name: one.name,
        text: JSON.stringify(one.response),
        media: (one.parts ?? []).flatMap(mediaOf),
      }]
    ),
    rounds:
      contents.slice(start + 1).filter((one) => partsOf(one).some((part) => part.functionCall !== undefined))
        .length,
    tools: (body.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []).map((tool) => ({
      name: tool.name,
      parameters: tool.parametersJsonSchema ?? tool.parameters,
    })),
    toolChoice: toolChoiceOf(body),
    mayCallInParallel: true,
    schema: config?.responseJsonSchema ?? config?.responseSchema ?? (isJson ? {} : undefined),
    isThinking: config?.thinkingConfig !== undefined && config.thinkingConfig.thinkingBudget !== 0,
    maxTokens: config?.maxOutputTokens,
    stop: config?.stopSequences ?? [],
  };
}

function textOf(part: GeminiPart): string {
  if (part.functionResponse !== undefined) return JSON.stringify(part.functionResponse.response);
  return part.thought === true ? "" : part.text ?? "";
}

function mediaOf({ inlineData, fileData }: Pick<GeminiPart, "inlineData" | "fileData">): string[] {
  if (inlineData !== undefined) return [seenBytes(inlineData.mimeType, inlineData.data)];
  if (fileData === undefined) return [];
  return [seenAt(fileData.mimeType?.startsWith("image/") === true ? "image" : "file", fileData.fileUri)];
}

function toolChoiceOf(body: GenerateBody): ToolChoice {
  const { mode, allowedFunctionNames: names = [] } = body.toolConfig?.functionCallingConfig ?? {};
  if (mode === "NONE") return "none";
  if (names.length > 0) return { names, isRequired: mode === "ANY" };
  return mode === "ANY" ? "required" : "auto";
}
