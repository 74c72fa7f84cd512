import assert from "node:assert/strict";
import { at, call, dataOf, withProvider } from "./simulated_support.ts";

type Body = Record<string, unknown>;

const PATH = "/v1/chat/completions";
const USER = { role: "user", content: "get_weather" };
const CALLS = {
  role: "assistant",
  content: null,
  tool_calls: ["call_1", "call_2"].map((id) => ({
    id,
    type: "function",
    function: { name: "get_weather", arguments: "{}" },
  })),
};
const TOOLS = [{ type: "function", function: { name: "get_weather", parameters: { type: "object" } } }];
const STRICT = {
  type: "object",
  properties: { a: { type: "string" } },
  required: ["a"],
  additionalProperties: false,
};

function result(id: string) {
  return { role: "tool", tool_call_id: id, content: "sunny" };
}

function chat(more: Body): Body {
  return { model: "gpt-4o", messages: [USER], ...more };
}

function talk(...messages: unknown[]): Body {
  return { model: "gpt-4o", tools: TOOLS, messages };
}

function format(schema: unknown, more: Body = {}): Body {
  const json_schema = { name: "x", strict: true, schema, ...more };
  return chat({ response_format: { type: "json_schema", json_schema } });
}

function shown(part: Body): Body {
  return chat({ messages: [{ role: "user", content: [part] }] });
}

const REFUSED: [string, Body, RegExp][] = [
  ["an unknown argument", chat({ top_k: 3 }), /^Unrecognized request argument supplied: top_k$/],
  ["a missing result", talk(USER, CALLS, result("call_1")), /did not have response messages: call_2$/],
  [
    "a result too many",
    talk(USER, CALLS, result("call_1"), result("call_2"), result("call_3")),
    /must be a response/,
  ],
  [
    "a result twice",
    talk(USER, CALLS, result("call_1"), result("call_1")),
    /^Duplicate value for 'tool_call_id'/,
  ],
  ["a result without a call", talk(USER, result("call_1")), /must be a response to a preceeding message/],
  ["words before a result", talk(USER, CALLS, result("call_1"), USER, result("call_2")), /call_2$/],
  [
    "an id of 41 characters",
    talk(
      USER,
      { ...CALLS, tool_calls: [{ ...CALLS.tool_calls[0], id: "c".repeat(41) }] },
      result("c".repeat(41)),
    ),
    /string too long/,
  ],
  ["an unknown role", talk({ role: "model", content: "hi" }), /^Invalid value: 'model'/],
  [
    "an unknown part",
    shown({ type: "image", text: "hi" }),
    /^Invalid value: 'image'. Supported values are: 'text'/,
  ],
  [
    "an assistant who says nothing",
    talk(USER, { role: "assistant", content: null }),
    /expected a string, got null/,
  ],
  [
    "a picture that is none",
    shown({ type: "image_url", image_url: { url: "data:image/png,x" } }),
    /data URL/,
  ],
  [
    "a picture of a kind it has not",
    shown({ type: "image_url", image_url: { url: "data:image/bmp;base64,AAAA" } }),
    /unsupported image/,
  ],
  [
    "audio of a kind it has not",
    shown({ type: "input_audio", input_audio: { data: "AAAA", format: "ogg" } }),
    /'ogg'/,
  ],
  [
    "a file without a name",
    shown({ type: "file", file: { file_data: "data:application/pdf;base64,AAAA" } }),
    /filename/,
  ],
  [
    "max_tokens for a model that thinks",
    chat({ model: "gpt-5", max_tokens: 5 }),
    /'max_completion_tokens' instead/,
  ],
  ["a temperature for a model that thinks", chat({ model: "gpt-5", temperature: 0.5 }), /Only the default/],
  [
    "effort for a model that does not think",
    chat({ reasoning_effort: "low" }),
    /supplied: reasoning_effort$/,
  ],
  ["five stop sequences", chat({ stop: ["a", "b", "c", "d", "e"] }), /maximum length 4/],
  ["top_logprobs alone", chat({ top_logprobs: 2 }), /only allowed when 'logprobs'/],
  [
    "stream_options without a stream",
    chat({ stream_options: { include_usage: true } }),
    /only allowed when 'stream'/,
  ],
  ["no tools, but a choice", chat({ tool_choice: "required" }), /only allowed when 'tools'/],
  ["an empty list of tools", chat({ tools: [] }), /^Invalid 'tools': empty array/],
  [
    "a choice of no tool",
    chat({ tools: TOOLS, tool_choice: { type: "function", function: { name: "x" } } }),
    /'x' not found/,
  ],
  [
    "a tool of a wrong name",
    chat({ tools: [{ type: "function", function: { name: "a b" } }] }),
    /does not match pattern/,
  ],
  [
    "a tool of no object",
    chat({ tools: [{ type: "function", function: { name: "a", parameters: {} } }] }),
    /'type: "None"'/,
  ],
  [
    "JSON mode without the word",
    chat({ response_format: { type: "json_object" } }),
    /must contain the word 'json'/,
  ],
  ["a schema without a name", format(STRICT, { name: undefined }), /'response_format.json_schema.name'/],
  [
    "a strict schema that is open",
    format({ ...STRICT, additionalProperties: true }),
    /'additionalProperties' is required/,
  ],
  ["a strict schema with an option", format({ ...STRICT, required: [] }), /Missing 'a'/],
];

for (const [what, body, message] of REFUSED) {
  Deno.test(`a chat with ${what} is refused as OpenAI does`, async () => {
    await withProvider({ dialect: "openai" }, async (provider) => {
      const got = await call(provider, PATH, body);

      assert.equal(got.status, 400);
      assert.equal(at(got.json, "error", "type"), "invalid_request_error");
      assert.match(String(at(got.json, "error", "message")), message);
    });
  });
}

const ITEM = { type: "function_call", call_id: "call_1", name: "get_weather", arguments: "{}" };
const OUTPUT = { type: "function_call_output", call_id: "call_1", output: "sunny" };
const REFUSED_RESPONSES: [string, Body, RegExp][] = [
  ["an unknown argument", { input: "hi", messages: [] }, /^Unknown parameter: 'messages'/],
  ["a call without its output", { input: [USER, ITEM] }, /^No tool output found for function call call_1/],
  ["an output without its call", { input: [USER, OUTPUT] }, /^No tool call found for function call output/],
  [
    "an item that is not kept",
    { input: [{ type: "item_reference", id: "msg_0" }] },
    /^Item with id 'msg_0' not found/,
  ],
  ["a response that is not kept", { input: "hi", previous_response_id: "resp_0" }, /'resp_0' not found/],
  ["words of the model as input", {
    input: [{ role: "assistant", content: [{ type: "input_text", text: "x" }] }],
  }, /'output_text' and 'refusal'/],
  [
    "a thought of somebody else",
    { input: [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "AAAA" }, USER] },
    /could not be verified/,
  ],
];

for (const [what, body, message] of REFUSED_RESPONSES) {
  Deno.test(`a response with ${what} is refused as OpenAI does`, async () => {
    await withProvider({ dialect: "openai" }, async (provider) => {
      const got = await call(provider, "/v1/responses", { model: "gpt-5", ...body });

      assert.ok(got.status === 400 || got.status === 404);
      assert.match(String(at(got.json, "error", "message")), message);
    });
  });
}

Deno.test("a response goes on from what is kept of another, unless that was not to be stored", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const tools = [{ type: "function", name: "get_weather", parameters: { type: "object" } }];
    const ask = async (body: Body) =>
      (await call(provider, "/v1/responses", { model: "gpt-5", tools, ...body })).json;

    const first = await ask({ input: "get_weather" });
    const output = {
      type: "function_call_output",
      call_id: at(first, "output", 0, "call_id"),
      output: "sunny",
    };
    const second = await ask({ input: [output], previous_response_id: at(first, "id") });
    const named = await ask({
      input: [USER, { type: "item_reference", id: at(first, "output", 0, "id") }, output],
    });
    const loose = await ask({ input: "get_weather", store: false });
    const third = await ask({ input: "hi", previous_response_id: at(loose, "id") });

    assert.equal(at(second, "output", 0, "content", 0, "text"), "get_weather said: sunny");
    assert.equal(at(named, "output", 0, "content", 0, "text"), "get_weather said: sunny");
    assert.equal(at(third, "error", "code"), "previous_response_not_found");
  });
});

Deno.test("a chat refuses, filters, tells log probabilities and shows the thoughts of DeepSeek's models", async () => {
  await withProvider({ dialect: "openai", models: ["gpt-4o", "deepseek-reasoner"] }, async (provider) => {
    const ask = async (content: string, more: Body = {}) =>
      (await call(provider, PATH, chat({ messages: [{ role: "user", content }], ...more }))).json;

    const refused = await ask("please refuse");
    const filtered = await ask("be filtered");
    const blocked = await ask("block this prompt");
    const likely = await ask("one two", { logprobs: true, top_logprobs: 2 });
    const thought = await ask("one", { model: "deepseek-reasoner" });
    const heard = await ask("use 9 audio tokens");

    const choice = (value: unknown, ...path: (string | number)[]) => at(value, "choices", 0, ...path);
    assert.equal(choice(refused, "message", "refusal"), "I cannot help with that.");
    assert.equal(choice(refused, "message", "content"), null);
    assert.equal(choice(filtered, "finish_reason"), "content_filter");
    assert.equal(at(blocked, "error", "code"), "invalid_prompt");
    assert.equal(choice(likely, "logprobs", "content", 1, "token"), " two");
    assert.equal(choice(likely, "logprobs", "content", 1, "top_logprobs", 1, "token"), "alt1");
    assert.equal(choice(thought, "message", "reasoning_content"), "The user wants: one");
    assert.equal(at(heard, "usage", "prompt_tokens_details", "audio_tokens"), 9);
  });
});

Deno.test("a chat sees pictures by address, audio and files; calls run in rounds", async () => {
  await withProvider({ dialect: "openai" }, async (provider) => {
    const parts = [
      { type: "image_url", image_url: { url: "https://images.example/a.png" } },
      { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAAAAAA" } },
      { type: "text", text: "look" },
    ];
    const seen = await call(provider, PATH, chat({ messages: [{ role: "user", content: parts }] }));
    const asked = {
      role: "user",
      content: "get_weather city=Paris get_weather city=Rome then get_weather city=Oslo",
    };
    const first = await call(provider, PATH, { ...talk(asked), stream: true });
    const second = await call(provider, PATH, talk(asked, CALLS, result("call_1"), result("call_2")));

    assert.equal(
      at(seen.json, "choices", 0, "message", "content"),
      "Saw image at https://images.example/a.png, audio/wav of 3 bytes, application/pdf of 6 bytes. look",
    );
    const calls = dataOf(first.text).map((event) => at(event, "choices", 0, "delta", "tool_calls", 0, "id"));
    assert.equal(calls.filter((id) => id !== undefined).length, 2);
    assert.equal(at(second.json, "choices", 0, "message", "tool_calls", 1), undefined);
    assert.equal(at(second.json, "choices", 0, "finish_reason"), "tool_calls");
  });
});
