import { type ContentBlock, messageUsage } from "./simulated_anthropic_messages.ts";
import type { SimulatedAnswer } from "./simulated_dialect.ts";
import { piecesOf, type Reply } from "./simulated_reply.ts";

const PIECE_CHARACTERS = 8;

/**
 * A message as server-sent events: `message_start`, `ping`, the blocks with their deltas, `message_delta` with
 * the usage, `message_stop`. Source: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function messageEvents(
  message: Record<string, unknown>,
  reply: Reply,
  blocks: readonly ContentBlock[],
  number: number,
): SimulatedAnswer {
  const start = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: messageUsage(reply, Math.min(1, reply.tokens.outputTokens)),
  };
  const end = {
    type: "message_delta",
    delta: {
      stop_reason: message.stop_reason,
      stop_sequence: message.stop_sequence,
      stop_details: message.stop_details,
    },
    usage: endUsage(reply),
  };
  const overloaded = {
    type: "error",
    error: { type: "overloaded_error", message: "Overloaded" },
    request_id: `req_${number}`,
  };
  return {
    kind: "events",
    contentType: "text/event-stream; charset=utf-8",
    events: [
      event({ type: "message_start", message: start }),
      event({ type: "ping" }),
      ...blocks.flatMap((block, index) => blockEvents(block, index, reply)),
      event(end),
      event({ type: "message_stop" }),
    ],
    preamble: 2,
    errorEvent: event(overloaded),
    tokens: reply.tokens,
  };
}

/** What the last event repeats of the usage: the split of cache writes by age stands in the first one only. */
function endUsage(reply: Reply): Record<string, unknown> {
  const { cache_creation: _split, service_tier: _tier, ...usage } = messageUsage(
    reply,
    reply.tokens.outputTokens,
  );
  return usage;
}

function blockEvents(block: ContentBlock, index: number, reply: Reply): string[] {
  const delta = (fields: Record<string, unknown>): string =>
    event({ type: "content_block_delta", index, delta: fields });
  return [
    event({ type: "content_block_start", index, content_block: emptied(block) }),
    ...deltasOf(block, reply).map(delta),
    event({ type: "content_block_stop", index }),
  ];
}

function emptied(block: ContentBlock): Record<string, unknown> {
  switch (block.type) {
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "redacted_thinking":
      return { ...block };
    case "text":
      return { type: "text", text: "" };
    case "tool_use":
      return { ...block, input: {} };
  }
}

function deltasOf(block: ContentBlock, reply: Reply): Record<string, unknown>[] {
  switch (block.type) {
    case "thinking":
      return [
        ...piecesOf(block.thinking).map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature: block.signature },
      ];
    case "redacted_thinking":
      return [];
    case "text":
      return reply.pieces.map((text) => ({ type: "text_delta", text }));
    case "tool_use":
      return inputPieces(block.input).map((partial_json) => ({ type: "input_json_delta", partial_json }));
  }
}

/** A tool without arguments sends one empty piece only, as the real one does. */
function inputPieces(input: Record<string, unknown>): string[] {
  const pieces = [""];
  if (Object.keys(input).length === 0) return pieces;
  const text = JSON.stringify(input);
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) {
    pieces.push(text.slice(at, at + PIECE_CHARACTERS));
  }
  return pieces;
}

function event(value: { readonly type: string } & Record<string, unknown>): string {
  return `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
}
