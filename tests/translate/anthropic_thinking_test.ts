import assert from "node:assert/strict";
import type { AssistantPart, ChatRequest, Reasoning, Turn } from "../../src/translate/chat_request.ts";
import { asked, write } from "./anthropic_support.ts";

const PLANS: readonly (readonly [
  model: string,
  reasoning: Reasoning,
  thinking: unknown,
  effort: string | undefined,
  ignored: readonly string[],
])[] = [
  ["claude-opus-4-7", { effort: "high" }, { type: "adaptive" }, "high", []],
  [
    "claude-opus-4-7",
    { effort: "minimal", mustShow: true },
    { type: "adaptive", display: "summarized" },
    "low",
    [],
  ],
  ["claude-opus-4-7", { effort: "xhigh" }, { type: "adaptive" }, "xhigh", []],
  ["claude-opus-4-6", { effort: "xhigh" }, { type: "adaptive" }, "max", ["reasoning"]],
  ["claude-opus-4-6", { budgetTokens: 5000 }, { type: "enabled", budget_tokens: 5000 }, undefined, []],
  ["claude-opus-4-7", { budgetTokens: 5000 }, { type: "adaptive" }, "medium", ["reasoning"]],
  ["claude-sonnet-5", { budgetTokens: -1 }, { type: "adaptive" }, undefined, []],
  [
    "claude-sonnet-5",
    { isAdaptive: true, mustShow: false },
    { type: "adaptive", display: "omitted" },
    undefined,
    [],
  ],
  ["claude-sonnet-5", { effort: "none" }, { type: "disabled" }, undefined, []],
  ["claude-opus-5-5", { effort: "none" }, undefined, "low", ["reasoning"]],
  ["claude-sonnet-4-5", { effort: "medium" }, { type: "enabled", budget_tokens: 8192 }, undefined, []],
  ["claude-sonnet-4-5", { effort: "max" }, { type: "enabled", budget_tokens: 32_000 }, undefined, []],
  ["claude-sonnet-4-5", { isAdaptive: true }, { type: "enabled", budget_tokens: 8192 }, undefined, []],
  ["claude-sonnet-4-5", { budgetTokens: 100 }, { type: "enabled", budget_tokens: 1024 }, undefined, [
    "reasoning",
  ]],
  ["claude-sonnet-4-5", { budgetTokens: 64_000 }, { type: "enabled", budget_tokens: 51_200 }, undefined, [
    "reasoning",
  ]],
  ["claude-sonnet-4-5", { budgetTokens: 0 }, { type: "disabled" }, undefined, []],
  ["claude-3-haiku-20240307", { effort: "high" }, undefined, undefined, ["reasoning"]],
  ["claude-3-haiku-20240307", { effort: "none" }, undefined, undefined, []],
];

for (const [model, reasoning, thinking, effort, ignored] of PLANS) {
  Deno.test(`planThinking() lets ${model} think as ${JSON.stringify(reasoning)} says`, () => {
    const written = write(asked({ model, reasoning }));

    assert.deepEqual(written.body["thinking"], thinking);
    assert.deepEqual(written.body["output_config"], effort === undefined ? undefined : { effort });
    assert.deepEqual(written.ignored, ignored);
  });
}

Deno.test("planThinking() keeps its budget below max_tokens", () => {
  const { body } = write(asked({ reasoning: { effort: "high" }, maxOutputTokens: 4000 }));

  assert.deepEqual([body["thinking"], body["max_tokens"]], [{ type: "enabled", budget_tokens: 3200 }, 4000]);
});

Deno.test("planThinking() gives up where max_tokens leaves no room for the least budget", () => {
  const { body, ignored } = write(asked({ reasoning: { effort: "high" }, maxOutputTokens: 1024 }));

  assert.equal(body["thinking"], undefined);
  assert.deepEqual(ignored, ["reasoning"]);
});

for (const model of ["claude-sonnet-4-5", "claude-opus-4-6"]) {
  Deno.test(`planThinking() gives way to a forced tool on ${model}`, () => {
    const { body, ignored } = write(asked({
      model,
      reasoning: { effort: "high" },
      tools: [{ name: "f" }],
      toolChoice: { kind: "required" },
    }));

    assert.equal(body["thinking"], undefined);
    assert.deepEqual(body["tool_choice"], { type: "any" });
    assert.deepEqual(ignored, ["reasoning"]);
  });
}

Deno.test("writeSampling() leaves temperature and top_k out while the model thinks", () => {
  const { body, ignored } = write(
    asked({ reasoning: { effort: "low" }, temperature: 0.3, topK: 4, topP: 0.97 }),
  );

  assert.deepEqual([body["temperature"], body["top_k"], body["top_p"]], [undefined, undefined, 0.97]);
  assert.deepEqual(ignored, ["temperature", "topK"]);
});

const SIGNED: AssistantPart = {
  kind: "thinking",
  text: "hm",
  signature: { issuer: "anthropic", value: "EqQB" },
};
const CALL: AssistantPart = { kind: "tool_call", id: "c1", name: "f", arguments: "{}" };

function toolTurns(...parts: readonly AssistantPart[]): readonly Turn[] {
  return [
    { role: "user", parts: [{ kind: "text", text: "Go" }] },
    { role: "assistant", parts },
    { role: "user", parts: [{ kind: "tool_result", callId: "c1", parts: [{ kind: "text", text: "r" }] }] },
  ];
}

function inLoop(turns: readonly Turn[], rest: Partial<ChatRequest> = {}): ChatRequest {
  return asked({ tools: [{ name: "f" }], reasoning: { effort: "low" }, turns, ...rest });
}

Deno.test("planThinking() switches a budget off when the calls under way have lost their thoughts", () => {
  const { body, ignored } = write(inLoop(toolTurns({ kind: "text", text: "Well" }, CALL)));

  assert.equal(body["thinking"], undefined);
  assert.deepEqual(ignored, ["reasoning"]);
});

Deno.test("planThinking() goes on thinking when the thoughts are there", () => {
  const { body, ignored } = write(inLoop(toolTurns(SIGNED, CALL)));

  assert.deepEqual(body["thinking"], { type: "enabled", budget_tokens: 2048 });
  assert.match(JSON.stringify(body["messages"]), /"thinking":"hm","signature":"EqQB"/);
  assert.deepEqual(ignored, []);
});

Deno.test("withRecalledThoughts() brings thoughts back that the caller has lost", () => {
  const foreign: AssistantPart = { ...SIGNED, signature: { issuer: "gemini", value: "AbC" } };

  const { body, ignored } = write(
    inLoop(toolTurns(CALL)),
    (id) => id === "c1" ? [foreign, SIGNED] : undefined,
  );

  assert.deepEqual(body["thinking"], { type: "enabled", budget_tokens: 2048 });
  assert.match(
    JSON.stringify(body["messages"]),
    /\[\{"type":"thinking","thinking":"hm","signature":"EqQB"\},\{"type":"tool_use"/,
  );
  assert.deepEqual(ignored, []);
});

Deno.test("lacksThoughts() looks back over all steps of the turn, and no further", () => {
  const second: readonly Turn[] = [
    { role: "assistant", parts: [{ ...CALL, id: "c2" }] },
    { role: "user", parts: [{ kind: "tool_result", callId: "c2", parts: [] }] },
  ];
  const over: readonly Turn[] = [
    { role: "assistant", parts: [{ kind: "text", text: "Done" }] },
    { role: "user", parts: [{ kind: "text", text: "Next" }] },
  ];

  const begun = write(inLoop([...toolTurns(SIGNED, CALL), ...second]));
  const lost = write(inLoop([...toolTurns(CALL), ...second]));
  const later = write(inLoop([...toolTurns(CALL), ...over]));

  assert.deepEqual([begun, lost, later].map(({ ignored }) => ignored), [[], ["reasoning"], []]);
});

Deno.test("planThinking() keeps adaptive thinking on without former thoughts", () => {
  const { body, ignored } = write(inLoop(toolTurns(CALL), { model: "claude-opus-4-7" }));

  assert.deepEqual(body["thinking"], { type: "adaptive" });
  assert.deepEqual(ignored, []);
});

Deno.test("writeMessages() drops thoughts of other issuers and names them", () => {
  const foreign: AssistantPart = {
    kind: "thinking",
    text: "so",
    signature: { issuer: "gemini", value: "AbC" },
  };
  const hidden: AssistantPart = { kind: "redacted_thinking", issuer: "openai", data: "gAAA" };

  const { body, ignored } = write(asked({
    model: "claude-opus-4-7",
    reasoning: { isAdaptive: true },
    turns: toolTurns(foreign, hidden, { ...CALL, signature: { issuer: "gemini", value: "XY" } }),
  }));

  assert.doesNotMatch(JSON.stringify(body), /AbC|gAAA|XY/);
  assert.deepEqual(ignored, ["thinking"]);
});

Deno.test("writeMessages() sends no thoughts to a model that may not think", () => {
  const { body, ignored } = write(asked({ turns: toolTurns(SIGNED, CALL) }));

  assert.doesNotMatch(JSON.stringify(body), /EqQB/);
  assert.deepEqual(ignored, []);
});
