import type {
  ChatAnswer,
  ChatEvent,
  Citation,
  Finish,
  TokenLogprob,
} from "../../src/translate/chat_answer.ts";
import type { AssistantPart, ChatRequest, Turn, UserPart } from "../../src/translate/chat_request.ts";
import type { TokenUsage } from "../../src/core/usage.ts";

/**
 * The request in the form in which two of one meaning are equal: no undefined members, arguments as the shortest
 * JSON, texts that follow each other joined, turns of one role joined, tool results first.
 */
export function normalized(request: ChatRequest): ChatRequest {
  const turns: Turn[] = [];
  for (const turn of request.turns) {
    const before = turns.at(-1);
    if (turn.role === "user") {
      const parts = [...(before?.role === "user" ? before.parts : []), ...turn.parts];
      if (before?.role === "user") turns.pop();
      turns.push({ role: "user", parts: joinedUser(resultsFirst(parts)) });
    } else {
      const parts = [...(before?.role === "assistant" ? before.parts : []), ...turn.parts];
      if (before?.role === "assistant") turns.pop();
      turns.push({ role: "assistant", parts: joinedParts(parts) });
    }
  }
  return defined({ ...request, turns });
}

/** The answer in the form in which two of one meaning are equal; ids of the answer itself mean nothing. */
export function normalizedAnswer(answer: ChatAnswer): ChatAnswer {
  return defined({
    ...answer,
    id: "",
    model: "",
    choices: answer.choices.map((choice) => ({ ...choice, parts: joinedParts(choice.parts) })),
  });
}

/** Events with the pieces that follow each other joined and without pings: equal wherever the bytes were cut. */
export function joinedEvents(events: readonly ChatEvent[]): ChatEvent[] {
  const joined: ChatEvent[] = [];
  for (const event of events) {
    const before = joined.at(-1);
    if (event.kind === "ping") continue;
    if (
      (event.kind === "text" || event.kind === "thinking" || event.kind === "refusal") &&
      before?.kind === event.kind && before.choice === event.choice
    ) joined[joined.length - 1] = { ...event, text: before.text + event.text };
    else if (
      event.kind === "tool_arguments" && before?.kind === "tool_arguments" &&
      before.choice === event.choice &&
      before.call === event.call
    ) joined[joined.length - 1] = { ...event, text: before.text + event.text };
    else joined.push(event);
  }
  return joined;
}

/**
 * The whole answer that a stream told.
 * @throws {Error} when the stream breaks a rule of `brokenRule`, or has no end
 */
export function answerOf(events: readonly ChatEvent[]): ChatAnswer {
  const broken = brokenRule(events);
  if (broken !== undefined) throw new Error(`Cannot fold stream: ${broken}`);
  if (events.at(-1)?.kind !== "end") throw new Error("Cannot fold stream: it has no end");
  let id = "";
  let model = "";
  let usage: TokenUsage | undefined;
  const lanes = new Map<number, Lane>();
  for (const event of events) {
    if (event.kind === "start") ({ id, model } = event);
    else if (event.kind === "usage") usage = event.usage;
    else if ("choice" in event) {
      const lane = lanes.get(event.choice) ?? { parts: [], calls: [], citations: [], logprobs: [] };
      lanes.set(event.choice, lane);
      take(lane, event);
    }
  }
  const choices = [...lanes].sort(([a], [b]) => a - b).map(([index, lane]) => ({
    index,
    parts: lane.parts,
    finish: lane.finish ?? { reason: "failed" as const },
    ...(lane.citations.length === 0 ? {} : { citations: lane.citations }),
    ...(lane.logprobs.length === 0 ? {} : { logprobs: lane.logprobs }),
  }));
  return normalizedAnswer({ id, model, choices, ...(usage === undefined ? {} : { usage }) });
}

/** The first rule of a `ChatEvent` stream that these events break, or `undefined`. A stream may lack its end. */
export function brokenRule(events: readonly ChatEvent[]): string | undefined {
  const calls = new Map<string, "open" | "ended">();
  const finished = new Set<number>();
  let starts = 0;
  for (const [at, event] of events.entries()) {
    const where = `event ${at} (${event.kind})`;
    if (at > 0 && ["error", "end"].includes(events[at - 1]?.kind ?? "")) return `${where} follows the end`;
    if (event.kind === "start" && ++starts > 1) return `${where} is a second start`;
    if (starts === 0 && "choice" in event) return `${where} comes before the start`;
    if ("choice" in event && finished.has(event.choice)) return `${where} follows the finish of its choice`;
    if (event.kind === "finish") finished.add(event.choice);
    if (event.kind === "end" && finished.size === 0) return `${where} without a finish`;
    if (!("call" in event)) continue;
    const call = `${event.choice}/${event.call}`;
    if (event.kind === "tool_call") {
      if (calls.has(call)) return `${where} opens call ${call} again`;
      if (event.id === "" || event.name === "") return `${where} has no id or no name`;
      calls.set(call, "open");
    } else if (calls.get(call) !== "open") return `${where} is of call ${call}, which is not open`;
    else if (event.kind === "tool_call_end") calls.set(call, "ended");
  }
  return undefined;
}

interface Lane {
  readonly parts: AssistantPart[];
  /** Where in `parts` each call stands. */
  readonly calls: number[];
  readonly citations: Citation[];
  readonly logprobs: TokenLogprob[];
  finish?: Finish;
}

function take(lane: Lane, event: Extract<ChatEvent, { choice: number }>): void {
  const { parts } = lane;
  const last = parts.at(-1);
  switch (event.kind) {
    case "text":
    case "thinking":
    case "refusal":
      if (last?.kind === event.kind && !("signature" in last)) {
        parts[parts.length - 1] = { ...last, text: last.text + event.text };
      } else parts.push({ kind: event.kind, text: event.text });
      return;
    case "signature":
      if (
        last?.kind === event.of && last.kind === "thinking" || last?.kind === event.of && last.kind === "text"
      ) {
        parts[parts.length - 1] = { ...last, signature: event.signature };
      } else parts.push({ kind: event.of, text: "", signature: event.signature });
      return;
    case "redacted_thinking":
      parts.push({ kind: "redacted_thinking", issuer: event.issuer, data: event.data });
      return;
    case "tool_call": {
      const { id, name, signature } = event;
      lane.calls[event.call] = parts.length;
      parts.push({
        kind: "tool_call",
        id,
        name,
        arguments: "",
        ...(signature === undefined ? {} : { signature }),
      });
      return;
    }
    case "tool_arguments": {
      const at = lane.calls[event.call] ?? -1;
      const call = parts[at];
      if (call?.kind === "tool_call") parts[at] = { ...call, arguments: call.arguments + event.text };
      return;
    }
    case "tool_call_end":
      return;
    case "image":
      parts.push({
        kind: "image",
        source: { kind: "base64", mediaType: event.mediaType, base64: event.base64 },
      });
      return;
    case "citation":
      lane.citations.push(event.citation);
      return;
    case "logprobs":
      lane.logprobs.push(...event.logprobs);
      return;
    case "finish":
      lane.finish = event.finish;
  }
}

function joinedParts(parts: readonly AssistantPart[]): AssistantPart[] {
  const joined: AssistantPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === "tool_call") joined.push({ ...part, arguments: shortest(part.arguments) });
    else if (part.kind === "text" && part.text === "" && part.signature === undefined) continue;
    else if (
      part.kind === "text" && last?.kind === "text" && last.signature === undefined &&
      last.cache === undefined
    ) joined[joined.length - 1] = { ...part, text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}

function joinedUser(parts: readonly UserPart[]): UserPart[] {
  const joined: UserPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === "text" && last?.kind === "text" && last.cache === undefined) {
      joined[joined.length - 1] = { ...part, text: last.text + part.text };
    } else joined.push(part);
  }
  return joined;
}

function resultsFirst(parts: readonly UserPart[]): UserPart[] {
  const isResult = (part: UserPart): boolean => part.kind === "tool_result";
  return [...parts.filter(isResult), ...parts.filter((part) => !isResult(part))];
}

function shortest(text: string): string {
  return text === "" ? "{}" : JSON.stringify(JSON.parse(text));
}

/** A deep copy without members that are undefined. */
function defined<T>(value: T): T {
  return withoutUndefined(structuredClone(value));
}

function withoutUndefined<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    value.forEach(withoutUndefined);
    return value;
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) Reflect.deleteProperty(value, name);
    else withoutUndefined(member);
  }
  return value;
}
