import { countWords, piecesOf } from "./simulated_reply.ts";
import { isRecord } from "./simulated_schema.ts";

/**
 * One realtime session: `session.created`, then an answer to each event of the caller; `response.create` says
 * the last item's text again, in pieces; unknown events and binary messages are echoed.
 * Source: https://platform.openai.com/docs/api-reference/realtime-server-events
 */
export function serveRealtime(socket: WebSocket, number: number, model: string): void {
  let events = 0;
  let lastText = "Hello.";
  const session: Record<string, unknown> = {
    id: `sess_${number}`,
    object: "realtime.session",
    type: "realtime",
    model,
  };
  const send = (type: string, fields: Record<string, unknown>): void => {
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ type, event_id: `event_${number}_${events++}`, ...fields }));
    }
  };
  socket.binaryType = "arraybuffer";
  socket.onopen = () => send("session.created", { session });
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return socket.send(data);
    const event = parse(data);
    if (event === undefined) return send("error", { error: INVALID_EVENT });
    switch (event.type) {
      case "session.update":
        return send("session.updated", {
          session: { ...session, ...(isRecord(event.session) ? event.session : {}) },
        });
      case "conversation.item.create":
        lastText = textOf(event.item) ?? lastText;
        return send("conversation.item.created", { item: event.item });
      case "response.create":
        return respond(`resp_${number}_${events}`, lastText, send);
      default:
        return socket.send(data);
    }
  };
}

const INVALID_EVENT = {
  type: "invalid_request_error",
  code: "invalid_event",
  message: "The event is not valid JSON.",
};

function respond(
  id: string,
  text: string,
  send: (type: string, fields: Record<string, unknown>) => void,
): void {
  const at = { response_id: id, item_id: `item_${id}`, output_index: 0, content_index: 0 };
  send("response.created", {
    response: { id, object: "realtime.response", status: "in_progress", output: [] },
  });
  for (const delta of piecesOf(text)) send("response.output_text.delta", { ...at, delta });
  send("response.output_text.done", { ...at, text });
  const tokens = countWords(text);
  const usage = { input_tokens: tokens, output_tokens: tokens, total_tokens: tokens * 2 };
  const item = {
    id: at.item_id,
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text }],
  };
  send("response.done", {
    response: { id, object: "realtime.response", status: "completed", output: [item], usage },
  });
}

function parse(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // Answered with the provider's error event.
  }
}

function textOf(item: unknown): string | undefined {
  const content: unknown = isRecord(item) && Array.isArray(item.content) ? item.content[0] : undefined;
  return isRecord(content) && typeof content.text === "string" ? content.text : undefined;
}
