import assert from "node:assert/strict";
import { AppError } from "../../src/errors.ts";
import type { AssistantPart, ChatRequest, UserPart } from "../../src/translate/chat_request.ts";
import { asksOpenAiChatForUsage, OPENAI_CHAT_CALLER } from "../../src/translate/openai_chat_caller.ts";
import { bodyWith, readBody } from "./openai_chat_support.ts";
import { refusedFor } from "./refused_for.ts";

const FUNCTION = {
  name: "get_weather",
  description: "Weather",
  parameters: { type: "object" },
  strict: true,
};
const TOOL = { name: "get_weather", description: "Weather", parameters: { type: "object" }, isStrict: true };

/** Members of a body, what they ask, and what of them is named as ignored. */
const FIELDS: readonly (readonly [
  members: Record<string, unknown>,
  asked: Partial<ChatRequest>,
  ignored?: readonly string[],
])[] = [
  [{}, {}],
  [{ max_tokens: 5 }, { maxOutputTokens: 5 }],
  [{ max_tokens: 5, max_completion_tokens: 7 }, { maxOutputTokens: 7 }],
  [{ temperature: 0, top_p: 0.5, top_k: 3 }, { temperature: 0, topP: 0.5, topK: 3 }],
  [{ stop: "END" }, { stop: ["END"] }],
  [{ stop: ["a", "b"] }, { stop: ["a", "b"] }],
  [{ n: 2, seed: 4 }, { choices: 2, seed: 4 }],
  [{ presence_penalty: 1, frequency_penalty: -1 }, { presencePenalty: 1, frequencyPenalty: -1 }],
  [{ logprobs: true }, { logprobs: { top: 0 } }],
  [{ logprobs: true, top_logprobs: 3 }, { logprobs: { top: 3 } }],
  [{ logprobs: false, logit_bias: {}, n: null, stop: null, tools: null }, {}],
  [{ user: "u" }, { endUser: "u" }],
  [{ safety_identifier: "s" }, { endUser: "s" }],
  [{ user: "u", safety_identifier: "s" }, { endUser: "u" }, ["safety_identifier"]],
  [{ stream: true, stream_options: { include_usage: true } }, { isStream: true }],
  [{ tools: [{ type: "function", function: FUNCTION }] }, { tools: [TOOL] }],
  [{ tools: [{ type: "function", function: FUNCTION, cache_control: { type: "ephemeral", ttl: "1h" } }] }, {
    tools: [{ ...TOOL, cache: { ttl: "1h" } }],
  }],
  [{ tool_choice: "required", parallel_tool_calls: false }, {
    toolChoice: { kind: "required" },
    mayCallInParallel: false,
  }],
  [{ tool_choice: { type: "function", function: { name: "a" } } }, {
    toolChoice: { kind: "named", names: ["a"], isRequired: true },
  }],
  [{
    tool_choice: {
      type: "allowed_tools",
      allowed_tools: {
        mode: "auto",
        tools: ["a", "b"].map((name) => ({ type: "function", function: { name } })),
      },
    },
  }, { toolChoice: { kind: "named", names: ["a", "b"], isRequired: false } }],
  [{ functions: [FUNCTION], function_call: { name: "get_weather" } }, {
    tools: [TOOL],
    toolChoice: { kind: "named", names: ["get_weather"], isRequired: true },
    mayCallInParallel: false,
    isOldFunctions: true,
  }],
  [{ response_format: { type: "text" } }, {}],
  [{ response_format: { type: "json_object" } }, { output: { kind: "json" } }],
  [{
    response_format: {
      type: "json_schema",
      json_schema: { name: "a", schema: { type: "object" }, strict: true },
    },
  }, {
    output: { kind: "json_schema", name: "a", schema: { type: "object" }, isStrict: true },
  }],
  [{ reasoning_effort: "none" }, { reasoning: { effort: "none" } }],
  [{ reasoning_effort: "xhigh" }, { reasoning: { effort: "xhigh", mustShow: true } }],
  [{ reasoning_effort: "max" }, { reasoning: { effort: "max", mustShow: true } }],
  [{ reasoning: { max_tokens: 2000, exclude: true } }, { reasoning: { budgetTokens: 2000 } }],
  [{ reasoning: { enabled: true } }, { reasoning: { effort: "medium", mustShow: true } }],
  [{ thinking: { type: "enabled", budget_tokens: 3000 } }, {
    reasoning: { budgetTokens: 3000, mustShow: true },
  }],
  [{ thinking: { type: "disabled" } }, { reasoning: { effort: "none" } }],
  [{
    extra_body: {
      google: {
        thinking_config: { thinking_budget: 512, include_thoughts: false },
        cached_content: "cachedContents/1",
        safety_settings: [{ category: "C", threshold: "T" }],
        labels: {},
      },
      other: 1,
    },
  }, {
    reasoning: { budgetTokens: 512 },
    google: { cachedContent: "cachedContents/1", safetySettings: [{ category: "C", threshold: "T" }] },
  }, ["extra_body.other", "extra_body.google.labels"]],
  [{ google: { thinking_config: { thinking_level: "LOW", include_thoughts: true } } }, {
    reasoning: { effort: "low", mustShow: true },
  }],
  [{ store: false, service_tier: "auto", metadata: null }, {}],
  [
    { store: true, metadata: { a: "b" }, service_tier: "flex", verbosity: "low", prediction: {}, min_p: 0.1 },
    {},
    ["store", "metadata", "service_tier", "verbosity", "prediction", "min_p"],
  ],
  [{ modalities: ["text"] }, {}],
  [{ modalities: ["image", "text"] }, {}, ["modalities"]],
];

for (const [members, asked, ignored = []] of FIELDS) {
  Deno.test(`OPENAI_CHAT_CALLER.readRequest() reads ${JSON.stringify(members).slice(0, 120)}`, () => {
    const read = readBody(bodyWith(members));

    assert.deepEqual(read.request, {
      model: "some-model",
      system: [],
      turns: [{ role: "user", parts: [{ kind: "text", text: "Hi" }] }],
      tools: [],
      isStream: false,
      ...asked,
    });
    assert.deepEqual(read.ignored, ignored);
  });
}

const USER_PARTS: readonly (readonly [Record<string, unknown>, UserPart])[] = [
  [{ type: "text", text: "a", cache_control: { type: "ephemeral" } }, { kind: "text", text: "a", cache: {} }],
  [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } }, {
    kind: "image",
    source: { kind: "base64", mediaType: "image/png", base64: "AAAA" },
    detail: "low",
  }],
  [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }, {
    kind: "image",
    source: { kind: "url", url: "https://example.com/a.png" },
  }],
  [{ type: "input_audio", input_audio: { data: "UklG", format: "wav" } }, {
    kind: "audio",
    mediaType: "audio/wav",
    base64: "UklG",
  }],
  [{ type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" } }, {
    kind: "file",
    source: { kind: "base64", mediaType: "application/pdf", base64: "JVBE" },
    name: "a.pdf",
  }],
  [{ type: "file", file: { file_data: "JVBE" } }, {
    kind: "file",
    source: { kind: "base64", mediaType: "application/pdf", base64: "JVBE" },
  }],
  [{ type: "file", file: { file_id: "file-1" } }, {
    kind: "file",
    source: { kind: "id", issuer: "openai", id: "file-1" },
  }],
];

for (const [part, read] of USER_PARTS) {
  Deno.test(`OPENAI_CHAT_CALLER.readRequest() reads the part ${JSON.stringify(part)}`, () => {
    const { request } = readBody({ model: "m", messages: [{ role: "user", content: [part] }] });

    assert.deepEqual(request.turns, [{ role: "user", parts: [read] }]);
  });
}

Deno.test("readRequest() hoists every system prompt, wherever it stands and in all its parts", () => {
  const { request } = readBody({
    model: "m",
    messages: [
      { role: "system", content: "one" },
      { role: "user", content: "Hi" },
      { role: "developer", content: [{ type: "text", text: "two" }, { type: "text", text: "three" }] },
      { role: "user", content: "there" },
    ],
  });

  assert.deepEqual(request.system.map(({ text }) => text), ["one", "two", "three"]);
  assert.deepEqual(request.turns, [
    { role: "user", parts: [{ kind: "text", text: "Hi" }, { kind: "text", text: "there" }] },
  ]);
});

function call(id: string, name: string, text: string, extra: Record<string, unknown> = {}) {
  return { id, type: "function", function: { name, arguments: text }, ...extra };
}

Deno.test("readRequest() keeps text beside parallel calls and puts all their results into one turn, first", () => {
  const { request } = readBody({
    model: "m",
    messages: [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: "Let me see.",
        tool_calls: [call("call_a", "weather", '{"city":"Rome"}'), call("call_b", "time", "")],
      },
      { role: "user", content: "Well?" },
      { role: "tool", tool_call_id: "call_a", content: "sunny" },
      { role: "tool", tool_call_id: "call_b", content: [{ type: "text", text: "noon" }] },
    ],
  });

  assert.deepEqual(request.turns.slice(1), [
    {
      role: "assistant",
      parts: [
        { kind: "text", text: "Let me see." },
        { kind: "tool_call", id: "call_a", name: "weather", arguments: '{"city":"Rome"}' },
        { kind: "tool_call", id: "call_b", name: "time", arguments: "{}" },
      ],
    },
    {
      role: "user",
      parts: [
        { kind: "tool_result", callId: "call_a", name: "weather", parts: [{ kind: "text", text: "sunny" }] },
        { kind: "tool_result", callId: "call_b", name: "time", parts: [{ kind: "text", text: "noon" }] },
        { kind: "text", text: "Well?" },
      ],
    },
  ]);
});

Deno.test("readRequest() pairs old function calls with their results", () => {
  const { request } = readBody({
    model: "m",
    messages: [
      { role: "user", content: "Hi" },
      { role: "assistant", content: null, function_call: { name: "add", arguments: '{"a":1}' } },
      { role: "function", name: "add", content: "1" },
      { role: "assistant", content: null, function_call: { name: "add", arguments: '{"a":2}' } },
      { role: "function", name: "add", content: "2" },
    ],
  });

  const pairs = request.turns.slice(1).map(({ parts: [part] }) =>
    part?.kind === "tool_call" ? part.id : part?.kind === "tool_result" ? part.callId : ""
  );
  assert.deepEqual(pairs, ["call_function_1", "call_function_1", "call_function_2", "call_function_2"]);
});

const ASSISTANTS: readonly (readonly [string, Record<string, unknown>, readonly AssistantPart[]])[] = [
  ["thoughts of reasoning_content", { content: "a", reasoning_content: "t" }, [
    { kind: "thinking", text: "t" },
    { kind: "text", text: "a" },
  ]],
  ["thoughts of reasoning", { content: "a", reasoning: "t" }, [
    { kind: "thinking", text: "t" },
    { kind: "text", text: "a" },
  ]],
  ["a refusal", { content: null, refusal: "No." }, [{ kind: "refusal", text: "No." }]],
  ["a refusal part", { content: [{ type: "refusal", refusal: "No." }] }, [{ kind: "refusal", text: "No." }]],
  ["a signed text", { content: "a", extra_content: { google: { thought_signature: "c2ln" } } }, [
    { kind: "text", text: "a", signature: { issuer: "gemini", value: "c2ln" } },
  ]],
  ["a signed call", {
    content: "",
    tool_calls: [call("c", "f", "{}", { extra_content: { google: { thought_signature: "c2ln" } } })],
  }, [{
    kind: "tool_call",
    id: "c",
    name: "f",
    arguments: "{}",
    signature: { issuer: "gemini", value: "c2ln" },
  }]],
  ["a call whose signature is no base64", {
    tool_calls: [call("c", "f", "{}", { extra_content: { google: { thought_signature: "n o" } } })],
  }, [{ kind: "tool_call", id: "c", name: "f", arguments: "{}" }]],
];

for (const [what, message, parts] of ASSISTANTS) {
  Deno.test(`readRequest() reads ${what}`, () => {
    const { request } = readBody({
      model: "m",
      messages: [{ role: "user", content: "Hi" }, { role: "assistant", ...message }],
    });

    assert.deepEqual(request.turns[1], { role: "assistant", parts });
  });
}

/** Bodies that are refused, and the path that their error names. */
const REFUSED: readonly (readonly [string, Record<string, unknown>])[] = [
  ["messages", { messages: [] }],
  ["model", { model: 5 }],
  ["messages[0].role", { messages: [{ role: "robot", content: "a" }] }],
  ["messages[0].content", { messages: [{ role: "user" }] }],
  ["messages[0].content", { messages: [{ role: "user", content: [] }] }],
  ["messages[0].content[0].type", { messages: [{ role: "user", content: [{ type: "smell" }] }] }],
  ["messages[0].content[1].text", {
    messages: [{ role: "user", content: [{ type: "text", text: "a" }, { type: "text" }] }],
  }],
  ["messages[0].content[0].image_url.url", {
    messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }],
  }],
  ["messages[0].content[0].type", { messages: [{ role: "user", content: [{ type: "video_url" }] }] }],
  ["messages[0].content[0].file", { messages: [{ role: "user", content: [{ type: "file", file: {} }] }] }],
  ["messages[0].tool_call_id", { messages: [{ role: "tool", tool_call_id: "x", content: "" }] }],
  ["messages[0].name", { messages: [{ role: "function", name: "x", content: "" }] }],
  ["messages[0].audio", { messages: [{ role: "assistant", audio: { id: "audio_1" } }] }],
  ["messages[0].tool_calls[0].function.arguments", {
    messages: [{ role: "assistant", tool_calls: [call("c", "f", "[1]")] }],
  }],
  ["messages[0].tool_calls[0].type", {
    messages: [{
      role: "assistant",
      tool_calls: [{ id: "c", type: "custom", custom: { name: "f", input: "" } }],
    }],
  }],
  ["tools[0].type", { tools: [{ type: "custom", custom: { name: "f" } }] }],
  ["tools[0].function", { tools: [{ type: "function" }] }],
  ["tool_choice.type", { tool_choice: { type: "custom", custom: { name: "f" } } }],
  ["reasoning_effort", { reasoning_effort: "enormous" }],
  ["top_logprobs", { top_logprobs: 2 }],
  ["logit_bias", { logit_bias: { 50256: -100 } }],
  ["audio", { audio: { voice: "alloy", format: "mp3" } }],
  ["modalities", { modalities: ["text", "audio"] }],
  ["web_search_options", { web_search_options: {} }],
  ["guided_regex", { guided_regex: "a+" }],
  ["n", { n: 0 }],
  ["stop", { stop: 5 }],
  ["response_format.type", { response_format: { type: "grammar" } }],
];

for (const [param, members] of REFUSED) {
  Deno.test(`readRequest() refuses ${JSON.stringify(members).slice(0, 100)} and names ${param}`, () => {
    assert.throws(() => readBody(bodyWith(members)), refusedFor(param));
  });
}

Deno.test("readRequest() refuses a body that is no object", () => {
  for (const body of [undefined, null, 1, "text", []]) {
    assert.throws(() => readBody(body), AppError);
  }
});

Deno.test("readRequest() names what it leaves out of a message", () => {
  const { ignored } = readBody({
    model: "m",
    messages: [{
      role: "user",
      name: "Ada",
      content: [{ type: "image_url", image_url: { url: "https://example.com/a", detail: "original" } }],
    }],
  });

  assert.deepEqual(ignored, ["messages[0].name", "messages[0].content[0].image_url.detail"]);
});

Deno.test("asksOpenAiChatForUsage() is true for include_usage alone", () => {
  assert.equal(asksOpenAiChatForUsage({ stream_options: { include_usage: true } }), true);
  assert.equal(asksOpenAiChatForUsage({ stream_options: {} }), false);
  assert.equal(asksOpenAiChatForUsage(null), false);
});

Deno.test("OPENAI_CHAT_CALLER.nameOf() gives the names of the reference", () => {
  assert.equal(OPENAI_CHAT_CALLER.nameOf("choices"), "n");
  assert.equal(OPENAI_CHAT_CALLER.nameOf("output"), "response_format");
});
