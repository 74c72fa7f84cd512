import { isRecord } from "../core/json.ts";
import type { ChatEvent } from "./chat_answer.ts";
import type { Signature } from "./chat_request.ts";
import { argumentsIn, derivedCallId, signatureIn } from "./openai_chat_read_words.ts";
import { AnswerUnreadableError } from "./sides.ts";

interface StreamedCall {
  id: string;
  /** "" until it is known; then the call is told, and not before. */
  name: string;
  /** Its number among the calls of the choice, once it is told. */
  call: number;
  signature: Signature | undefined;
  /** Arguments that came before the name. */
  held: string;
}

/** Bounds of one choice, so that a broken stream cannot fill the memory. */
const MAX_CALLS = 1024;
const MAX_HELD_CHARS = 1_048_576;

/**
 * The tool calls of one choice of a stream, put right where compatible servers send them wrong: no `index` at all
 * (Google), index 0 for every parallel call (new-api#2701), arguments in pieces that name no call, arguments before the
 * name, an object for arguments, one id for all calls.
 */
export class StreamedCalls {
  readonly #choice: number;
  /** By the upstream's index: the call that its pieces belong to now. */
  readonly #byIndex = new Map<number, StreamedCall>();
  readonly #byId = new Map<string, StreamedCall>();
  #last: StreamedCall | undefined;
  #all = 0;
  #told = 0;

  constructor(choice: number) {
    this.#choice = choice;
  }

  /** Calls that were told until now. */
  get count(): number {
    return this.#told;
  }

  /**
   * Reads one entry of `delta.tool_calls` and adds what it says to `events`.
   * @throws {AnswerUnreadableError} when it belongs to no call or is of no known shape
   */
  take(item: unknown, answerId: string, events: ChatEvent[]): void {
    if (!isRecord(item)) throw new AnswerUnreadableError("a tool call is no object");
    const called = item.function ?? {};
    if (!isRecord(called)) throw new AnswerUnreadableError("the function of a tool call is no object");
    const index = indexOf(item.index);
    const id = textOf(item.id, "id");
    const name = textOf(called.name, "name");
    const call = this.#find(index, id, name) ?? this.#create();
    if (index !== undefined) this.#byIndex.set(index, call);
    if (id !== "") {
      // An id that another call has already is no id; this call gets one of its own.
      if (call.id === "" && !this.#byId.has(id)) call.id = id;
      if (!this.#byId.has(id)) this.#byId.set(id, call);
    }
    this.#last = call;
    call.signature ??= signatureIn(item);
    this.#say(call, name, argumentsIn(called.arguments), answerId, events);
  }

  /** No more comes. @throws {AnswerUnreadableError} when a call never got its name. */
  close(events: ChatEvent[]): void {
    if (this.#told < this.#all) throw new AnswerUnreadableError("a tool call has no name");
    for (let call = 0; call < this.#told; call++) {
      events.push({ kind: "tool_call_end", choice: this.#choice, call });
    }
  }

  /** The call that an entry goes on with; `undefined` when it begins one. */
  #find(index: number | undefined, id: string, name: string): StreamedCall | undefined {
    const named = id === "" ? undefined : this.#byId.get(id);
    if (index !== undefined) {
      const current = this.#byIndex.get(index);
      if (current === undefined) return name === "" ? named : undefined;
      // Another id with another name at the same index is another call.
      const isOther = id !== "" && name !== "" && named === undefined && current.id !== "";
      return isOther ? undefined : named ?? current;
    }
    if (named !== undefined || id !== "") return named;
    if (name === "" || this.#last?.name === "") {
      if (this.#last === undefined) throw new AnswerUnreadableError("arguments belong to no tool call");
      return this.#last;
    }
    return undefined;
  }

  #create(): StreamedCall {
    if (++this.#all > MAX_CALLS) throw new AnswerUnreadableError("it has too many tool calls");
    return { id: "", name: "", call: -1, signature: undefined, held: "" };
  }

  #say(call: StreamedCall, name: string, text: string, answerId: string, events: ChatEvent[]): void {
    const choice = this.#choice;
    if (call.name === "") {
      if (name === "") {
        call.held += text;
        if (call.held.length > MAX_HELD_CHARS) throw new AnswerUnreadableError("a tool call has no name");
        return;
      }
      call.name = name;
      call.call = this.#told++;
      const id = call.id || derivedCallId(answerId, choice, call.call);
      const signature = call.signature;
      events.push({
        kind: "tool_call",
        choice,
        call: call.call,
        id,
        name,
        ...(signature === undefined ? {} : { signature }),
      });
      if (call.held !== "") {
        events.push({ kind: "tool_arguments", choice, call: call.call, text: call.held });
        call.held = "";
      }
    }
    if (text !== "") events.push({ kind: "tool_arguments", choice, call: call.call, text });
  }
}

function indexOf(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new AnswerUnreadableError("the index of a tool call is no number");
}

function textOf(value: unknown, what: string): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  throw new AnswerUnreadableError(`the ${what} of a tool call is no text`);
}
