import type { ChatEvent } from "../../src/translate/chat_answer.ts";
import type { AssistantPart, ChatRequest } from "../../src/translate/chat_request.ts";
import { GEMINI_CALLER } from "../../src/translate/gemini_caller.ts";
import { GEMINI_UPSTREAM } from "../../src/translate/gemini_upstream.ts";
import { Losses } from "../../src/translate/losses.ts";
import type { AnswerTold, RequestTold } from "../../src/translate/sides.ts";
import { readAll, splitBytes } from "./fuzz.ts";

const FOLDER = new URL("../fixtures/gemini/", import.meta.url);

/** Text of a fixture. */
export function fixture(name: string): string {
  return Deno.readTextFileSync(new URL(name, FOLDER));
}

/** All that the reader says of a stream's text. */
export function readStream(text: string): ChatEvent[] {
  return readAll(GEMINI_UPSTREAM.openStream(), splitBytes(new TextEncoder().encode(text)));
}

/** Google's events of these responses. */
export function sse(...responses: unknown[]): string {
  return responses.map((response) => `data: ${JSON.stringify(response)}\r\n\r\n`).join("");
}

/** One streamed response of these parts. */
export function streamed(parts: readonly unknown[], more: Record<string, unknown> = {}): unknown {
  return {
    candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
    modelVersion: "gemini-3-flash-preview",
    responseId: "resp1",
  };
}

/** A request of one user turn. */
export function asking(more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: "gemini-3-flash-preview",
    system: [],
    turns: [{ role: "user", parts: [{ kind: "text", text: "Hi" }] }],
    tools: [],
    isStream: false,
    ...more,
  };
}

/** What a writer is told; its losses are named as the contract names them. */
export function told(
  losses = new Losses(),
  recall: (callId: string) => readonly AssistantPart[] | undefined = () => undefined,
): RequestTold {
  return { losses, nameOf: (field) => field, recall };
}

/** The body of a request as Gemini gets it, and what was left out. */
export function written(
  request: ChatRequest,
  recall?: (callId: string) => readonly AssistantPart[] | undefined,
): { readonly body: Readonly<Record<string, unknown>>; readonly ignored: readonly string[] } {
  const losses = new Losses();
  const { body } = GEMINI_UPSTREAM.writeRequest(request, told(losses, recall));
  return { body, ignored: losses.list() };
}

/** A Gemini caller's request as it is understood, and what was left out. */
export function understood(
  body: unknown,
): { readonly request: ChatRequest; readonly ignored: readonly string[] } {
  const losses = new Losses();
  const request = GEMINI_CALLER.readRequest(body, { model: "gemini-2.5-flash", isStream: false }, losses);
  return { request, ignored: losses.list() };
}

/** What an answer to a Gemini caller is told. */
export function answerTold(more: Partial<AnswerTold> = {}): AnswerTold {
  return {
    model: "gemini-2.5-flash",
    requestId: "request-1",
    nowSeconds: 1_700_000_000,
    mustTellUsage: true,
    isJsonArray: false,
    request: asking(),
    ...more,
  };
}
