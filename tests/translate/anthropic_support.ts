import { type SseEvent, SseSplitter } from "../../src/core/sse.ts";
import { ANTHROPIC_CALLER } from "../../src/translate/anthropic_caller.ts";
import { ANTHROPIC_UPSTREAM } from "../../src/translate/anthropic_upstream.ts";
import type { AssistantPart, ChatRequest } from "../../src/translate/chat_request.ts";
import { Losses } from "../../src/translate/losses.ts";
import type { AnswerTold, RequestTold, WrittenRequest } from "../../src/translate/sides.ts";

const FIXTURES = new URL("../fixtures/anthropic/", import.meta.url);

/** Text of a file of tests/fixtures/anthropic. */
export function fixture(name: string): string {
  return Deno.readTextFileSync(new URL(name, FIXTURES));
}

export function jsonFixture(name: string): unknown {
  return JSON.parse(fixture(name));
}

export function eventsIn(text: string): SseEvent[] {
  return new SseSplitter().push(new TextEncoder().encode(text));
}

/** A conversation with one word of the user, and what else is given. */
export function asked(rest: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: "claude-sonnet-4-5",
    system: [],
    turns: [{ role: "user", parts: [{ kind: "text", text: "Hi" }] }],
    tools: [],
    isStream: false,
    ...rest,
  };
}

export interface Read {
  readonly request: ChatRequest;
  readonly ignored: readonly string[];
}

/** Reads a body that says hello and what else is given. */
export function read(rest: Readonly<Record<string, unknown>> = {}): Read {
  const losses = new Losses();
  const body = {
    model: "claude-sonnet-4-5",
    max_tokens: 100,
    messages: [{ role: "user", content: "Hi" }],
    ...rest,
  };
  const request = ANTHROPIC_CALLER.readRequest(body, { model: undefined, isStream: false }, losses);
  return { request, ignored: losses.list() };
}

export function requestTold(
  losses: Losses = new Losses(),
  recall: (callId: string) => readonly AssistantPart[] | undefined = () => undefined,
): RequestTold {
  return { losses, nameOf: (field) => field, recall };
}

export interface Written extends WrittenRequest {
  readonly ignored: readonly string[];
}

/** Writes the request for Anthropic; fields are named as the canonical request names them. */
export function write(
  request: ChatRequest,
  recall?: (callId: string) => readonly AssistantPart[] | undefined,
): Written {
  const losses = new Losses();
  const written = ANTHROPIC_UPSTREAM.writeRequest(request, requestTold(losses, recall));
  return { ...written, ignored: losses.list() };
}

export function answerTold(request: ChatRequest = asked()): AnswerTold {
  return {
    model: "asked-model",
    requestId: "req-1",
    nowSeconds: 1_800_000_000,
    mustTellUsage: true,
    isJsonArray: false,
    request,
  };
}
