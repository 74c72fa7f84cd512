import { isRecord } from "../core/json.ts";
import type {
  AssistantPart,
  FilePart,
  ImagePart,
  TextPart,
  ToolResultPart,
  Turn,
  UserPart,
} from "./chat_request.ts";
import type { Losses } from "./losses.ts";
import {
  argumentsOf,
  assistantContent,
  fileOf,
  imageOf,
  signatureOf,
  signText,
  textOf,
} from "./openai_chat_read_parts.ts";
import { type OpenAiChatMessage, type OpenAiChatPart } from "./openai_chat_request_shape.ts";
import { refuseShape } from "./caller_shape.ts";

export interface ReadMessages {
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
}

/**
 * The conversation of a chat request in its normal form. Source:
 * https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
 * @throws {AppError} `invalid_request`: a tool result without its call, arguments that are no JSON object, content
 * that nobody else takes
 */
export function readOpenAiChatMessages(
  messages: readonly OpenAiChatMessage[],
  losses: Losses,
): ReadMessages {
  const reading = new Reading(losses);
  messages.forEach((message, index) => reading.take(message, `messages[${index}]`));
  return reading.read();
}

type Message<Role extends OpenAiChatMessage["role"]> = Extract<OpenAiChatMessage, { role: Role }>;
interface UserTurn {
  readonly role: "user";
  readonly results: ToolResultPart[];
  readonly parts: UserPart[];
}
interface AssistantTurn {
  readonly role: "assistant";
  readonly parts: AssistantPart[];
}

class Reading {
  readonly #system: TextPart[] = [];
  readonly #turns: (UserTurn | AssistantTurn)[] = [];
  /** Names of the tools that were called, by the call's id. */
  readonly #called = new Map<string, string>();
  readonly #losses: Losses;
  /** Ids of calls in the old form, which has none; a `function` message answers the first that waits. */
  readonly #oldCalls: string[] = [];
  #oldCallCount = 0;

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  take(message: OpenAiChatMessage, path: string): void {
    if (message.role !== "function" && message.role !== "tool" && typeof message.name === "string") {
      this.#losses.ignore(`${path}.name`);
    }
    switch (message.role) {
      case "system":
      case "developer":
        if (typeof message.content === "string") this.#system.push({ kind: "text", text: message.content });
        else for (const part of message.content) this.#system.push(textOf(part));
        return;
      case "user":
        this.#takeUser(message, path);
        return;
      case "assistant":
        this.#takeAssistant(message, path);
        return;
      case "tool":
        this.#takeResult(message, path);
        return;
      case "function":
        this.#takeOldResult(message, path);
    }
  }

  read(): ReadMessages {
    const turns = this.#turns.map((turn): Turn =>
      turn.role === "user" ? { role: "user", parts: [...turn.results, ...turn.parts] } : turn
    );
    return { system: this.#system, turns };
  }

  #userTurn(): UserTurn {
    const last = this.#turns.at(-1);
    if (last?.role === "user") return last;
    const turn: UserTurn = { role: "user", results: [], parts: [] };
    this.#turns.push(turn);
    return turn;
  }

  #takeUser(message: Message<"user">, path: string): void {
    if (message.content.length === 0 && typeof message.content !== "string") {
      refuseShape(`${path}.content`, "it has no parts");
    }
    const { parts } = this.#userTurn();
    if (typeof message.content === "string") parts.push({ kind: "text", text: message.content });
    else {
      for (const [index, part] of message.content.entries()) {
        parts.push(this.#userPart(part, `${path}.content[${index}]`));
      }
    }
  }

  #userPart(part: OpenAiChatPart, path: string): UserPart {
    switch (part.type) {
      case "text":
        return textOf(part);
      case "image_url":
        return imageOf(part, path, this.#losses);
      case "input_audio":
        return {
          kind: "audio",
          mediaType: part.input_audio.format.includes("/")
            ? part.input_audio.format
            : `audio/${part.input_audio.format}`,
          base64: part.input_audio.data,
        };
      case "file":
        return fileOf(part, path);
      case "video_url":
        return this.#losses.refuse(`${path}.type`, "no other dialect takes video by this part");
    }
  }

  #takeAssistant(message: Message<"assistant">, path: string): void {
    if (isRecord(message.audio)) {
      this.#losses.refuse(`${path}.audio`, "it names speech that only OpenAI keeps");
    }
    const parts: AssistantPart[] = [];
    const thought = message.reasoning_content || message.reasoning;
    if (thought) parts.push({ kind: "thinking", text: thought });
    for (const part of assistantContent(message.content)) parts.push(part);
    if (message.refusal) parts.push({ kind: "refusal", text: message.refusal });
    signText(parts, message.extra_content);
    for (const [index, call] of (message.tool_calls ?? []).entries()) {
      const at = `${path}.tool_calls[${index}]`;
      if (call.function === null || call.function === undefined) {
        this.#losses.refuse(`${at}.type`, "only functions can be carried");
      }
      const { name } = call.function;
      this.#called.set(call.id, name);
      parts.push({
        kind: "tool_call",
        id: call.id,
        name,
        arguments: argumentsOf(call.function.arguments, `${at}.function.arguments`),
        ...signatureOf(call.extra_content),
      });
    }
    if (message.function_call) {
      const { name, arguments: text } = message.function_call;
      const id = `call_function_${++this.#oldCallCount}`;
      this.#called.set(id, name);
      this.#oldCalls.push(id);
      parts.push({
        kind: "tool_call",
        id,
        name,
        arguments: argumentsOf(text, `${path}.function_call.arguments`),
      });
    }
    if (parts.length === 0) return;
    const last = this.#turns.at(-1);
    if (last?.role === "assistant") last.parts.push(...parts);
    else this.#turns.push({ role: "assistant", parts });
  }

  #takeResult(message: Message<"tool">, path: string): void {
    const name = this.#called.get(message.tool_call_id);
    if (name === undefined) {
      refuseShape(`${path}.tool_call_id`, "no assistant message before it has a tool call with this id");
    }
    const { content } = message;
    const parts = typeof content === "string"
      ? [{ kind: "text", text: content } as const]
      : content.map((part, index) => this.#resultPart(part, `${path}.content[${index}]`));
    this.#userTurn().results.push({ kind: "tool_result", callId: message.tool_call_id, name, parts });
  }

  #resultPart(
    part: Exclude<Message<"tool">["content"], string>[number],
    path: string,
  ): TextPart | ImagePart | FilePart {
    if (part.type === "text") return textOf(part);
    return part.type === "file" ? fileOf(part, path) : imageOf(part, path, this.#losses);
  }

  #takeOldResult(message: Message<"function">, path: string): void {
    const at = this.#oldCalls.findIndex((id) => this.#called.get(id) === message.name);
    const callId = this.#oldCalls[at];
    if (callId === undefined) {
      refuseShape(`${path}.name`, "no assistant message before it calls a function of this name");
    }
    this.#oldCalls.splice(at, 1);
    const parts: TextPart[] = [{ kind: "text", text: message.content ?? "" }];
    this.#userTurn().results.push({ kind: "tool_result", callId, name: message.name, parts });
  }
}
