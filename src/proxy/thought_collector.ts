import type { ChatEvent } from "../translate/chat_answer.ts";
import type { AssistantPart, Signature, ThinkingPart, ToolCallPart } from "../translate/chat_request.ts";
import { MAX_THOUGHT_CHARS } from "./thought_memory.ts";
import type { EventWitness } from "./translate_stream.ts";

/** Gathers the thoughts and tool calls of a stream's first choice, and hands them over when the answer is whole. */
export class ThoughtCollector implements EventWitness {
  readonly #onWhole: (parts: readonly AssistantPart[]) => void;
  #parts: AssistantPart[] = [];
  /** Of a thought under way. */
  #texts: string[] = [];
  #chars = 0;

  constructor(onWhole: (parts: readonly AssistantPart[]) => void) {
    this.#onWhole = onWhole;
  }

  note(event: ChatEvent): void {
    // Longer thoughts are not remembered, so they need not be gathered.
    if (this.#chars > MAX_THOUGHT_CHARS || ("choice" in event && event.choice !== 0)) return;
    switch (event.kind) {
      case "thinking":
        this.#texts.push(event.text);
        this.#chars += event.text.length;
        return;
      case "signature":
        if (event.of === "thinking") this.#endThought(event.signature);
        return;
      case "redacted_thinking":
        this.#endThought(undefined);
        this.#parts.push({ kind: "redacted_thinking", issuer: event.issuer, data: event.data });
        this.#chars += event.data.length;
        return;
      case "tool_call":
        this.#endThought(undefined);
        this.#parts.push(callOf(event));
        return;
      case "text":
        this.#endThought(undefined);
        return;
      case "end":
        this.#endThought(undefined);
        this.#onWhole(this.#parts);
        return;
    }
  }

  #endThought(signature: Signature | undefined): void {
    if (this.#texts.length === 0 && signature === undefined) return;
    const thought: ThinkingPart = { kind: "thinking", text: this.#texts.join("") };
    this.#texts = [];
    this.#parts.push(signature === undefined ? thought : { ...thought, signature });
  }
}

function callOf({ id, name, signature }: Extract<ChatEvent, { kind: "tool_call" }>): ToolCallPart {
  const call: ToolCallPart = { kind: "tool_call", id, name, arguments: "{}" };
  return signature === undefined ? call : { ...call, signature };
}
