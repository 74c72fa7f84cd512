import assert from "node:assert/strict";
import { anthropicCountRequest } from "../../src/translate/anthropic_request_writer.ts";
import { readAnthropicCount, writeAnthropicCount } from "../../src/translate/anthropic_count.ts";
import type { AssistantPart, ChatRequest, Tool } from "../../src/translate/chat_request.ts";
import { asked, jsonFixture, requestTold, write } from "./anthropic_support.ts";
import { refusedFor } from "./refused_for.ts";

const HELLO = [{ role: "user", content: [{ type: "text", text: "Hi" }] }];
const TOOL: Tool = { name: "f", parameters: { type: "object", properties: { a: { type: "string" } } } };
const OTHER: Tool = { name: "g" };
const SCHEMA = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };

Deno.test("writeAnthropicRequest() writes a plain request with the model's own max_tokens", () => {
  const written = write(asked());

  assert.deepEqual(written, {
    path: "/v1/messages",
    query: "",
    headers: [],
    body: { model: "claude-sonnet-4-5", messages: HELLO, max_tokens: 64_000 },
    ignored: [],
  });
});

const MEMBERS: readonly (readonly [
  name: string,
  rest: Partial<ChatRequest>,
  expected: Readonly<Record<string, unknown>>,
  ignored: readonly string[],
])[] = [
  ["streams", { isStream: true }, { stream: true }, []],
  ["every system prompt, without the blank ones", {
    system: [{ kind: "text", text: "A" }, { kind: "text", text: " " }, {
      kind: "text",
      text: "B",
      cache: { ttl: "1h" },
    }],
  }, {
    system: [{ type: "text", text: "A" }, {
      type: "text",
      text: "B",
      cache_control: { type: "ephemeral", ttl: "1h" },
    }],
  }, []],
  ["stop texts, without the blank ones", { stop: ["END", "\n"] }, { stop_sequences: ["END"] }, ["stop"]],
  ["a user's opaque name", { endUser: "u-1" }, { metadata: { user_id: "u-1" } }, []],
  ["no mail address", { endUser: "ada@example.com" }, { metadata: undefined }, ["endUser"]],
  ["no telephone number", { endUser: "+1 (555) 010-9999" }, { metadata: undefined }, ["endUser"]],
  ["a clamped temperature", { temperature: 1.7 }, { temperature: 1 }, ["temperature"]],
  ["temperature without top_p", { temperature: 0.2, topP: 0.9 }, { temperature: 0.2, top_p: undefined }, [
    "topP",
  ]],
  ["both for an older model", { model: "claude-sonnet-4-20250514", temperature: 0.2, topP: 0.9 }, {
    temperature: 0.2,
    top_p: 0.9,
  }, []],
  ["neither for the newest", { model: "claude-opus-4-7", temperature: 0.2, topP: 0.9, topK: 3 }, {
    temperature: undefined,
    top_p: undefined,
    top_k: undefined,
  }, ["temperature", "topP", "topK"]],
  ["top_k", { topK: 3 }, { top_k: 3 }, []],
  ["no more tokens than the model has", { maxOutputTokens: 100_000 }, { max_tokens: 64_000 }, [
    "maxOutputTokens",
  ]],
  [
    "any number for an unknown model",
    { model: "kimi-k2", maxOutputTokens: 100_000 },
    { max_tokens: 100_000 },
    [],
  ],
  [
    "no seed, penalties or Google's settings",
    {
      seed: 1,
      presencePenalty: 0.5,
      frequencyPenalty: 0.5,
      choices: 1,
      google: { cachedContent: "c" },
    },
    {},
    ["seed", "presencePenalty", "frequencyPenalty", "google"],
  ],
  ["tools", { tools: [{ ...TOOL, description: "d", cache: {} }, OTHER] }, {
    tools: [
      { name: "f", description: "d", input_schema: TOOL.parameters, cache_control: { type: "ephemeral" } },
      { name: "g", input_schema: { type: "object", properties: {} } },
    ],
    tool_choice: undefined,
  }, []],
  ["a strict tool with a closed schema", { tools: [{ ...TOOL, isStrict: true }] }, {
    tools: [{ name: "f", input_schema: { ...TOOL.parameters, additionalProperties: false }, strict: true }],
  }, []],
  [
    "a tool that an older model cannot be strict with",
    {
      model: "claude-sonnet-4-0",
      tools: [{ ...TOOL, isStrict: true }],
    },
    { tools: [{ name: "f", input_schema: TOOL.parameters }] },
    ["isStrict"],
  ],
  ["a forced tool", { tools: [TOOL], toolChoice: { kind: "named", names: ["f"], isRequired: true } }, {
    tool_choice: { type: "tool", name: "f" },
  }, []],
  ["any tool, one at a time", { tools: [TOOL], toolChoice: { kind: "required" }, mayCallInParallel: false }, {
    tool_choice: { type: "any", disable_parallel_tool_use: true },
  }, []],
  ["one tool at a time without a choice", { tools: [TOOL], mayCallInParallel: false }, {
    tool_choice: { type: "auto", disable_parallel_tool_use: true },
  }, []],
  ["some of the tools", {
    tools: [TOOL, OTHER, { name: "h" }],
    toolChoice: { kind: "named", names: ["g", "h"], isRequired: true },
  }, {
    tools: [
      { name: "g", input_schema: { type: "object", properties: {} } },
      { name: "h", input_schema: { type: "object", properties: {} } },
    ],
    tool_choice: { type: "any" },
  }, []],
  ["no tool choice without tools", { toolChoice: { kind: "required" } }, { tool_choice: undefined }, []],
  ["a schema", { output: { kind: "json_schema", schema: SCHEMA } }, {
    output_config: { format: { type: "json_schema", schema: { ...SCHEMA, additionalProperties: false } } },
  }, []],
  ["JSON as an instruction", { output: { kind: "json" } }, {
    system: [{
      type: "text",
      text: "Answer with one valid JSON object and nothing else: no words around it and no code fence.",
    }],
    output_config: undefined,
  }, ["output"]],
];

for (const [name, rest, expected, ignored] of MEMBERS) {
  Deno.test(`writeAnthropicRequest() writes ${name}`, () => {
    const written = write(asked(rest));

    for (const [member, value] of Object.entries(expected)) {
      assert.deepEqual(written.body[member], value, member);
    }
    assert.deepEqual(written.ignored, ignored);
  });
}

const OPEN_SCHEMA = { type: "object", additionalProperties: true };

const REFUSED: readonly (readonly [name: string, rest: Partial<ChatRequest>, field: string])[] = [
  ["several answers", { choices: 2 }, "choices"],
  ["log probabilities", { logprobs: { top: 0 } }, "logprobs"],
  ["audio", {
    turns: [{ role: "user", parts: [{ kind: "audio", mediaType: "audio/wav", base64: "AAAA" }] }],
  }, "audio"],
  ["another provider's file", {
    turns: [{
      role: "user",
      parts: [{ kind: "file", source: { kind: "id", issuer: "openai", id: "file-1" } }],
    }],
  }, "file"],
  ["a picture that it cannot see", {
    turns: [{
      role: "user",
      parts: [{ kind: "image", source: { kind: "base64", mediaType: "image/tiff", base64: "AAAA" } }],
    }],
  }, "image"],
  ["a file that it cannot read", {
    turns: [{
      role: "user",
      parts: [{ kind: "file", source: { kind: "base64", mediaType: "application/zip", base64: "AAAA" } }],
    }],
  }, "file"],
  ["a picture of the assistant", {
    turns: [{
      role: "assistant",
      parts: [{ kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } }],
    }],
  }, "image"],
  ["a strict schema that it cannot hold", {
    output: { kind: "json_schema", schema: OPEN_SCHEMA, isStrict: true },
  }, "output"],
  ["a strict schema on an older model", {
    model: "claude-3-haiku-20240307",
    output: { kind: "json_schema", schema: SCHEMA, isStrict: true },
  }, "output"],
  ["a forced tool on a model that thinks always", {
    model: "claude-opus-5-5",
    tools: [TOOL],
    toolChoice: { kind: "required" },
  }, "toolChoice"],
];

for (const [name, rest, field] of REFUSED) {
  Deno.test(`writeAnthropicRequest() refuses ${name}`, () => {
    assert.throws(() => write(asked(rest)), refusedFor(field));
  });
}

Deno.test("writeAnthropicRequest() puts all tool results into one user message, before its text", () => {
  const call = (id: string): AssistantPart => ({ kind: "tool_call", id, name: "f", arguments: '{"a":"b"}' });
  const { body } = write(asked({
    tools: [TOOL],
    turns: [
      { role: "user", parts: [{ kind: "text", text: "Go" }] },
      {
        role: "assistant",
        parts: [{ kind: "text", text: "" }, { kind: "text", text: "Sure" }, call("c1"), call("c:2")],
      },
      {
        role: "user",
        parts: [
          { kind: "text", text: "and?" },
          { kind: "tool_result", callId: "c1", parts: [{ kind: "text", text: "one" }] },
        ],
      },
      {
        role: "user",
        parts: [{ kind: "tool_result", callId: "c:2", parts: [], isError: true }],
      },
    ],
  }));

  assert.deepEqual(body["messages"], [
    { role: "user", content: [{ type: "text", text: "Go" }] },
    {
      role: "assistant",
      content: [
        { type: "text", text: "Sure" },
        { type: "tool_use", id: "c1", name: "f", input: { a: "b" } },
        { type: "tool_use", id: "c_3a2", name: "f", input: { a: "b" } },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "c1", content: "one" },
        { type: "tool_result", tool_use_id: "c_3a2", is_error: true },
        { type: "text", text: "and?" },
      ],
    },
  ]);
});

Deno.test("writeAnthropicRequest() writes pictures and files in its own blocks", () => {
  const { body, headers, ignored } = write(asked({
    turns: [{
      role: "user",
      parts: [
        { kind: "image", source: { kind: "url", url: "https://example.com/a.png" }, detail: "low" },
        { kind: "image", source: { kind: "base64", mediaType: "image/jpg", base64: "AAAA" } },
        {
          kind: "file",
          source: { kind: "base64", mediaType: "application/pdf", base64: "JVBE" },
          name: "p.pdf",
        },
        { kind: "file", source: { kind: "base64", mediaType: "text/csv", base64: btoa("a,b") } },
        { kind: "file", source: { kind: "id", issuer: "anthropic", id: "file_1" } },
      ],
    }],
  }));

  assert.deepEqual(body["messages"], [{
    role: "user",
    content: [
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "AAAA" } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "JVBE" },
        title: "p.pdf",
      },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "a,b" } },
      { type: "document", source: { type: "file", file_id: "file_1" } },
    ],
  }]);
  assert.deepEqual(headers, [["anthropic-beta", "files-api-2025-04-14"]]);
  assert.deepEqual(ignored, ["detail"]);
});

Deno.test("writeAnthropicRequest() lets a conversation that the assistant begins have a user", () => {
  const { body } = write(asked({
    turns: [
      { role: "assistant", parts: [{ kind: "text", text: "Welcome" }] },
      { role: "user", parts: [{ kind: "text", text: "Hi" }] },
    ],
  }));

  assert.deepEqual(body["messages"], [
    { role: "user", content: [{ type: "text", text: "(The user has not said anything yet.)" }] },
    { role: "assistant", content: [{ type: "text", text: "Welcome" }] },
    ...HELLO,
  ]);
});

Deno.test("writeAnthropicRequest() makes a system prompt alone the user's words", () => {
  const { body } = write(asked({ system: [{ kind: "text", text: "Hi" }], turns: [] }));

  assert.deepEqual([body["system"], body["messages"]], [undefined, HELLO]);
});

Deno.test("writeAnthropicRequest() ends a prefilled answer without blanks", () => {
  const { body } = write(asked({
    turns: [...asked().turns, { role: "assistant", parts: [{ kind: "text", text: "It is \n" }] }],
  }));

  assert.deepEqual(body["messages"], [...HELLO, {
    role: "assistant",
    content: [{ type: "text", text: "It is" }],
  }]);
});

Deno.test("writeAnthropicRequest() asks for a loose schema in words when the model cannot be bound to it", () => {
  const { body, ignored } = write(asked({ output: { kind: "json_schema", schema: OPEN_SCHEMA } }));

  assert.match(JSON.stringify(body["system"]), /JSON schema:\\n\{\\"type\\":\\"object\\"/);
  assert.deepEqual(ignored, ["output"]);
});

Deno.test("writeAnthropicRequest() passes arguments that are no JSON on in Anthropic's way", () => {
  const { body } = write(asked({
    turns: [
      ...asked().turns,
      { role: "assistant", parts: [{ kind: "tool_call", id: "c", name: "f", arguments: '{"a":' }] },
      { role: "user", parts: [{ kind: "tool_result", callId: "c", parts: [{ kind: "text", text: "bad" }] }] },
    ],
  }));

  assert.match(JSON.stringify(body["messages"]), /"input":\{"INVALID_JSON":"\{\\"a\\":"\}/);
});

Deno.test("anthropicCountRequest() sends the prompt and nothing of how it is answered", () => {
  const request = asked({
    system: [{ kind: "text", text: "S" }],
    tools: [OTHER],
    temperature: 0.5,
    stop: ["END"],
    maxOutputTokens: 5,
    endUser: "u",
    isStream: true,
  });

  const written = anthropicCountRequest(request, requestTold());

  assert.equal(written.path, "/v1/messages/count_tokens");
  assert.deepEqual(written.body, {
    model: "claude-sonnet-4-5",
    system: [{ type: "text", text: "S" }],
    messages: HELLO,
    tools: [{ name: "g", input_schema: { type: "object", properties: {} } }],
  });
});

Deno.test("readAnthropicCount() reads the count and refuses anything else", () => {
  assert.equal(readAnthropicCount(jsonFixture("count_tokens.json")), 2095);
  assert.throws(() => readAnthropicCount(jsonFixture("error.json")), { name: "AnswerUnreadableError" });
  assert.deepEqual(writeAnthropicCount(7), { input_tokens: 7 });
});
