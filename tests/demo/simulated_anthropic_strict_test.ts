import assert from "node:assert/strict";
import { at, call, dataOf, withProvider } from "./simulated_support.ts";

type Body = Record<string, unknown>;

const PATH = "/v1/messages";
const USER = { role: "user", content: "get_weather" };
const TOOL = { name: "get_weather", input_schema: { type: "object" } };
const OPEN = { type: "object", properties: { a: { type: "string" } } };
const THINKING = { type: "enabled", budget_tokens: 1024 };

function use(...ids: string[]) {
  return {
    role: "assistant",
    content: ids.map((id) => ({ type: "tool_use", id, name: "get_weather", input: {} })),
  };
}

function results(...ids: string[]) {
  return {
    role: "user",
    content: ids.map((id) => ({ type: "tool_result", tool_use_id: id, content: "sunny" })),
  };
}

function ask(more: Body): Body {
  return { model: "claude-opus-4-5", max_tokens: 2000, messages: [USER], ...more };
}

function talk(...messages: unknown[]): Body {
  return ask({ messages, tools: [TOOL] });
}

function shown(block: Body): Body {
  return ask({ messages: [{ role: "user", content: [block] }] });
}

const REFUSED: [string, Body, RegExp][] = [
  ["an unknown argument", ask({ seed: 1 }), /^seed: Extra inputs are not permitted$/],
  [
    "an unknown member of a block",
    shown({ type: "text", text: "x", detail: "low" }),
    /^messages\.0\.content\.0\.detail: Extra inputs/,
  ],
  [
    "an assistant first",
    talk({ role: "assistant", content: "hi" }, USER),
    /first message must use the "user" role/,
  ],
  ["a system message among the others", talk({ role: "system", content: "hi" }), /^messages\.0\.role/],
  ["an empty message", talk({ role: "user", content: [] }), /must have non-empty content/],
  ["a blank block", shown({ type: "text", text: " " }), /must contain non-whitespace/],
  [
    "an empty block of the system",
    ask({ system: [{ type: "text", text: "" }] }),
    /^system: text content blocks/,
  ],
  [
    "a missing result",
    talk(USER, use("toolu_1", "toolu_2"), results("toolu_1")),
    /immediately after: toolu_2\./,
  ],
  [
    "results in two messages",
    talk(USER, use("toolu_1", "toolu_2"), results("toolu_1"), results("toolu_2")),
    /toolu_2/,
  ],
  ["a result twice", talk(USER, use("toolu_1"), results("toolu_1", "toolu_1")), /must have a single result/],
  ["a result without a use", talk(USER, results("toolu_1")), /unexpected `tool_use_id`/],
  [
    "words before the result",
    talk(USER, use("toolu_1"), {
      role: "user",
      content: [{ type: "text", text: "x" }, ...results("toolu_1").content],
    }),
    /immediately after: toolu_1\./,
  ],
  ["an id of other characters", talk(USER, use("call:1"), results("call:1")), /^messages\.1\.content\.0\.id/],
  [
    "a use by the user",
    talk({ role: "user", content: use("toolu_1").content }),
    /can only be in `assistant`/,
  ],
  [
    "a picture of a kind it has not",
    shown({ type: "image", source: { type: "base64", media_type: "image/bmp", data: "AAAA" } }),
    /media_type/,
  ],
  [
    "a picture that is not base64",
    shown({ type: "image", source: { type: "base64", media_type: "image/png", data: "*" } }),
    /base64/,
  ],
  [
    "audio",
    shown({ type: "audio", source: { type: "base64", media_type: "audio/wav", data: "AAAA" } }),
    /^messages\.0\.content\.0/,
  ],
  ["temperature and top_p", ask({ temperature: 0.5, top_p: 0.5 }), /cannot both be specified/],
  ["more tokens than it makes", ask({ max_tokens: 64_001 }), /64001 > 64000/],
  ["a blank stop sequence", ask({ stop_sequences: ["\n"] }), /non-whitespace/],
  [
    "a choice without tools",
    ask({ tool_choice: { type: "any" } }),
    /only be specified while providing tools/,
  ],
  [
    "a tool of no object",
    ask({ tools: [{ name: "a", input_schema: {} }] }),
    /^tools\.0\.input_schema\.type: /,
  ],
  [
    "a tool of choices",
    ask({ tools: [{ name: "a", input_schema: { type: "object", anyOf: [] } }] }),
    /at the top level/,
  ],
  ["a tool twice", ask({ tools: [TOOL, TOOL] }), /must be unique/],
  [
    "an open schema",
    ask({ output_config: { format: { type: "json_schema", schema: OPEN } } }),
    /explicitly set to false/,
  ],
  [
    "effort for a model without",
    ask({ model: "claude-haiku-4-5", output_config: { effort: "low" } }),
    /effort parameter/,
  ],
  ["thinking and a temperature", ask({ thinking: THINKING, temperature: 0 }), /may only be set to 1/],
  [
    "thinking and a forced tool",
    ask({ thinking: THINKING, tools: [TOOL], tool_choice: { type: "any" } }),
    /forces tool use/,
  ],
  ["thinking and top_k", ask({ thinking: THINKING, top_k: 3 }), /must be unset/],
  [
    "a budget that leaves nothing",
    ask({ thinking: { ...THINKING, budget_tokens: 2000 } }),
    /must be greater than/,
  ],
  [
    "adaptive thinking of an older model",
    ask({ thinking: { type: "adaptive" } }),
    /not supported on this model/,
  ],
  [
    "a budget for a newer model",
    ask({ model: "claude-opus-4-7", thinking: THINKING }),
    /thinking\.type\.adaptive/,
  ],
  [
    "a temperature for a newer model",
    ask({ model: "claude-opus-4-7", temperature: 1 }),
    /deprecated for this model/,
  ],
  ["thinking without the thought of the use", {
    ...talk(USER, use("toolu_1"), results("toolu_1")),
    thinking: THINKING,
  }, /Expected `thinking`/],
];

for (const [what, body, message] of REFUSED) {
  Deno.test(`a message with ${what} is refused as Anthropic does`, async () => {
    await withProvider({ dialect: "anthropic" }, async (provider) => {
      const got = await call(provider, PATH, body);

      assert.equal(got.status, 400);
      assert.equal(at(got.json, "error", "type"), "invalid_request_error");
      assert.match(String(at(got.json, "error", "message")), message);
    });
  });
}

Deno.test("a thought comes back with its tool use, unchanged or not at all", async () => {
  await withProvider({ dialect: "anthropic" }, async (provider) => {
    const body = { ...talk(USER), thinking: THINKING };
    const answer = async (messages: unknown) => (await call(provider, PATH, { ...body, messages })).json;

    const first = await answer([USER]);
    const [thought, used] = [at(first, "content", 0), at(first, "content", 1)];
    const outcome = results(String(at(used, "id")));
    const good = await answer([USER, { role: "assistant", content: [thought, used] }, outcome]);
    const changed = { type: "thinking", thinking: "other", signature: at(thought, "signature") };
    const bad = await answer([USER, { role: "assistant", content: [changed, used] }, outcome]);
    const foreign = { type: "thinking", thinking: "", signature: btoa("gemini:0") };
    const worse = await answer([USER, { role: "assistant", content: [foreign, used] }, outcome]);

    assert.equal(at(good, "content", 1, "text"), "get_weather said: sunny");
    assert.match(String(at(bad, "error", "message")), /Invalid `signature` in `thinking` block/);
    assert.match(String(at(worse, "error", "message")), /Invalid `signature`/);
  });
});

Deno.test("a thought may be sealed or left out, and is counted", async () => {
  await withProvider({ dialect: "anthropic" }, async (provider) => {
    const messages = [{ role: "user", content: "think in secret" }];
    const sealed = await call(provider, PATH, ask({ thinking: THINKING, messages }));
    const omitted = await call(
      provider,
      PATH,
      ask({ model: "claude-opus-4-7", thinking: { type: "adaptive" } }),
    );
    const streamed = await call(provider, PATH, ask({ thinking: THINKING, messages, stream: true }));

    assert.equal(at(sealed.json, "content", 0, "type"), "redacted_thinking");
    assert.equal(at(sealed.json, "usage", "output_tokens_details", "thinking_tokens"), 6);
    assert.equal(at(omitted.json, "content", 0, "thinking"), "");
    assert.notEqual(at(omitted.json, "content", 0, "signature"), "");
    const blocks = dataOf(streamed.text).map((event) => at(event, "content_block"));
    assert.deepEqual(blocks.find((block) => block !== undefined), at(sealed.json, "content", 0));
  });
});

Deno.test("a message refuses, is filtered, is blocked, and tells what it wrote to the cache", async () => {
  await withProvider({ dialect: "anthropic" }, async (provider) => {
    const answer = async (content: string) =>
      (await call(provider, PATH, ask({ messages: [{ role: "user", content }] }))).json;

    const refused = await answer("please refuse");
    const filtered = await answer("be filtered");
    const blocked = await answer("block this prompt");
    const written = await answer("use 4 cache write tokens and 3 cached tokens");

    assert.deepEqual([at(refused, "stop_reason"), at(refused, "stop_details", "type")], [
      "refusal",
      "refusal",
    ]);
    assert.deepEqual([at(filtered, "stop_reason"), at(filtered, "content", 0, "text")], [
      "refusal",
      "be filtered",
    ]);
    assert.equal(at(blocked, "error", "message"), "Output blocked by content filtering policy");
    assert.equal(at(written, "usage", "cache_creation_input_tokens"), 4);
    assert.equal(at(written, "usage", "cache_read_input_tokens"), 3);
    assert.equal(at(written, "usage", "input_tokens"), 9);
  });
});
