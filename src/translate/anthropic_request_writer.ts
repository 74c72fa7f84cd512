import type { Header } from "../core/http.ts";
import { writeMessages, writeTexts } from "./anthropic_message_writer.ts";
import { type AnthropicModel, anthropicModel } from "./anthropic_models.ts";
import { writeOutput } from "./anthropic_output_writer.ts";
import {
  maxTokensOf,
  takeUncarried,
  writeEndUser,
  writeSampling,
  writeStop,
} from "./anthropic_setting_writer.ts";
import { planThinking, type ThinkingPlan } from "./anthropic_thinking_writer.ts";
import { lacksThoughts, withRecalledThoughts } from "./anthropic_thoughts.ts";
import { isToolForced, writeTools } from "./anthropic_tool_writer.ts";
import type { ChatRequest, MediaSource, TextPart, Turn } from "./chat_request.ts";
import type { RequestTold, WrittenRequest } from "./sides.ts";

/** Source: https://platform.claude.com/docs/en/build-with-claude/files */
const FILES_BETA: Header = ["anthropic-beta", "files-api-2025-04-14"];

/** `POST /v1/messages`. Source: https://platform.claude.com/docs/en/api/messages */
export function writeAnthropicRequest(request: ChatRequest, told: RequestTold): WrittenRequest {
  takeUncarried(request, told);
  const model = anthropicModel(request.model);
  const maxTokens = maxTokensOf(request, model, told);
  const { plan, prompt } = writePrompt(request, model, maxTokens, told);
  return {
    path: "/v1/messages",
    query: "",
    headers: headersOf(request.turns),
    body: {
      ...prompt,
      max_tokens: maxTokens,
      ...writeSampling(request, model, plan.isOn, told),
      ...writeStop(request, told),
      ...writeEndUser(request, told),
      ...(request.isStream ? { stream: true } : {}),
    },
  };
}

/**
 * `POST /v1/messages/count_tokens`: what is part of the prompt, and nothing of how it is answered.
 * Source: https://platform.claude.com/docs/en/api/messages-count-tokens
 */
export function anthropicCountRequest(request: ChatRequest, told: RequestTold): WrittenRequest {
  const model = anthropicModel(request.model);
  const { prompt } = writePrompt(request, model, request.maxOutputTokens ?? model.maxOutputTokens, told);
  return { path: "/v1/messages/count_tokens", query: "", headers: headersOf(request.turns), body: prompt };
}

function writePrompt(
  request: ChatRequest,
  model: AnthropicModel,
  maxTokens: number,
  told: RequestTold,
): { readonly plan: ThinkingPlan; readonly prompt: Readonly<Record<string, unknown>> } {
  const turns = withRecalledThoughts(request.turns, told.recall);
  const scene = {
    model,
    maxTokens,
    isToolForced: isToolForced(request),
    lacksThoughts: lacksThoughts(turns),
  };
  const plan = planThinking(request, scene, told);
  const output = writeOutput(request.output, model, told);
  const outputConfig = {
    ...(plan.effort === undefined ? {} : { effort: plan.effort }),
    ...(output.format === undefined ? {} : { format: output.format }),
  };
  const asked: readonly TextPart[] = output.instruction === undefined
    ? []
    : [{ kind: "text", text: output.instruction }];
  const system = writeTexts([...request.system, ...asked]);
  // Others' models behind this protocol may want their thoughts back without being asked to think.
  const messages = writeMessages(turns, plan.isOn || !model.isKnown, told);
  // A system prompt alone is what the user says: Anthropic answers nobody else.
  const isAlone = messages.length === 0 && system.length > 0;
  return {
    plan,
    prompt: {
      model: request.model,
      ...(system.length === 0 || isAlone ? {} : { system }),
      messages: isAlone ? [{ role: "user", content: system }] : messages,
      ...writeTools(request, model, told),
      ...(plan.thinking === undefined ? {} : { thinking: plan.thinking }),
      ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    },
  };
}

/** Files by their id are still behind a beta header; the API version is the provider's own header. */
function headersOf(turns: readonly Turn[]): readonly Header[] {
  return turns.some(({ parts }) => parts.some(hasFileId)) ? [FILES_BETA] : [];
}

function hasFileId(part: Turn["parts"][number]): boolean {
  if (part.kind === "tool_result") return part.parts.some(hasFileId);
  const source: MediaSource | undefined = part.kind === "image" || part.kind === "file"
    ? part.source
    : undefined;
  return source?.kind === "id";
}
