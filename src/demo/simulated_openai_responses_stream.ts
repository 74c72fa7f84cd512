import type { SimulatedAnswer } from "./simulated_dialect.ts";
import type { Reply } from "./simulated_reply.ts";

/** One item of a response's output, with what its stream needs. */
export interface OutputItem {
  readonly added: Record<string, unknown>;
  readonly done: Record<string, unknown>;
  /** The text part of a message or the arguments of a call, in pieces. */
  readonly pieces: readonly string[];
  readonly kind: "reasoning" | "message" | "function_call";
  readonly id: string;
}

/** A response as server-sent events. Source: https://platform.openai.com/docs/api-reference/responses-streaming */
export function responseEvents(
  response: Record<string, unknown>,
  reply: Reply,
  items: readonly OutputItem[],
): SimulatedAnswer {
  const events: string[] = [];
  const send = (type: string, fields: Record<string, unknown>): void => {
    events.push(event(type, { type, sequence_number: events.length, ...fields }));
  };
  const begun = { ...response, status: "in_progress", incomplete_details: null, output: [], usage: null };
  send("response.created", { response: begun });
  send("response.in_progress", { response: begun });
  items.forEach((one, index) => {
    const at = { item_id: one.id, output_index: index };
    send("response.output_item.added", { output_index: index, item: one.added });
    if (one.kind === "message") sendText({ ...at, content_index: 0 }, one.pieces, send);
    if (one.kind === "function_call") {
      for (const delta of one.pieces) send("response.function_call_arguments.delta", { ...at, delta });
      send("response.function_call_arguments.done", { ...at, arguments: one.pieces.join("") });
    }
    send("response.output_item.done", { output_index: index, item: one.done });
  });
  send(reply.finish === "length" ? "response.incomplete" : "response.completed", { response });
  const failure = {
    type: "error",
    sequence_number: 3,
    code: "server_error",
    message: "The server had an error",
    param: null,
  };
  return {
    kind: "events",
    contentType: "text/event-stream; charset=utf-8",
    events,
    preamble: 2,
    errorEvent: event("error", failure),
    tokens: reply.tokens,
  };
}

function sendText(
  at: Record<string, unknown>,
  pieces: readonly string[],
  send: (type: string, fields: Record<string, unknown>) => void,
): void {
  const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
  const text = pieces.join("");
  send("response.content_part.added", { ...at, part });
  for (const delta of pieces) send("response.output_text.delta", { ...at, delta, logprobs: [] });
  send("response.output_text.done", { ...at, text, logprobs: [] });
  send("response.content_part.done", { ...at, part: { ...part, text } });
}

function event(name: string, value: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
