import assert from "node:assert/strict";
import { ThoughtCollector } from "../../src/proxy/thought_collector.ts";
import { ThoughtMemory } from "../../src/proxy/thought_memory.ts";
import type { ChatEvent } from "../../src/translate/chat_answer.ts";
import type { AssistantPart } from "../../src/translate/chat_request.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const SIGNED = { issuer: "anthropic", value: "c2lnbmVk" } as const;

function turn(...callIds: string[]): AssistantPart[] {
  return [
    { kind: "thinking", text: "hm", signature: SIGNED },
    { kind: "text", text: "Let me look." },
    ...callIds.map((id): AssistantPart => ({ kind: "tool_call", id, name: "look", arguments: '{"a":1}' })),
  ];
}

Deno.test("recall() gives each tool call the thoughts and calls of its turn, in their order", () => {
  const memory = new ThoughtMemory(new ManualTicker());

  memory.remember("one", turn("call_1", "call_2"));

  const found = memory.recall("one", "call_2");
  assert.deepEqual(found?.map(({ kind }) => kind), ["thinking", "tool_call", "tool_call"]);
  assert.deepEqual(found?.[0], { kind: "thinking", text: "hm", signature: SIGNED });
  assert.equal(memory.recall("one", "call_1"), found);
});

Deno.test("recall() gives nothing to another client key, to anonymous callers, and after an hour", () => {
  const ticker = new ManualTicker();
  const memory = new ThoughtMemory(ticker);

  memory.remember("one", turn("call_1"));
  memory.remember(undefined, turn("call_2"));

  assert.equal(memory.recall("two", "call_1"), undefined);
  assert.equal(memory.recall(undefined, "call_1"), undefined);
  assert.equal(memory.recall("one", "call_2"), undefined);
  ticker.advance(3_599_999);
  assert.notEqual(memory.recall("one", "call_1"), undefined);
  ticker.advance(1);
  assert.equal(memory.recall("one", "call_1"), undefined);
});

Deno.test("remember() keeps nothing that no provider would ask for, and nothing too long", () => {
  const memory = new ThoughtMemory(new ManualTicker());
  const call = { kind: "tool_call", id: "call_1", name: "look", arguments: "{}" } as const;

  memory.remember("one", [{ kind: "thinking", text: "unsigned" }, call]);
  memory.remember("one", [{ kind: "thinking", text: "x".repeat(600_000), signature: SIGNED }, call]);
  const unsigned = memory.recall("one", "call_1");
  memory.remember("one", [{ ...call, signature: { issuer: "gemini", value: "Z2Vt" } }]);

  assert.equal(unsigned, undefined);
  assert.equal(memory.recall("one", "call_1")?.length, 1);
});

Deno.test("remember() forgets the oldest when it is full, and the older of two turns with one id", () => {
  const memory = new ThoughtMemory(new ManualTicker());
  const long = (id: string): AssistantPart[] => [
    { kind: "thinking", text: id.padEnd(400_000), signature: SIGNED },
    { kind: "tool_call", id, name: "look", arguments: "{}" },
  ];

  for (let index = 0; index < 100; index++) memory.remember("one", long(`call_${index}`));
  memory.remember("one", turn("call_99", "call_99"));

  const known = Array.from(
    { length: 100 },
    (_, index) => memory.recall("one", `call_${index}`) !== undefined,
  );
  assert.equal(known[0], false);
  assert.equal(known[98], true);
  assert.ok(known.filter(Boolean).length < 45, "16 million characters are kept at most");
  assert.equal(memory.recall("one", "call_99")?.[0]?.kind, "thinking");
  assert.equal(memory.recall("one", "call_99")?.length, 3);
});

Deno.test("ThoughtCollector hands the thoughts of a stream over when it is whole, and never of one that is cut", () => {
  const handed: (readonly AssistantPart[])[] = [];
  const events: ChatEvent[] = [
    { kind: "thinking", choice: 0, text: "one " },
    { kind: "thinking", choice: 0, text: "two" },
    { kind: "signature", choice: 0, of: "thinking", signature: SIGNED },
    { kind: "redacted_thinking", choice: 0, issuer: "anthropic", data: "ZGF0YQ==" },
    { kind: "tool_call", choice: 0, call: 0, id: "call_1", name: "look" },
    { kind: "tool_call", choice: 1, call: 0, id: "call_2", name: "other" },
    { kind: "finish", choice: 0, finish: { reason: "tool_calls" } },
  ];
  const whole = new ThoughtCollector((parts) => handed.push(parts));
  const cut = new ThoughtCollector((parts) => handed.push(parts));

  for (const event of events) {
    whole.note(event);
    cut.note(event);
  }
  whole.note({ kind: "end" });

  assert.deepEqual(handed, [[
    { kind: "thinking", text: "one two", signature: SIGNED },
    { kind: "redacted_thinking", issuer: "anthropic", data: "ZGF0YQ==" },
    { kind: "tool_call", id: "call_1", name: "look", arguments: "{}" },
  ]]);
});
