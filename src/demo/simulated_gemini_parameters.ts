import type { GenerateBody } from "./simulated_gemini_request.ts";
import { openSchemaFault } from "./simulated_gemini_schema.ts";

const MAX_STOPS = 5;
const MAX_CANDIDATES = 8;
const FUNCTION_NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;
const MODES = ["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"];
const MIME_TYPES = ["text/plain", "application/json", "text/x.enum", "application/xml", "application/yaml"];

/** Whether it is one of the models that want their signatures back. Source: https://ai.google.dev/gemini-api/docs/gemini-3 */
export function isThirdGeneration(model: string): boolean {
  return /^gemini-([3-9]|\d\d)/.test(model);
}

/**
 * Google's objection to what a generation is asked for besides its contents, or `undefined`.
 * Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/function-calling,
 * https://ai.google.dev/gemini-api/docs/thinking
 */
export function parametersComplaint(body: GenerateBody, model: string): string | undefined {
  return toolsComplaint(body, model) ?? configComplaint(body.generationConfig, model) ??
    thinkingComplaint(body.generationConfig?.thinkingConfig, model);
}

function toolsComplaint(body: GenerateBody, model: string): string | undefined {
  const names: string[] = [];
  for (const [index, tool] of body.tools?.entries() ?? []) {
    for (const [place, one] of tool.functionDeclarations?.entries() ?? []) {
      const at = `tools[${index}].function_declarations[${place}]`;
      if (!FUNCTION_NAME.test(one.name)) {
        return `* GenerateContentRequest.${at}.name: [Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.]\n`;
      }
      if (names.includes(one.name)) {
        return `* GenerateContentRequest.${at}: Duplicate function declaration found: ${one.name}\n`;
      }
      names.push(one.name);
      if (one.parameters !== undefined && one.parametersJsonSchema !== undefined) {
        return `* GenerateContentRequest.${at}: only one of parameters and parameters_json_schema may be set.\n`;
      }
      const fault = openSchemaFault(one.parameters, `${at}.parameters`);
      if (fault !== undefined) return fault;
    }
  }
  const config = body.toolConfig?.functionCallingConfig;
  const at = "GenerateContentRequest.tool_config.function_calling_config";
  if (config?.mode !== undefined && !MODES.includes(config.mode.toUpperCase())) {
    return `Invalid value at 'tool_config.function_calling_config.mode', "${config.mode}"`;
  }
  const allowed = config?.allowedFunctionNames ?? [];
  if (allowed.length > 0 && config?.mode !== "ANY" && config?.mode !== "VALIDATED") {
    return `* ${at}.allowed_function_names: should only be set when mode is ANY.\n`;
  }
  const stranger = allowed.findIndex((name) => !names.includes(name));
  if (stranger >= 0) {
    return `* ${at}.allowed_function_names[${stranger}]: ${
      allowed[stranger]
    } is not in the list of available functions.\n`;
  }
  if (config?.mode === "ANY" && names.length === 0) {
    return "Function calling config is set without function_declarations.";
  }
  const isJson = body.generationConfig?.responseMimeType === "application/json";
  return isJson && names.length > 0 && !isThirdGeneration(model)
    ? "Function calling with a response mime type: 'application/json' is unsupported"
    : undefined;
}

function configComplaint(config: GenerateBody["generationConfig"], _model: string): string | undefined {
  if (config === undefined) return undefined;
  const at = "* GenerateContentRequest.generation_config";
  const temperature = config.temperature ?? 1;
  if (temperature < 0 || temperature > 2) {
    return `${at}.temperature: temperature must be in the range [0.0, 2.0].\n`;
  }
  if (config.topP !== undefined && (config.topP < 0 || config.topP > 1)) {
    return `${at}.top_p: top_p must be in the range [0.0, 1.0].\n`;
  }
  if (config.maxOutputTokens !== undefined && config.maxOutputTokens < 1) {
    return `${at}.max_output_tokens: max_output_tokens must be positive.\n`;
  }
  if ((config.stopSequences?.length ?? 0) > MAX_STOPS) {
    return `${at}.stop_sequences: Number of stop sequences exceeds the limit of ${MAX_STOPS}.\n`;
  }
  const candidates = config.candidateCount ?? 1;
  if (candidates < 1 || candidates > MAX_CANDIDATES) {
    return `${at}.candidate_count: candidate_count must be in the range [1, ${MAX_CANDIDATES}].\n`;
  }
  if (config.logprobs !== undefined && config.responseLogprobs !== true) {
    return `${at}.logprobs: logprobs may only be set when response_logprobs is true.\n`;
  }
  const type = config.responseMimeType ?? "text/plain";
  if (!MIME_TYPES.includes(type)) {
    return `${at}.response_mime_type: allowed mimetypes are \`text/plain\`, \`application/json\`, \`application/xml\`, \`application/yaml\` and \`text/x.enum\`.\n`;
  }
  if (config.responseSchema !== undefined && config.responseJsonSchema !== undefined) {
    return `${at}: only one of response_schema and response_json_schema may be set.\n`;
  }
  if ((config.responseSchema ?? config.responseJsonSchema) !== undefined && type === "text/plain") {
    return `${at}.response_schema: only allowed with response mime types \`application/json\` and \`text/x.enum\`.\n`;
  }
  return openSchemaFault(config.responseSchema, "generation_config.response_schema");
}

type ThinkingConfig = NonNullable<GenerateBody["generationConfig"]>["thinkingConfig"];

/** Least and most tokens of thought; 0 switches it off where that can be. */
const BUDGETS: readonly (readonly [RegExp, number, number, boolean])[] = [
  [/^gemini-2\.5-pro/, 128, 32_768, false],
  [/^gemini-2\.5-flash-lite/, 512, 24_576, true],
  [/^gemini-2\.5-flash/, 1, 24_576, true],
];
const LEVELS = ["MINIMAL", "LOW", "MEDIUM", "HIGH", "THINKING_LEVEL_UNSPECIFIED"];

function thinkingComplaint(config: ThinkingConfig, model: string): string | undefined {
  const { thinkingBudget: budget, thinkingLevel: level } = config ?? {};
  if (budget !== undefined && level !== undefined) {
    return "You can only set only one of thinking budget and thinking level.";
  }
  if (level !== undefined) {
    const name = level.toUpperCase();
    if (!LEVELS.includes(name)) {
      return `Invalid value at 'generation_config.thinking_config.thinking_level', "${level}"`;
    }
    if (!isThirdGeneration(model)) return "Thinking level is not supported for this model.";
    return /pro/.test(model) && ["MINIMAL", "MEDIUM"].includes(name)
      ? `Thinking level ${name} is not supported for this model. Please retry with other thinking level.`
      : undefined;
  }
  const bounds = BUDGETS.find(([pattern]) => pattern.test(model));
  if (budget === undefined || budget === -1 || bounds === undefined) return undefined;
  const [, least, most, canBeOff] = bounds;
  if (budget === 0 && !canBeOff) return "Budget 0 is invalid. This model only works in thinking mode.";
  return budget !== 0 && (budget < least || budget > most)
    ? `The thinking budget ${budget} is invalid. Please choose a value between ${least} and ${most}.`
    : undefined;
}
