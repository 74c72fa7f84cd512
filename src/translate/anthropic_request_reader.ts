import { isRecord } from "../core/json.ts";
import { readMessages, readSystem } from "./anthropic_message_reader.ts";
import { readOutput, readReasoning, readToolChoice, readTools } from "./anthropic_setting_reader.ts";
import { REQUEST } from "./anthropic_shape.ts";
import { shaped } from "./caller_shape.ts";
import type { ChatRequest } from "./chat_request.ts";
import type { Losses } from "./losses.ts";

/** Members that only Anthropic's own service can do, and that change what is answered or where it is computed. */
const ONLY_ANTHROPIC: ReadonlyMap<string, string> = new Map([
  ["container", "only Anthropic has containers"],
  ["mcp_servers", "only Anthropic calls MCP servers"],
  ["inference_geo", "only Anthropic can be told where to compute"],
  ["thread", "only Anthropic keeps conversations"],
  ["compaction", "only Anthropic summarizes conversations"],
]);

/**
 * Reads a body of `POST /v1/messages` or of `count_tokens`.
 * Source: https://platform.claude.com/docs/en/api/messages
 * @throws {AppError} `invalid_request` with the path of the member
 */
export function readAnthropicRequest(body: unknown, losses: Losses): ChatRequest {
  const request = shaped(REQUEST, body, "");
  if (isRecord(body)) takeRest(body, losses);
  if (request.max_tokens === 0) {
    losses.refuse("max_tokens", "only Anthropic fills its cache without an answer");
  }
  const system = readSystem(request.system ?? [], losses);
  const { turns, laterSystem } = readMessages(request.messages, losses);
  const reasoning = readReasoning(request, losses);
  const output = readOutput(request);
  const userId = request.metadata?.user_id;
  const { temperature, top_p: topP, top_k: topK, max_tokens: maxOutputTokens, stop_sequences: stop } =
    request;
  return {
    model: request.model,
    system: [...system, ...laterSystem],
    turns,
    tools: readTools(request.tools ?? [], losses),
    ...readToolChoice(request),
    ...(output === undefined ? {} : { output }),
    ...(typeof maxOutputTokens === "number" ? { maxOutputTokens } : {}),
    ...(typeof temperature === "number" ? { temperature } : {}),
    ...(typeof topP === "number" ? { topP } : {}),
    ...(typeof topK === "number" ? { topK } : {}),
    ...(stop === undefined || stop === null || stop.length === 0 ? {} : { stop }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(typeof userId === "string" ? { endUser: userId } : {}),
    isStream: request.stream === true,
  };
}

/** What the canonical request has no place for. */
function takeRest(body: Readonly<Record<string, unknown>>, losses: Losses): void {
  for (const [name, value] of Object.entries(body)) {
    if (Object.hasOwn(REQUEST.shape, name) || isNothing(value)) continue;
    const why = ONLY_ANTHROPIC.get(name);
    if (why !== undefined) losses.refuse(name, why);
    losses.ignore(name);
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
