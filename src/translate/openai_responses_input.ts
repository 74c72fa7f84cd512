import type {
  AssistantPart,
  ChatRequest,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
  UserPart,
} from "./chat_request.ts";
import { isGiven, refuseShape, shaped } from "./caller_shape.ts";
import type { Losses } from "./losses.ts";
import { readOpaque } from "./openai_responses_opaque.ts";
import { readAssistantContent, readResultContent, readUserContent } from "./openai_responses_parts.ts";
import {
  functionCallItem,
  functionOutputItem,
  imageCallItem,
  messageItem,
  reasoningItem,
  type ResponsesBody,
} from "./openai_responses_shape.ts";

/**
 * The input as a conversation in its normal form.
 * Source: https://developers.openai.com/api/reference/resources/responses/methods/create (input)
 * @throws {AppError} `invalid_request`
 */
export function readItems(
  input: ResponsesBody["input"],
  losses: Losses,
): Pick<ChatRequest, "system" | "turns"> {
  if (typeof input === "string") {
    return { system: [], turns: [{ role: "user", parts: [{ kind: "text", text: input }] }] };
  }
  if (input.length === 0) refuseShape("input", "expected at least one item");
  const conversation = new Conversation();
  input.forEach((item, index) => readItem(item, `input[${index}]`, conversation, losses));
  return conversation.close();
}

function readItem(item: Record<string, unknown>, at: string, to: Conversation, losses: Losses): void {
  switch (item["type"]) {
    case undefined:
    case "message":
      return readMessage(item, at, to, losses);
    case "function_call": {
      const { call_id, name, arguments: text } = shaped(functionCallItem, item, at);
      return to.addCall({
        kind: "tool_call",
        id: call_id,
        name,
        arguments: text.trim() === "" ? "{}" : text,
      });
    }
    case "function_call_output": {
      const { call_id, output } = shaped(functionOutputItem, item, at);
      const name = to.nameOfCall(call_id);
      if (name === undefined) refuseShape(`${at}.call_id`, "no function_call before it has this id");
      const parts = readResultContent(output, `${at}.output`, losses);
      return to.addResult({ kind: "tool_result", callId: call_id, name, parts });
    }
    case "reasoning":
      return readReasoningItem(item, at, to);
    case "image_generation_call": {
      const { result, output_format } = shaped(imageCallItem, item, at);
      const mediaType = `image/${output_format ?? "png"}`;
      return to.add({ kind: "image", source: { kind: "base64", mediaType, base64: result } });
    }
    case "item_reference":
      return losses.refuse(at, "no item is stored; send the item itself (SDKs do so with store: false)");
    default:
      losses.refuse(`${at}.type`, `only OpenAI itself has items of type ${String(item["type"])}`);
  }
}

function readMessage(item: Record<string, unknown>, at: string, to: Conversation, losses: Losses): void {
  const { role, content } = shaped(messageItem, item, at);
  const where = `${at}.content`;
  if (role === "assistant") {
    for (const part of readAssistantContent(content, where, losses)) to.add(part);
    return;
  }
  const parts = readUserContent(content, where, losses);
  if (role === "user") return to.addUser(parts);
  parts.forEach((part, index) => {
    if (part.kind !== "text") refuseShape(`${where}[${index}].type`, `a ${role} message has text only`);
    to.addSystem(part);
  });
}

function readReasoningItem(item: Record<string, unknown>, at: string, to: Conversation): void {
  const { summary, content, encrypted_content } = shaped(reasoningItem, item, at);
  const thoughts = !isGiven(summary) || summary.length === 0 ? content ?? [] : summary;
  const text = thoughts.map((thought) => thought.text).join("\n\n");
  if (!isGiven(encrypted_content) || encrypted_content === "") {
    if (text !== "") to.add({ kind: "thinking", text });
    return;
  }
  const opaque = readOpaque(encrypted_content);
  if (opaque.of === "redacted") {
    to.add({ kind: "redacted_thinking", issuer: opaque.issuer, data: opaque.data });
  } else if (opaque.of === "thinking") to.add({ kind: "thinking", text, signature: opaque.signature });
  else if (opaque.of === "call") to.signNextCall(opaque.signature);
  else to.signText(opaque.signature);
}

interface AssistantTurn {
  readonly parts: AssistantPart[];
  /** Results of this turn's calls, wherever they stood; they lead the user turn behind it. */
  readonly results: ToolResultPart[];
}

/** Brings items into turns. */
class Conversation {
  readonly #system: TextPart[] = [];
  readonly #turns: (AssistantTurn | UserPart[])[] = [];
  readonly #calls = new Map<string, { readonly name: string; readonly turn: AssistantTurn }>();
  #callSignature: ToolCallPart["signature"];

  addSystem(part: TextPart): void {
    this.#system.push(part);
  }

  addUser(parts: readonly UserPart[]): void {
    const last = this.#turns.at(-1);
    if (Array.isArray(last)) last.push(...parts);
    else this.#turns.push([...parts]);
  }

  add(part: AssistantPart): void {
    this.#assistant().parts.push(part);
  }

  addCall(call: ToolCallPart): void {
    const turn = this.#assistant();
    turn.parts.push(this.#callSignature === undefined ? call : { ...call, signature: this.#callSignature });
    this.#callSignature = undefined;
    this.#calls.set(call.id, { name: call.name, turn });
  }

  addResult(result: ToolResultPart): void {
    this.#calls.get(result.callId)?.turn.results.push(result);
    // What the assistant says next is an answer to the result, so it is another turn.
    if (!Array.isArray(this.#turns.at(-1))) this.#turns.push([]);
  }

  nameOfCall(callId: string): string | undefined {
    return this.#calls.get(callId)?.name;
  }

  signNextCall(signature: ToolCallPart["signature"]): void {
    this.#callSignature = signature;
  }

  /** Signs the text that came last in this turn, or an empty one. */
  signText(signature: NonNullable<TextPart["signature"]>): void {
    const { parts } = this.#assistant();
    const last = parts.at(-1);
    if (last?.kind === "text" && last.signature === undefined) {
      parts[parts.length - 1] = { ...last, signature };
    } else parts.push({ kind: "text", text: "", signature });
  }

  close(): Pick<ChatRequest, "system" | "turns"> {
    const turns: Turn[] = [];
    let results: readonly ToolResultPart[] = [];
    for (const turn of this.#turns) {
      if (Array.isArray(turn)) {
        if (results.length + turn.length > 0) turns.push({ role: "user", parts: [...results, ...turn] });
        results = [];
      } else {
        turns.push({ role: "assistant", parts: turn.parts });
        results = turn.results;
      }
    }
    return { system: this.#system, turns };
  }

  #assistant(): AssistantTurn {
    const last = this.#turns.at(-1);
    if (last !== undefined && !Array.isArray(last)) return last;
    const turn: AssistantTurn = { parts: [], results: [] };
    this.#turns.push(turn);
    return turn;
  }
}
