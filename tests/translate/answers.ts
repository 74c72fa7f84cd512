import fc, { type Arbitrary } from "fast-check";
import type { TokenUsage } from "../../src/core/usage.ts";
import type { ChatAnswer, ChatChoice, ChatEvent, Finish } from "../../src/translate/chat_answer.ts";
import type { AssistantPart } from "../../src/translate/chat_request.ts";
import { assistantParts, maybe, switchOf } from "./conversation_parts.ts";
import type { ConversationOptions } from "./conversations.ts";

/** Whole answers that upstreams may give. With the feature "choices" up to three of them in one. */
export function chatAnswers(options: ConversationOptions = {}): Arbitrary<ChatAnswer> {
  const isOn = switchOf(options);
  return fc.tuple(
    fc.array(choices(options), { minLength: 1, maxLength: isOn("choices") ? 3 : 1 }),
    maybe(isOn("usage"), usages().map((usage) => ({ usage }))),
  ).map(([choices, usage]) => ({
    id: "answer-1",
    model: "some-model-001",
    choices: choices.map((choice, index) => ({
      ...choice,
      index,
      parts: choice.parts.map((part, at) =>
        part.kind === "tool_call" ? { ...part, id: `call_${index}_${at}` } : part
      ),
    })),
    ...usage,
  }));
}

function choices(options: ConversationOptions): Arbitrary<ChatChoice> {
  const isOn = switchOf(options);
  const endings: Finish[] = [{ reason: "stop" }, { reason: "length" }, { reason: "content_filter" }];
  if (isOn("stopSequence")) endings.push({ reason: "stop_sequence", stopSequence: "END" });
  const citations = fc.constant({
    citations: [{ url: "https://example.com/page", title: "A page" }],
  });
  return fc.tuple(
    assistantParts(options),
    fc.constantFrom(...endings),
    maybe(isOn("citations"), citations),
  ).map(([parts, ending, citations]) => {
    const hasCalls = parts.some(({ kind }) => kind === "tool_call");
    const isEmpty = !parts.some(({ kind }) => kind !== "thinking" && kind !== "redacted_thinking");
    const shown: AssistantPart[] = isEmpty ? [...parts, { kind: "text", text: "Hm." }] : parts;
    const finish: Finish = hasCalls ? { reason: "tool_calls" } : ending;
    // A citation belongs to a text.
    return {
      index: 0,
      parts: shown,
      finish,
      ...(shown.some(({ kind }) => kind === "text") ? citations : {}),
    };
  });
}

function usages(): Arbitrary<TokenUsage> {
  return fc.record({
    input: fc.nat(5000),
    output: fc.nat(5000),
    cached: fc.option(fc.nat(100), { nil: 0 }),
    reasoning: fc.option(fc.nat(100), { nil: 0 }),
  }).map(({ input, output, cached, reasoning }) => ({
    inputTokens: input + cached,
    outputTokens: output + reasoning,
    cachedTokens: cached,
    reasoningTokens: reasoning,
  }));
}

/** An answer and one true stream of it: texts and arguments in pieces, choices mixed, pings in between. */
export function chatStreams(
  options: ConversationOptions = {},
): Arbitrary<{ readonly answer: ChatAnswer; readonly events: readonly ChatEvent[] }> {
  return fc.tuple(chatAnswers(options), fc.array(fc.nat(97), { minLength: 1, maxLength: 8 })).map(
    ([answer, cuts]) => ({ answer, events: eventsOf(answer, cuts) }),
  );
}

/**
 * The answer as a stream. `cuts` says how: lengths of pieces, which choice goes on next and where a ping
 * stands; the same cuts give the same events.
 */
export function eventsOf(answer: ChatAnswer, cuts: readonly number[] = [3]): ChatEvent[] {
  let used = 0;
  const next = (below: number): number => (cuts[used++ % cuts.length] ?? 0) % below;
  const lanes = answer.choices.map((choice) => choiceEvents(choice, next));
  const events: ChatEvent[] = [{ kind: "start", id: answer.id, model: answer.model }];
  while (lanes.some((lane) => lane.length > 0)) {
    const open = lanes.filter((lane) => lane.length > 0);
    const event = open[next(open.length)]?.shift();
    if (event !== undefined) events.push(event);
    if (next(11) === 10) events.push({ kind: "ping" });
  }
  if (answer.usage !== undefined) events.push({ kind: "usage", usage: answer.usage });
  events.push({ kind: "end" });
  return events;
}

function choiceEvents(answered: ChatChoice, next: (below: number) => number): ChatEvent[] {
  const choice = answered.index;
  const events: ChatEvent[] = [];
  let calls = 0;
  for (const part of answered.parts) {
    if (part.kind === "tool_call") {
      const call = calls++;
      const { id, name, signature } = part;
      events.push({
        kind: "tool_call",
        choice,
        call,
        id,
        name,
        ...(signature === undefined ? {} : { signature }),
      });
      // A call without arguments sends no delta with some providers.
      if (part.arguments !== "{}" || next(2) === 0) {
        for (const text of pieces(part.arguments, next)) {
          events.push({ kind: "tool_arguments", choice, call, text });
        }
      }
      events.push({ kind: "tool_call_end", choice, call });
    } else if (part.kind === "redacted_thinking") {
      events.push({ kind: "redacted_thinking", choice, issuer: part.issuer, data: part.data });
    } else if (part.kind === "image") {
      const { source } = part;
      if (source.kind !== "base64") continue;
      events.push({ kind: "image", choice, mediaType: source.mediaType, base64: source.base64 });
    } else {
      const { kind } = part;
      for (const text of pieces(part.text, next)) events.push({ kind, choice, text });
      if (part.kind !== "refusal" && part.signature !== undefined) {
        events.push({ kind: "signature", choice, of: part.kind, signature: part.signature });
      }
      if (part.kind !== "text") continue;
      for (const citation of answered.citations ?? []) events.push({ kind: "citation", choice, citation });
    }
  }
  events.push({ kind: "finish", choice, finish: answered.finish });
  return events;
}

function pieces(text: string, next: (below: number) => number): string[] {
  const characters = Array.from(text);
  const cut: string[] = [];
  while (characters.length > 0) cut.push(characters.splice(0, 1 + next(12)).join(""));
  return cut;
}
