import assert from "node:assert/strict";
import type { ChatRequest } from "../../src/translate/chat_request.ts";
import { read } from "./anthropic_support.ts";
import { refusedFor } from "./refused_for.ts";

const IMAGE = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };

const SETTINGS: readonly (readonly [
  name: string,
  body: Readonly<Record<string, unknown>>,
  expected: Partial<ChatRequest>,
])[] = [
  ["model and stream", { model: "m", stream: true }, { model: "m", isStream: true }],
  ["max_tokens", { max_tokens: 7 }, { maxOutputTokens: 7 }],
  ["temperature", { temperature: 0.5 }, { temperature: 0.5 }],
  ["top_p and top_k", { top_p: 0.9, top_k: 5 }, { topP: 0.9, topK: 5 }],
  ["stop_sequences", { stop_sequences: ["END"] }, { stop: ["END"] }],
  ["metadata.user_id", { metadata: { user_id: "u-1" } }, { endUser: "u-1" }],
  ["a system string", { system: "Be brief" }, { system: [{ kind: "text", text: "Be brief" }] }],
  ["system blocks, all of them", {
    system: [{ type: "text", text: "A" }, {
      type: "text",
      text: "B",
      cache_control: { type: "ephemeral", ttl: "1h" },
    }],
  }, { system: [{ kind: "text", text: "A" }, { kind: "text", text: "B", cache: { ttl: "1h" } }] }],
  ["thinking with a budget", { thinking: { type: "enabled", budget_tokens: 2000 } }, {
    reasoning: { budgetTokens: 2000, mustShow: true },
  }],
  ["adaptive thinking with an effort", {
    thinking: { type: "adaptive", display: "omitted" },
    output_config: { effort: "max" },
  }, { reasoning: { effort: "max", isAdaptive: true, mustShow: false } }],
  ["no thinking", { thinking: { type: "disabled" } }, { reasoning: { effort: "none" } }],
  ["an effort alone", { output_config: { effort: "low" } }, { reasoning: { effort: "low" } }],
  [
    "output_config.format",
    { output_config: { format: { type: "json_schema", schema: { type: "object" } } } },
    {
      output: { kind: "json_schema", schema: { type: "object" }, isStrict: true },
    },
  ],
  ["the older output_format", { output_format: { type: "json_schema", schema: { type: "object" } } }, {
    output: { kind: "json_schema", schema: { type: "object" }, isStrict: true },
  }],
  ["tool_choice any", { tool_choice: { type: "any", disable_parallel_tool_use: true } }, {
    toolChoice: { kind: "required" },
    mayCallInParallel: false,
  }],
  ["tool_choice tool", { tool_choice: { type: "tool", name: "f" } }, {
    toolChoice: { kind: "named", names: ["f"], isRequired: true },
  }],
  ["tool_choice none", { tool_choice: { type: "none" } }, { toolChoice: { kind: "none" } }],
  ["tools", {
    tools: [
      { name: "f", description: "d", input_schema: { type: "object", properties: { a: {} } }, strict: true },
      {
        type: "custom",
        name: "g",
        input_schema: { type: "object", properties: {} },
        cache_control: { type: "ephemeral" },
      },
    ],
  }, {
    tools: [
      { name: "f", description: "d", parameters: { type: "object", properties: { a: {} } }, isStrict: true },
      { name: "g", cache: {} },
    ],
  }],
  [
    "null for nothing",
    { system: null, tools: null, thinking: null, stop_sequences: null, tool_choice: null },
    {
      system: [],
      tools: [],
    },
  ],
];

for (const [name, body, expected] of SETTINGS) {
  Deno.test(`readAnthropicRequest() reads ${name}`, () => {
    const { request, ignored } = read(body);

    for (const [member, value] of Object.entries(expected)) {
      assert.deepEqual(Object.entries(request).find(([one]) => one === member)?.[1], value, member);
    }
    assert.deepEqual(ignored, []);
  });
}

Deno.test("readAnthropicRequest() leaves out what the caller does not say", () => {
  const { request } = read({ max_tokens: undefined });

  assert.deepEqual(request, {
    model: "claude-sonnet-4-5",
    system: [],
    turns: [{ role: "user", parts: [{ kind: "text", text: "Hi" }] }],
    tools: [],
    isStream: false,
  });
});

Deno.test("readAnthropicRequest() brings turns into their normal form", () => {
  const { request } = read({
    messages: [
      { role: "user", content: "one" },
      { role: "user", content: [{ type: "text", text: "two" }, IMAGE] },
      { role: "assistant", content: "so" },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: { a: 1 } }] },
      { role: "system", content: "later" },
      {
        role: "user",
        content: [
          { type: "text", text: "here" },
          {
            type: "tool_result",
            tool_use_id: "t1",
            content: [{ type: "text", text: "r" }, IMAGE],
            is_error: true,
          },
        ],
      },
    ],
  });

  const image = { kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } };
  assert.deepEqual(request.system, [{ kind: "text", text: "later" }]);
  assert.deepEqual(request.turns, [
    { role: "user", parts: [{ kind: "text", text: "one" }, { kind: "text", text: "two" }, image] },
    {
      role: "assistant",
      parts: [{ kind: "text", text: "so" }, { kind: "tool_call", id: "t1", name: "f", arguments: '{"a":1}' }],
    },
    {
      role: "user",
      parts: [
        {
          kind: "tool_result",
          callId: "t1",
          name: "f",
          parts: [{ kind: "text", text: "r" }, image],
          isError: true,
        },
        { kind: "text", text: "here" },
      ],
    },
  ]);
});

Deno.test("readAnthropicRequest() reads pictures and documents of every source", () => {
  const { request } = read({
    messages: [{
      role: "user",
      content: [
        { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
        { type: "image", source: { type: "file", file_id: "file_1" } },
        {
          type: "document",
          source: { type: "base64", media_type: "application/pdf", data: "JVBE" },
          title: "Paper",
          cache_control: { type: "ephemeral" },
        },
        { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
        {
          type: "document",
          source: { type: "text", media_type: "text/plain", data: "words" },
          title: "Notes",
        },
        { type: "document", source: { type: "content", content: [{ type: "text", text: "chunk" }, IMAGE] } },
        {
          type: "search_result",
          source: "https://example.com",
          title: "T",
          content: [{ type: "text", text: "s" }],
        },
      ],
    }],
  });

  assert.deepEqual(request.turns[0]?.parts, [
    { kind: "image", source: { kind: "url", url: "https://example.com/a.png" } },
    { kind: "image", source: { kind: "id", issuer: "anthropic", id: "file_1" } },
    {
      kind: "file",
      source: { kind: "base64", mediaType: "application/pdf", base64: "JVBE" },
      name: "Paper",
      cache: {},
    },
    { kind: "file", source: { kind: "url", url: "https://example.com/a.pdf" } },
    { kind: "text", text: "Notes\n\nwords" },
    { kind: "text", text: "chunk" },
    { kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } },
    { kind: "text", text: "T\nhttps://example.com\ns" },
  ]);
});

Deno.test("readAnthropicRequest() tells whose thoughts and signatures come back", () => {
  const { request } = read({
    messages: [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "own", signature: "EqQB" },
          { type: "thinking", thinking: "foreign", signature: "kt.gemini.AbC" },
          { type: "thinking", thinking: "unsigned", signature: "" },
          { type: "thinking", thinking: "marked", signature: "kt." },
          { type: "redacted_thinking", data: "EmwK" },
          { type: "redacted_thinking", data: "kt.openai.gAAA" },
          { type: "text", text: "Let me see" },
          { type: "redacted_thinking", data: "kt.gemini.text.ZZ" },
          { type: "redacted_thinking", data: "kt.gemini.call.XY" },
          { type: "tool_use", id: "t1", name: "f", input: {} },
          { type: "tool_use", id: "t2", name: "f", input: {} },
        ],
      },
    ],
  });

  assert.deepEqual(request.turns[1]?.parts, [
    { kind: "thinking", text: "own", signature: { issuer: "anthropic", value: "EqQB" } },
    { kind: "thinking", text: "foreign", signature: { issuer: "gemini", value: "AbC" } },
    { kind: "thinking", text: "unsigned" },
    { kind: "thinking", text: "marked" },
    { kind: "redacted_thinking", issuer: "anthropic", data: "EmwK" },
    { kind: "redacted_thinking", issuer: "openai", data: "gAAA" },
    { kind: "text", text: "Let me see", signature: { issuer: "gemini", value: "ZZ" } },
    { kind: "tool_call", id: "t1", name: "f", arguments: "{}", signature: { issuer: "gemini", value: "XY" } },
    { kind: "tool_call", id: "t2", name: "f", arguments: "{}" },
  ]);
});

const IGNORED: readonly (readonly [body: Readonly<Record<string, unknown>>, field: string])[] = [
  [{ service_tier: "auto" }, "service_tier"],
  [{ speed: "fast" }, "speed"],
  [{ context_management: { edits: [] } }, "context_management"],
  [{ cache_control: { type: "ephemeral" } }, "cache_control"],
  [{ something_new: 1 }, "something_new"],
  [{ output_config: { task_budget: { total: 1 } } }, "output_config.task_budget"],
  [{ thinking: { type: "between_tools" } }, "thinking"],
  [{ thinking: { type: "disabled" }, output_config: { effort: "high" } }, "output_config.effort"],
  [{ tools: [{ name: "f", input_schema: {}, defer_loading: true }] }, "tools[].defer_loading"],
  [{
    messages: [{
      role: "user",
      content: [{
        type: "document",
        source: { type: "url", url: "https://example.com" },
        citations: { enabled: true },
      }],
    }],
  }, "messages[].content[].citations"],
];

for (const [body, field] of IGNORED) {
  Deno.test(`readAnthropicRequest() names ${field} as ignored`, () => {
    const { ignored } = read(body);

    assert.deepEqual(ignored, [field]);
  });
}

const REFUSED: readonly (readonly [body: Readonly<Record<string, unknown>>, field: string])[] = [
  [{ container: "container_1" }, "container"],
  [{ mcp_servers: [{ type: "url", url: "https://example.com", name: "m" }] }, "mcp_servers"],
  [{ inference_geo: "us" }, "inference_geo"],
  [{ max_tokens: 0 }, "max_tokens"],
  [{ tools: [{ type: "web_search_20250305", name: "web_search" }] }, "tools[0]"],
  [
    { messages: [{ role: "user", content: [{ type: "container_upload", file_id: "f" }] }] },
    "messages[0].content[0]",
  ],
  [{
    messages: [{ role: "user", content: "Hi" }, {
      role: "assistant",
      content: [{ type: "server_tool_use", id: "s", name: "web_search", input: {} }],
    }],
  }, "messages[1].content[0]"],
];

for (const [body, field] of REFUSED) {
  Deno.test(`readAnthropicRequest() refuses ${field} ${JSON.stringify(body).slice(0, 40)}`, () => {
    assert.throws(() => read(body), refusedFor(field));
  });
}

const WRONG: readonly (readonly [body: Readonly<Record<string, unknown>>, path: string])[] = [
  [{ model: undefined }, "model"],
  [{ model: 3 }, "model"],
  [{ messages: [] }, "messages"],
  [{ messages: "Hi" }, "messages"],
  [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
  [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
  [
    { messages: [{ role: "user", content: "a" }, { role: "user", content: [{ text: "x" }] }] },
    "messages[1].content[0].type",
  ],
  [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].text"],
  [{
    messages: [{
      role: "user",
      content: [{ type: "image", source: { type: "base64", media_type: "image/bmp", data: "" } }],
    }],
  }, "messages[0].content[0].source.media_type"],
  [{
    messages: [{
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: 1 }] }],
    }],
  }, "messages[0].content[0].content[0].text"],
  [{ max_tokens: 1.5 }, "max_tokens"],
  [{ temperature: "hot" }, "temperature"],
  [{ stop_sequences: ["a", 1] }, "stop_sequences[1]"],
  [{ tools: [{ name: "f" }] }, "tools[0].input_schema"],
  [{ tool_choice: { type: "tool" } }, "tool_choice.name"],
  [{ tool_choice: { type: "some" } }, "tool_choice.type"],
  [{ thinking: { type: "enabled" } }, "thinking.budget_tokens"],
  [{ output_config: { format: { type: "json" } } }, "output_config.format.type"],
];

for (const [body, path] of WRONG) {
  Deno.test(`readAnthropicRequest() names ${path} when it is wrong in ${JSON.stringify(body).slice(0, 60)}`, () => {
    assert.throws(() => read(body), refusedFor(path));
  });
}
