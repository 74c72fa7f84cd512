import type { ChatRequest } from "../../src/translate/chat_request.ts";
import { Losses } from "../../src/translate/losses.ts";
import { OPENAI_CHAT_CALLER } from "../../src/translate/openai_chat_caller.ts";
import type { AnswerTold, RequestTold } from "../../src/translate/sides.ts";

/** What `POST /v1/chat/completions` with this body asks, and what of it is named as ignored. */
export function readBody(
  body: unknown,
): { readonly request: ChatRequest; readonly ignored: readonly string[] } {
  const losses = new Losses();
  const request = OPENAI_CHAT_CALLER.readRequest(body, { model: undefined, isStream: false }, losses);
  return { request, ignored: losses.list() };
}

/** A body with one user message and these members. */
export function bodyWith(members: Record<string, unknown>): Record<string, unknown> {
  return { model: "some-model", messages: [{ role: "user", content: "Hi" }], ...members };
}

/** The plainest request, with these members. */
export function requestWith(members: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: "some-model",
    system: [],
    turns: [{ role: "user", parts: [{ kind: "text", text: "Hi" }] }],
    tools: [],
    isStream: false,
    ...members,
  };
}

/** What a writer of answers is told. */
export function answerTold(members: Partial<AnswerTold> = {}): AnswerTold {
  return {
    model: "asked-model",
    requestId: "req_1",
    nowSeconds: 1_700_000_000,
    mustTellUsage: true,
    isJsonArray: false,
    request: requestWith(),
    ...members,
  };
}

/** What a writer of requests is told; it recalls nothing unless it is told how. */
export function requestTold(recall: RequestTold["recall"] = () => undefined): RequestTold {
  return { losses: new Losses(), nameOf: (field) => field, recall };
}

/** The text of a fixture of this dialect. */
export function fixture(name: string): string {
  return Deno.readTextFileSync(new URL(`../fixtures/openai/${name}`, import.meta.url));
}

/** All streams among the fixtures that end whole. */
export const WHOLE_STREAMS: readonly string[] = [
  "chat_stream.sse",
  "chat_stream_tool_calls.sse",
  "chat_openrouter_stream.sse",
  "chat_deepseek_stream.sse",
  "chat_groq_stream.sse",
  "chat_mistral_stream.sse",
  "chat_gemini_endpoint_stream.sse",
];
