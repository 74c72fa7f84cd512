import type { ChatRequest, GoogleSettings, OutputFormat, Tool, ToolChoice } from "./chat_request.ts";
import type { Losses } from "./losses.ts";
import { readOpenAiChatMessages } from "./openai_chat_read_messages.ts";
import { cacheOf } from "./openai_chat_read_parts.ts";
import { reasoningOf } from "./openai_chat_read_reasoning.ts";
import {
  KNOWN_MEMBERS,
  type OpenAiChatBody,
  type OpenAiChatGoogle,
  parseOpenAiChatBody,
  told,
} from "./openai_chat_request_shape.ts";
import { refuseShape } from "./caller_shape.ts";

/**
 * Reads the body of `POST /v1/chat/completions`. Source: https://platform.openai.com/docs/api-reference/chat/create
 * @throws {AppError} `invalid_request`: a member of a wrong shape, or one that no other provider has and that would
 * change the answer
 */
export function readOpenAiChatRequest(value: unknown, losses: Losses): ChatRequest {
  const body = parseOpenAiChatBody(value);
  nameTheRest(body, losses);
  const { system, turns } = readOpenAiChatMessages(body.messages, losses);
  const isOld = hasItems(body.functions) && !hasItems(body.tools);
  const toolChoice = isOld ? oldChoiceOf(body.function_call) : choiceOf(body.tool_choice, losses);
  const maxOutputTokens = body.max_completion_tokens ?? body.max_tokens;
  return {
    model: body.model,
    system,
    turns,
    tools: isOld ? (body.functions ?? []).map(toolOf) : toolsOf(body, losses),
    ...told("toolChoice", toolChoice),
    // The old form has room for one call.
    ...told("mayCallInParallel", isOld ? false : body.parallel_tool_calls),
    ...(isOld ? { isOldFunctions: true } : {}),
    ...told("output", outputOf(body.response_format)),
    ...told("maxOutputTokens", maxOutputTokens),
    ...told("temperature", body.temperature),
    ...told("topP", body.top_p),
    ...told("topK", body.top_k),
    ...told("stop", typeof body.stop === "string" ? [body.stop] : body.stop),
    ...told("choices", body.n),
    ...told("seed", body.seed),
    ...told("presencePenalty", body.presence_penalty),
    ...told("frequencyPenalty", body.frequency_penalty),
    ...told("logprobs", logprobsOf(body)),
    ...told("reasoning", reasoningOf(body)),
    ...told("endUser", body.user ?? body.safety_identifier),
    isStream: body.stream === true,
    ...told("google", googleOf(body)),
  };
}

/** Members that change what is answered, and that no other dialect has; the last ones are of vLLM, xAI and OpenRouter. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["audio", "it has no speech in its answers"],
  ["web_search_options", "it has no such web search"],
  ["search_parameters", "it has no such web search"],
  ["plugins", "it has no such plugins"],
  ["guided_json", "it has no such constraint; use response_format"],
  ["guided_regex", "it has no such constraint"],
  ["guided_choice", "it has no such constraint"],
  ["guided_grammar", "it has no such constraint"],
  ["structured_outputs", "it has no such constraint; use response_format"],
  ["grammar", "it has no such constraint"],
]);

/** Values that ask for what happens anyway. */
const NEUTRAL: ReadonlyMap<string, readonly unknown[]> = new Map([
  ["store", [false]],
  ["service_tier", ["auto", "default"]],
]);

function nameTheRest(body: OpenAiChatBody, losses: Losses): void {
  for (const [name, value] of Object.entries(body)) {
    if (KNOWN_MEMBERS.has(name) || value === null || value === undefined) continue;
    const why = REFUSED.get(name);
    if (why !== undefined) losses.refuse(name, why);
    if (!(NEUTRAL.get(name) ?? []).includes(value)) losses.ignore(name);
  }
  if (Object.keys(body.logit_bias ?? {}).length > 0) {
    losses.refuse("logit_bias", "its tokens are of another model");
  }
  if ((body.modalities ?? []).includes("audio")) {
    losses.refuse("modalities", "it has no speech in its answers");
  }
  // A model that makes pictures does so unasked.
  if ((body.modalities ?? []).some((modality) => modality !== "text")) losses.ignore("modalities");
  // The newer name of `user` wins nothing besides it.
  if (body.user && body.safety_identifier) losses.ignore("safety_identifier");
  if (body.stream_options?.include_obfuscation === true) {
    losses.ignore("stream_options.include_obfuscation");
  }
  for (const [name, value] of Object.entries(body.extra_body ?? {})) {
    if (name !== "google" && value !== null) losses.ignore(`extra_body.${name}`);
  }
  nameTheRestOfGoogle(body.google, "google", losses);
  nameTheRestOfGoogle(body.extra_body?.google, "extra_body.google", losses);
}

function nameTheRestOfGoogle(
  google: OpenAiChatGoogle | null | undefined,
  path: string,
  losses: Losses,
): void {
  const known = ["thinking_config", "cached_content", "safety_settings"];
  for (const name of Object.keys(google ?? {})) if (!known.includes(name)) losses.ignore(`${path}.${name}`);
}

function hasItems(list: readonly unknown[] | null | undefined): boolean {
  return (list?.length ?? 0) > 0;
}

type Declared = NonNullable<OpenAiChatBody["functions"]>[number];

function toolOf(declared: Declared): Tool {
  return {
    name: declared.name,
    ...told("description", declared.description),
    ...told("parameters", declared.parameters),
    ...told("isStrict", declared.strict),
  };
}

function toolsOf(body: OpenAiChatBody, losses: Losses): Tool[] {
  return (body.tools ?? []).map((tool, index) => {
    if (tool.function === null || tool.function === undefined) {
      // Custom tools take free text or a grammar.
      if (tool.type !== "function") {
        losses.refuse(`tools[${index}].type`, "it has only tools of type function");
      }
      refuseShape(`tools[${index}].function`, "it is missing");
    }
    return { ...toolOf(tool.function), ...cacheOf({ cache_control: tool.cache_control }) };
  });
}

function choiceOf(choice: OpenAiChatBody["tool_choice"], losses: Losses): ToolChoice | undefined {
  if (choice === null || choice === undefined) return undefined;
  if (typeof choice === "string") return { kind: choice };
  const { allowed_tools: allowed, function: single, type } = choice;
  if (allowed) {
    const names = allowed.tools.map((tool, index) =>
      tool.function?.name ??
        losses.refuse(`tool_choice.allowed_tools.tools[${index}].type`, "it has only tools of type function")
    );
    return { kind: "named", names, isRequired: allowed.mode === "required" };
  }
  if (single) return { kind: "named", names: [single.name], isRequired: true };
  if (type === "custom") losses.refuse("tool_choice.type", "it has only tools of type function");
  refuseShape("tool_choice", "it names no tool");
}

function oldChoiceOf(choice: OpenAiChatBody["function_call"]): ToolChoice | undefined {
  if (choice === null || choice === undefined) return undefined;
  if (typeof choice === "string") return { kind: choice };
  return { kind: "named", names: [choice.name], isRequired: true };
}

function outputOf(format: OpenAiChatBody["response_format"]): OutputFormat | undefined {
  if (format === null || format === undefined || format.type === "text") return undefined;
  if (format.type === "json_object") return { kind: "json" };
  const { name, description, schema, strict } = format.json_schema;
  return {
    kind: "json_schema",
    ...told("name", name),
    ...told("description", description),
    // Without a schema any object is one (reference: "If omitted, …").
    schema: schema ?? { type: "object" },
    ...told("isStrict", strict),
  };
}

function logprobsOf(body: OpenAiChatBody): { top: number } | undefined {
  if (body.logprobs === true) return { top: body.top_logprobs ?? 0 };
  if ((body.top_logprobs ?? 0) > 0) refuseShape("top_logprobs", "it needs logprobs to be true");
  return undefined;
}

function googleOf(body: OpenAiChatBody): GoogleSettings | undefined {
  const google = body.extra_body?.google ?? body.google;
  const settings = {
    ...told("safetySettings", google?.safety_settings),
    ...told("cachedContent", google?.cached_content),
  };
  return Object.keys(settings).length === 0 ? undefined : settings;
}
