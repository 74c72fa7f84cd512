import type { SimulatedAnswer } from "./simulated_dialect.ts";
import {
  callId,
  type ChatHead,
  chatUsage,
  finishReason,
  logprobsOf,
  tokensOf,
} from "./simulated_openai_chat.ts";
import { piecesOf, type Reply } from "./simulated_reply.ts";

const PIECE_CHARACTERS = 8;

/** What OpenAI sends when it breaks down inside a stream. Source: docs/failures.md, errors inside a 200. */
export const OPENAI_STREAM_ERROR = data({
  error: {
    message: "The server had an error while processing your request. Sorry about that!",
    type: "server_error",
    param: null,
    code: null,
  },
});

/**
 * A chat answer as server-sent events: a role chunk, one chunk a word, tool calls with their arguments in
 * pieces, the finish, the usage when asked for, `[DONE]`.
 * Source: https://platform.openai.com/docs/api-reference/chat/streaming
 */
export function chatEvents(head: ChatHead, reply: Reply, hasUsage: boolean): SimulatedAnswer {
  const shared = {
    id: head.id,
    object: "chat.completion.chunk",
    created: head.created,
    model: head.model,
    service_tier: "default",
    system_fingerprint: "fp_simulated",
  };
  const chunk = (
    index: number,
    delta: unknown,
    finish: string | null = null,
    logprobs: unknown = null,
  ): string =>
    data({
      ...shared,
      choices: [{ index, delta, logprobs, finish_reason: finish }],
      ...(hasUsage ? { usage: null } : {}),
    });
  const name = reply.finish === "refusal" ? "refusal" : "content";
  const isSilent = name === "refusal" || (reply.text === "" && reply.calls.length > 0);
  const events: string[] = [];
  for (let index = 0; index < head.choices; index++) {
    events.push(chunk(index, { role: "assistant", content: isSilent ? null : "", refusal: null }));
  }
  for (let index = 0; index < head.choices; index++) {
    const thoughts = head.showsReasoning ? piecesOf(reply.reasoning) : [];
    for (const piece of thoughts) events.push(chunk(index, { content: null, reasoning_content: piece }));
    reply.pieces.forEach((piece, at) =>
      events.push(chunk(index, { [name]: piece }, null, logprobsOf([piece], head.topLogprobs, at)))
    );
    for (const delta of callDeltas(head.id, reply)) events.push(chunk(index, { tool_calls: [delta] }));
    events.push(chunk(index, {}, finishReason(reply)));
  }
  if (hasUsage) events.push(data({ ...shared, choices: [], usage: chatUsage(reply, head.choices) }));
  events.push("data: [DONE]\n\n");
  return {
    kind: "events",
    contentType: "text/event-stream; charset=utf-8",
    events,
    preamble: 0,
    errorEvent: OPENAI_STREAM_ERROR,
    tokens: tokensOf(reply, head.choices),
  };
}

/** One `data:` line and the empty line that ends the event. */
export function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** A text in pieces of a few characters, as arguments of a tool are streamed. */
export function argumentPieces(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) {
    pieces.push(text.slice(at, at + PIECE_CHARACTERS));
  }
  return pieces;
}

function callDeltas(id: string, reply: Reply): unknown[] {
  return reply.calls.flatMap((call, index) => [
    { index, id: callId(id, index), type: "function", function: { name: call.name, arguments: "" } },
    ...argumentPieces(JSON.stringify(call.args)).map((piece) => ({ index, function: { arguments: piece } })),
  ]);
}
