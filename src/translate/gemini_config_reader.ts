import type { ChatRequest, Effort, OutputFormat, Reasoning, Tool, ToolChoice } from "./chat_request.ts";
import type { GeminiField } from "./gemini_field.ts";
import { jsonSchemaOfGoogle } from "./gemini_schema_reader.ts";
import type { Losses } from "./losses.ts";

type Settings = Partial<
  Pick<
    ChatRequest,
    | "maxOutputTokens"
    | "temperature"
    | "topP"
    | "topK"
    | "stop"
    | "choices"
    | "seed"
    | "presencePenalty"
    | "frequencyPenalty"
    | "logprobs"
    | "output"
    | "reasoning"
  >
>;

const KNOWN: ReadonlySet<string> = new Set([
  "stopSequences",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "_responseJsonSchema",
  "responseModalities",
  "candidateCount",
  "maxOutputTokens",
  "temperature",
  "topP",
  "topK",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
  "responseLogprobs",
  "logprobs",
  "thinkingConfig",
  "mediaResolution",
  "speechConfig",
]);

/** The canonical name, Google's, and whether it is a whole number. */
const NUMBERS: readonly (readonly [keyof Settings, string, boolean])[] = [
  ["maxOutputTokens", "maxOutputTokens", true],
  ["temperature", "temperature", false],
  ["topP", "topP", false],
  ["topK", "topK", true],
  ["choices", "candidateCount", true],
  ["seed", "seed", true],
  ["presencePenalty", "presencePenalty", false],
  ["frequencyPenalty", "frequencyPenalty", false],
];

/** All of a `generationConfig`. Source: https://ai.google.dev/api/generate-content#GenerationConfig */
export function readGeminiConfig(config: GeminiField, losses: Losses): Settings {
  for (const other of config.others(KNOWN)) losses.ignore(other.path);
  for (const modality of config.member("responseModalities")?.texts() ?? []) {
    if (modality.toUpperCase() !== "TEXT") {
      losses.refuse(`${config.path}.responseModalities`, `no other provider answers in ${modality}`);
    }
  }
  const speech = config.member("speechConfig");
  if (speech !== undefined) losses.refuse(speech.path, "no other provider answers in speech");
  const output = outputOf(config, losses);
  const reasoning = reasoningOf(config.member("thinkingConfig"), losses);
  const hasLogprobs = config.member("responseLogprobs")?.flag() ?? false;
  const top = config.member("logprobs")?.integer() ?? 0;
  const stop = config.member("stopSequences")?.texts();
  const numbers = Object.fromEntries(
    NUMBERS.flatMap(([name, member, isWhole]) => {
      const field = config.member(member);
      return field === undefined ? [] : [[name, isWhole ? field.integer() : field.number()]];
    }),
  );
  return {
    ...numbers,
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    ...(hasLogprobs ? { logprobs: { top } } : {}),
    ...(output === undefined ? {} : { output }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}

/** Function declarations; Google's own tools are refused. Source: https://ai.google.dev/api/caching#Tool */
export function readGeminiTools(tools: GeminiField, losses: Losses): Tool[] {
  return tools.items().flatMap((tool) => {
    for (const other of tool.others(TOOL_KINDS)) losses.refuse(other.path, "it is a tool of Google's");
    return tool.member("functionDeclarations")?.items().map((field) => readTool(field, losses)) ?? [];
  });
}

/** `functionCallingConfig`. Source: https://ai.google.dev/api/caching#FunctionCallingConfig */
export function readGeminiToolConfig(toolConfig: GeminiField, losses: Losses): ToolChoice | undefined {
  for (const other of toolConfig.others(new Set(["functionCallingConfig"]))) losses.ignore(other.path);
  const config = toolConfig.member("functionCallingConfig");
  if (config === undefined) return undefined;
  for (const other of config.others(new Set(["mode", "allowedFunctionNames"]))) losses.ignore(other.path);
  const names = config.member("allowedFunctionNames")?.texts() ?? [];
  const mode = config.member("mode");
  switch (mode?.name()) {
    case "NONE":
      return { kind: "none" };
    case "ANY":
      return names.length === 0 ? { kind: "required" } : { kind: "named", names, isRequired: true };
    case "VALIDATED":
      // The schema is only promised to be kept: the same call in other words.
      losses.ignore(mode?.path ?? config.path);
      return names.length === 0 ? { kind: "auto" } : { kind: "named", names, isRequired: false };
    case "AUTO":
    case "MODE_UNSPECIFIED":
    case undefined:
      return names.length === 0 ? { kind: "auto" } : { kind: "named", names, isRequired: false };
    default:
      return config.invalid("mode must be AUTO, ANY, NONE or VALIDATED");
  }
}

const TOOL_KINDS: ReadonlySet<string> = new Set(["functionDeclarations"]);

const DECLARATION: ReadonlySet<string> = new Set([
  "name",
  "description",
  "parameters",
  "parametersJsonSchema",
]);

function readTool(field: GeminiField, losses: Losses): Tool {
  for (const other of field.others(DECLARATION)) losses.ignore(other.path);
  const plain = field.member("parametersJsonSchema");
  const parameters = plain?.record() ?? googleSchemaAt(field.member("parameters"));
  const description = field.member("description")?.text();
  return {
    name: field.member("name")?.text() ?? field.invalid("it has no name"),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

function googleSchemaAt(field: GeminiField | undefined): Record<string, unknown> | undefined {
  return field === undefined ? undefined : jsonSchemaOfGoogle(field.record());
}

function outputOf(config: GeminiField, losses: Losses): OutputFormat | undefined {
  const mimeType = config.member("responseMimeType");
  const plain = config.member("responseJsonSchema") ?? config.member("_responseJsonSchema");
  const schema = plain?.record() ?? googleSchemaAt(config.member("responseSchema"));
  switch (mimeType?.text().toLowerCase()) {
    case "application/json":
      return schema === undefined ? { kind: "json" } : { kind: "json_schema", schema };
    case undefined:
    case "":
    case "text/plain":
      return schema === undefined
        ? undefined
        : config.invalid("a schema needs responseMimeType application/json");
    default:
      return losses.refuse(mimeType?.path ?? config.path, "no other provider answers in this media type");
  }
}

const EFFORTS: ReadonlyMap<string, Effort> = new Map([
  ["MINIMAL", "minimal"],
  ["LOW", "low"],
  ["MEDIUM", "medium"],
  ["HIGH", "high"],
]);

const THINKING: ReadonlySet<string> = new Set(["includeThoughts", "thinkingBudget", "thinkingLevel"]);

function reasoningOf(config: GeminiField | undefined, losses: Losses): Reasoning | undefined {
  if (config === undefined) return undefined;
  for (const other of config.others(THINKING)) losses.ignore(other.path);
  const budgetTokens = config.member("thinkingBudget")?.integer();
  const level = EFFORTS.get(config.member("thinkingLevel")?.name() ?? "");
  const mustShow = config.member("includeThoughts")?.flag();
  const reasoning: Reasoning = {
    ...(level === undefined ? {} : { effort: level }),
    ...(budgetTokens === undefined || budgetTokens === 0 ? {} : { budgetTokens }),
    ...(budgetTokens === 0 ? { effort: "none" as const } : {}),
    ...(mustShow === undefined ? {} : { mustShow }),
  };
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}
