import assert from "node:assert/strict";
import type { DialectName } from "../../src/core/provider.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { withoutForeignThoughts } from "../../src/proxy/foreign_thoughts.ts";
import { at, parsed, startKeyturn } from "../support/keyturn_under_test.ts";

const KEYS = [{ secret: "key-0001", behaviour: "ok" }] as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The cleaned body, or `undefined` where the bytes go as they came. */
function cleaned(dialect: DialectName, path: string, json: Record<string, unknown>): unknown {
  const bytes = withoutForeignThoughts(dialect, path, encoder.encode(JSON.stringify(json)), json);
  return bytes === undefined ? undefined : parsed(decoder.decode(bytes));
}

function turn(...content: readonly unknown[]) {
  return { role: "assistant", content };
}

const USER = { role: "user", content: "go on" };
const OWN = { type: "thinking", thinking: "own", signature: "c2lnbmVk" };
const FOREIGN = { type: "thinking", thinking: "hm", signature: "kt.gemini.c2ln" };
const HIDDEN = { type: "redacted_thinking", data: "kt.openai.text.c2ln" };
const CALL = { type: "tool_use", id: "toolu_1", name: "f", input: {} };
const TEXT = { type: "text", text: 'say "kt." to them' };

Deno.test("withoutForeignThoughts() takes other providers' thoughts out of an Anthropic history, and no other block", () => {
  const json = {
    thinking: { type: "adaptive" },
    messages: [USER, turn(OWN, FOREIGN, TEXT, HIDDEN), turn(FOREIGN), USER],
  };

  const clean = cleaned("anthropic", "/v1/messages", json);

  assert.deepEqual(clean, { ...json, messages: [USER, turn(OWN, TEXT), USER] });
});

Deno.test("withoutForeignThoughts() leaves thinking out where a call of a tool has lost the thought before it", () => {
  const messages = [USER, turn(FOREIGN, CALL), { role: "user", content: [{ type: "tool_result" }] }];

  const clean = cleaned("anthropic", "/v1/messages", {
    thinking: { type: "enabled", budget_tokens: 1024 },
    messages,
  });

  assert.equal(at(clean, "thinking"), undefined);
  assert.deepEqual(at(clean, "messages", 1), turn(CALL));
});

Deno.test("withoutForeignThoughts() leaves bytes alone that only look like it", () => {
  assert.equal(cleaned("anthropic", "/v1/messages", { messages: [turn(OWN, TEXT)] }), undefined);
  assert.equal(cleaned("openai", "/v1/chat/completions", { messages: [turn(FOREIGN)] }), undefined);
  const part = { text: "a3Qu", thoughtSignature: "a3Quabc" };
  assert.equal(
    cleaned("gemini", "/v1beta/models/m:generateContent", { contents: [{ parts: [part] }] }),
    undefined,
  );
});

Deno.test("withoutForeignThoughts() gives Google its placeholder for a call's foreign signature", () => {
  const thoughtSignature = btoa("kt.anthropic.c2ln");
  const call = { functionCall: { name: "f", args: {} } };
  const parts = [{ text: "hi", thoughtSignature }, { ...call, thoughtSignature }, {
    text: "own",
    thoughtSignature: "AAAA",
  }];

  const clean = cleaned("gemini", "/v1beta/models/m:generateContent", {
    contents: [{ role: "model", parts }],
  });

  const placeholder = "skip_thought_signature_validator";
  assert.deepEqual(at(clean, "contents", 0, "parts"), [
    { text: "hi" },
    { ...call, thoughtSignature: placeholder },
    { text: "own", thoughtSignature: "AAAA" },
  ]);
});

Deno.test("withoutForeignThoughts() takes reasoning items that OpenAI has not made out of a Responses input", () => {
  const own = { type: "reasoning", id: "rs_68a", summary: [], encrypted_content: "gAAAA" };
  const input = [
    { type: "reasoning", id: "rs_1", encrypted_content: "kt.anthropic.c2ln" },
    { type: "reasoning", id: "rs_req_1_0", summary: [] },
    own,
    { role: "user", content: "hi" },
  ];

  const clean = cleaned("openai", "/v1/responses", { model: "gpt-5", input });

  assert.deepEqual(at(clean, "input"), [own, { role: "user", content: "hi" }]);
});

Deno.test("relay() lets a conversation that Gemini has begun go on with Anthropic in its own dialect", async () => {
  const gemini = startSimulatedProvider({ dialect: "gemini", keys: KEYS });
  const anthropic = startSimulatedProvider({ dialect: "anthropic", keys: KEYS });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("gemini", gemini);
  await keyturn.enterSimulated("anthropic", anthropic);
  const thinking = { type: "enabled", budget_tokens: 1024 };
  const question = { role: "user", content: "one two" };
  const ask = (slug: string, model: string, messages: readonly unknown[]) =>
    keyturn.ask(`/llm/${slug}/v1/messages`, { model, max_tokens: 2000, thinking, messages });

  const first = await ask("gemini", "gemini-2.5-flash", [question]);
  const history = [question, { role: "assistant", content: at(first.json, "content") }, question];
  const second = await ask("anthropic", "claude-haiku-4-5", history);
  await keyturn.stop();
  await gemini.close();
  await anthropic.close();

  assert.match(first.text, /"signature":"kt\./);
  assert.equal(second.status, 200, second.text);
});
