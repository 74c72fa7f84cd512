import type { SimulatedAnswer } from "./simulated_dialect.ts";
import type { Reply } from "./simulated_reply.ts";

/** One item of a response's output, with what its stream needs. */
export interface OutputItem {
  readonly added: Record<string, unknown>;
  readonly done: Record<string, unknown>;
  /** The text of a message, the arguments of a call, the summary of a thought, in pieces. */
  readonly pieces: readonly string[];
  readonly kind: "reasoning" | "message" | "refusal" | "function_call";
  readonly id: string;
}

/** A response as server-sent events. Source: https://platform.openai.com/docs/api-reference/responses-streaming */
export function responseEvents(
  response: Record<string, unknown>,
  reply: Reply,
  items: readonly OutputItem[],
): SimulatedAnswer {
  const events: string[] = [];
  const send: Send = (type, fields) => {
    events.push(event(type, { type, sequence_number: events.length, ...fields }));
  };
  const begun = { ...response, status: "in_progress", incomplete_details: null, output: [], usage: null };
  send("response.created", { response: begun });
  send("response.in_progress", { response: begun });
  items.forEach((one, index) => {
    const at = { item_id: one.id, output_index: index };
    send("response.output_item.added", { output_index: index, item: one.added });
    sendParts(one, at, send);
    send("response.output_item.done", { output_index: index, item: one.done });
  });
  send(`response.${String(response.status)}`, { response });
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

type Send = (type: string, fields: Record<string, unknown>) => void;

function sendParts(one: OutputItem, at: Record<string, unknown>, send: Send): void {
  const text = one.pieces.join("");
  switch (one.kind) {
    case "reasoning": {
      if (text === "") return;
      const summary = { ...at, summary_index: 0 };
      send("response.reasoning_summary_part.added", { ...summary, part: { type: "summary_text", text: "" } });
      for (const delta of one.pieces) send("response.reasoning_summary_text.delta", { ...summary, delta });
      send("response.reasoning_summary_text.done", { ...summary, text });
      send("response.reasoning_summary_part.done", { ...summary, part: { type: "summary_text", text } });
      return;
    }
    case "message": {
      const content = { ...at, content_index: 0 };
      const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
      send("response.content_part.added", { ...content, part });
      for (const delta of one.pieces) send("response.output_text.delta", { ...content, delta, logprobs: [] });
      send("response.output_text.done", { ...content, text, logprobs: [] });
      send("response.content_part.done", { ...content, part: { ...part, text } });
      return;
    }
    case "refusal": {
      const content = { ...at, content_index: 0 };
      send("response.content_part.added", { ...content, part: { type: "refusal", refusal: "" } });
      for (const delta of one.pieces) send("response.refusal.delta", { ...content, delta });
      send("response.refusal.done", { ...content, refusal: text });
      send("response.content_part.done", { ...content, part: { type: "refusal", refusal: text } });
      return;
    }
    case "function_call":
      for (const delta of one.pieces) send("response.function_call_arguments.delta", { ...at, delta });
      send("response.function_call_arguments.done", { ...at, arguments: text });
  }
}

function event(name: string, value: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
