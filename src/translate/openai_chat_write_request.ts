import type { ChatRequest, Effort, OutputFormat, Reasoning, TextPart, Tool } from "./chat_request.ts";
import { effortFor, isGemini, wantsMaxCompletionTokens } from "./openai_chat_models.ts";
import { writeOpenAiChatTurns } from "./openai_chat_write_messages.ts";
import type { RequestTold, WrittenRequest } from "./sides.ts";

type Body = Record<string, unknown>;

/**
 * A request to OpenAI or to a server that imitates it. What only OpenAI's own servers know is left out where a form that
 * all of them know says the same. Streams always ask for their usage.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 * @throws {AppError} by `losses`, for content that chat completions have no place for
 */
export function writeOpenAiChatRequest(request: ChatRequest, told: RequestTold): WrittenRequest {
  const { model } = request;
  if (request.topK !== undefined) told.losses.ignore(told.nameOf("topK"));
  const body: Body = {
    model,
    messages: [...systemMessage(request.system, told), ...writeOpenAiChatTurns(model, request.turns, told)],
    ...toolsOf(request, told),
    ...(request.output === undefined ? {} : { response_format: formatOf(request.output) }),
    ...given(
      wantsMaxCompletionTokens(model) ? "max_completion_tokens" : "max_tokens",
      request.maxOutputTokens,
    ),
    ...given("temperature", request.temperature),
    ...given("top_p", request.topP),
    ...given("stop", request.stop),
    ...given("n", request.choices),
    ...given("seed", request.seed),
    ...given("presence_penalty", request.presencePenalty),
    ...given("frequency_penalty", request.frequencyPenalty),
    ...(request.logprobs === undefined ? {} : { logprobs: true, top_logprobs: request.logprobs.top }),
    ...given("user", request.endUser),
    ...thinkingOf(request, told),
    ...(request.isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  return { path: "/v1/chat/completions", query: "", body, headers: [] };
}

function given(name: string, value: unknown): Body {
  return value === undefined ? {} : { [name]: value };
}

/** One message: templates of many open models refuse a second system message, or one that is a list of parts. */
function systemMessage(system: readonly TextPart[], told: RequestTold): Body[] {
  if (system.some(({ cache }) => cache !== undefined)) told.losses.ignore(told.nameOf("cache"));
  const text = system.map((part) => part.text).join("\n\n");
  return system.length === 0 ? [] : [{ role: "system", content: text }];
}

/**
 * Tools and the choice among them. `allowed_tools` is known to OpenAI only, so of several named tools only these are
 * declared.
 */
function toolsOf(request: ChatRequest, told: RequestTold): Body {
  const { toolChoice: choice, mayCallInParallel } = request;
  if (request.tools.some(({ cache }) => cache !== undefined)) told.losses.ignore(told.nameOf("cache"));
  const isNarrowed = choice?.kind === "named" && (choice.names.length > 1 || !choice.isRequired);
  const tools = isNarrowed ? request.tools.filter(({ name }) => choice.names.includes(name)) : request.tools;
  // A choice without tools is an error to OpenAI.
  if (tools.length === 0) return {};
  return {
    tools: tools.map(toolOf),
    ...(choice === undefined ? {} : { tool_choice: choiceOf(choice, isNarrowed) }),
    ...given("parallel_tool_calls", mayCallInParallel),
  };
}

function choiceOf(choice: NonNullable<ChatRequest["toolChoice"]>, isNarrowed: boolean): unknown {
  if (choice.kind !== "named") return choice.kind;
  if (isNarrowed) return choice.isRequired ? "required" : "auto";
  return { type: "function", function: { name: choice.names[0] } };
}

function toolOf({ name, description, parameters, isStrict }: Tool): Body {
  return {
    type: "function",
    function: {
      name,
      ...given("description", description),
      // Some servers (Mistral) want parameters even of a tool that has none.
      parameters: parameters ?? { type: "object", properties: {} },
      ...given("strict", isStrict),
    },
  };
}

function formatOf(output: OutputFormat): Body {
  if (output.kind === "json") return { type: "json_object" };
  const { name = "answer", description, schema, isStrict } = output;
  return {
    type: "json_schema",
    json_schema: { name, ...given("description", description), schema, ...given("strict", isStrict) },
  };
}

/** `reasoning_effort`, and Google's own settings where Google answers. */
function thinkingOf(request: ChatRequest, told: RequestTold): Body {
  const { google = {}, model, reasoning } = request;
  if (isGemini(model)) return geminiThinking(request, told);
  if (google.cachedContent !== undefined) {
    told.losses.refuse(told.nameOf("google"), "OpenAI has no content that Gemini cached");
  }
  if (google.safetySettings !== undefined) told.losses.ignore(told.nameOf("google"));
  return effortOf(model, reasoning, told);
}

function effortOf(model: string, reasoning: Reasoning | undefined, told: RequestTold): Body {
  const asked = reasoning?.effort ?? stepOf(reasoning?.budgetTokens);
  if (asked === undefined) return {};
  const effort = effortFor(model, asked);
  if (effort !== asked) told.losses.ignore(told.nameOf("reasoning"));
  return given("reasoning_effort", effort);
}

/** A budget as a step, by Google's table (https://ai.google.dev/gemini-api/docs/openai); `undefined` for "as you like". */
function stepOf(budgetTokens: number | undefined): Effort | undefined {
  if (budgetTokens === undefined || budgetTokens < 0) return undefined;
  if (budgetTokens === 0) return "none";
  if (budgetTokens <= 1024) return "low";
  return budgetTokens <= 8192 ? "medium" : "high";
}

/**
 * Google's endpoint refuses an effort beside a thinking_config. Thoughts are not asked for: they would come inside the
 * text. Source: https://ai.google.dev/gemini-api/docs/openai
 */
function geminiThinking({ google = {}, model, reasoning }: ChatRequest, told: RequestTold): Body {
  const budget = reasoning?.effort === undefined ? reasoning?.budgetTokens : undefined;
  const extra = {
    ...(budget === undefined ? {} : { thinking_config: { thinking_budget: budget } }),
    ...given("cached_content", google.cachedContent),
    ...given("safety_settings", google.safetySettings),
  };
  return {
    ...(budget === undefined ? effortOf(model, reasoning, told) : {}),
    ...(Object.keys(extra).length === 0 ? {} : { extra_body: { google: extra } }),
  };
}
