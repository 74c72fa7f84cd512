import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "../../src/errors.ts";
import type { ChatRequest } from "../../src/translate/chat_request.ts";
import { Losses } from "../../src/translate/losses.ts";
import { OPENAI_RESPONSES_CALLER } from "../../src/translate/openai_responses_caller.ts";
import { responsesCountRequest } from "../../src/translate/openai_responses_count.ts";
import { readResponsesRequest } from "../../src/translate/openai_responses_request.ts";
import { chatRequests } from "./conversations.ts";
import { normalized } from "./normalized.ts";
import { refusedFor } from "./refused_for.ts";

const USER = { role: "user", parts: [{ kind: "text", text: "Hi" }] } as const;
const PLAIN = { model: "m", input: "Hi" };
const CALL = { type: "function_call", call_id: "c1", name: "f", arguments: '{"a":1}' };
const CALL_PART = { kind: "tool_call", id: "c1", name: "f", arguments: '{"a":1}' } as const;
const SCHEMA = { type: "object", properties: { a: { type: "string" } } };
const PNG = "data:image/png;base64,AAAA";

const FIELDS: readonly (readonly [Record<string, unknown>, Partial<ChatRequest>, readonly string[]])[] = [
  [{}, {}, []],
  [{ instructions: "Be brief" }, { system: [{ kind: "text", text: "Be brief" }] }, []],
  [{ stream: true }, { isStream: true }, []],
  [{ max_output_tokens: 9, temperature: 0.5, top_p: 0.9 }, {
    maxOutputTokens: 9,
    temperature: 0.5,
    topP: 0.9,
  }, []],
  [{ parallel_tool_calls: false }, { mayCallInParallel: false }, []],
  [{ reasoning: { effort: "xhigh" } }, { reasoning: { effort: "xhigh" } }, []],
  [{ reasoning: { effort: null, summary: "auto" } }, { reasoning: { mustShow: true } }, []],
  [{ reasoning: { effort: "low", generate_summary: "concise", mode: "pro" } }, {
    reasoning: { effort: "low", mustShow: true },
  }, ["reasoning.mode"]],
  [{ text: { format: { type: "text" }, verbosity: "low" } }, {}, ["text.verbosity"]],
  [{ text: { format: { type: "json_object" } } }, { output: { kind: "json" } }, []],
  [{ text: { format: { type: "json_schema", name: "n", schema: SCHEMA, strict: true } } }, {
    output: { kind: "json_schema", name: "n", schema: SCHEMA, isStrict: true },
  }, []],
  [{ top_logprobs: 3 }, { logprobs: { top: 3 } }, []],
  [
    { include: ["message.output_text.logprobs", "reasoning.encrypted_content"] },
    { logprobs: { top: 0 } },
    [],
  ],
  [{ include: ["web_search_call.action.sources"] }, {}, ["include[0]"]],
  [{ user: "u", safety_identifier: "s" }, { endUser: "s" }, []],
  [{ user: "u" }, { endUser: "u" }, []],
  [{ tools: [{ type: "function", name: "f", parameters: SCHEMA, strict: false, description: "d" }] }, {
    tools: [{ name: "f", parameters: SCHEMA, isStrict: false, description: "d" }],
  }, []],
  [{ tools: [{ type: "function", name: "f", parameters: null, strict: null, defer_loading: true }] }, {
    tools: [{ name: "f" }],
  }, ["tools[0].defer_loading"]],
  [{ tool_choice: "required" }, { toolChoice: { kind: "required" } }, []],
  [{ tool_choice: { type: "function", name: "f" } }, {
    toolChoice: { kind: "named", names: ["f"], isRequired: true },
  }, []],
  [{ tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] } }, {
    toolChoice: { kind: "named", names: ["f"], isRequired: false },
  }, []],
  [
    { store: true, metadata: { a: "b" }, service_tier: "flex", truncation: "auto", prompt_cache_key: "k" },
    {},
    [
      "store",
      "metadata",
      "service_tier",
      "truncation",
      "prompt_cache_key",
    ],
  ],
  [{ store: false, service_tier: "auto", truncation: "disabled", background: false, prompt: null }, {}, []],
  [{ stream_options: { include_obfuscation: false }, something_new: 1, max_tool_calls: 2 }, {}, [
    "something_new",
    "max_tool_calls",
  ]],
];

Deno.test("readResponsesRequest() reads each member and names what it leaves out", () => {
  for (const [members, expected, ignored] of FIELDS) {
    const losses = new Losses();

    const { echo: _, ...request } = readResponsesRequest({ ...PLAIN, ...members }, losses);

    const plain = { model: "m", system: [], turns: [USER], tools: [], isStream: false };
    assert.deepEqual(request, { ...plain, ...expected }, JSON.stringify(members));
    assert.deepEqual([...losses.list()].sort(), [...ignored].sort(), JSON.stringify(members));
  }
});

Deno.test("readResponsesRequest() keeps what the answer repeats", () => {
  const body = { ...PLAIN, metadata: { a: "b" }, tools: [], temperature: 0, user: null };

  const { echo } = readResponsesRequest(body, new Losses());

  assert.deepEqual(echo, { metadata: { a: "b" }, tools: [], temperature: 0 });
});

const INPUTS: readonly (readonly [readonly unknown[], Partial<ChatRequest>])[] = [
  [[{ role: "user", content: "Hi" }], { turns: [USER] }],
  [[{ type: "message", role: "developer", content: [{ type: "input_text", text: "S" }] }, {
    role: "user",
    content: [{ type: "input_text", text: "Hi" }],
  }, { role: "system", content: "T" }], {
    system: [{ kind: "text", text: "S" }, { kind: "text", text: "T" }],
    turns: [USER],
  }],
  [[{
    role: "user",
    content: [
      { type: "input_image", image_url: PNG, detail: "low" },
      {
        type: "input_image",
        image_url: "https://example.com/a",
        prompt_cache_breakpoint: { mode: "explicit" },
      },
      { type: "input_image", file_id: "file-1", detail: "original" },
      { type: "input_file", file_data: "data:application/pdf;base64,BBBB", filename: "a.pdf" },
      { type: "input_file", file_url: "https://example.com/b.pdf" },
      { type: "input_audio", input_audio: { data: "CCCC", format: "wav" } },
    ],
  }], {
    turns: [{
      role: "user",
      parts: [
        { kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" }, detail: "low" },
        { kind: "image", source: { kind: "url", url: "https://example.com/a" }, cache: {} },
        { kind: "image", source: { kind: "id", issuer: "openai", id: "file-1" }, detail: "high" },
        {
          kind: "file",
          source: { kind: "base64", mediaType: "application/pdf", base64: "BBBB" },
          name: "a.pdf",
        },
        { kind: "file", source: { kind: "url", url: "https://example.com/b.pdf" } },
        { kind: "audio", mediaType: "audio/wav", base64: "CCCC" },
      ],
    }],
  }],
  // Parallel calls, their outputs in another order, with an image; the text of the user behind them.
  [[
    CALL,
    { ...CALL, call_id: "c2", arguments: "" },
    { type: "function_call_output", call_id: "c2", output: [{ type: "input_image", image_url: PNG }] },
    { type: "function_call_output", call_id: "c1", output: "one" },
    { role: "user", content: "Hi" },
  ], {
    turns: [
      { role: "assistant", parts: [CALL_PART, { ...CALL_PART, id: "c2", arguments: "{}" }] },
      {
        role: "user",
        parts: [
          {
            kind: "tool_result",
            callId: "c2",
            name: "f",
            parts: [{ kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } }],
          },
          { kind: "tool_result", callId: "c1", name: "f", parts: [{ kind: "text", text: "one" }] },
          ...USER.parts,
        ],
      },
    ],
  }],
  // A result that comes late still leads the turn behind its call.
  [[
    CALL,
    { role: "user", content: "Hi" },
    {
      role: "assistant",
      content: [{ type: "output_text", text: "Wait" }, { type: "refusal", refusal: "No" }],
    },
    { type: "function_call_output", call_id: "c1", output: "one" },
    { role: "user", content: "Hi" },
  ], {
    turns: [
      { role: "assistant", parts: [CALL_PART] },
      {
        role: "user",
        parts: [
          { kind: "tool_result", callId: "c1", name: "f", parts: [{ kind: "text", text: "one" }] },
          ...USER.parts,
        ],
      },
      { role: "assistant", parts: [{ kind: "text", text: "Wait" }, { kind: "refusal", text: "No" }] },
      USER,
    ],
  }],
  // Two steps of a loop without words between them are two turns each.
  [[
    CALL,
    { type: "function_call_output", call_id: "c1", output: "one" },
    { ...CALL, call_id: "c2" },
    { type: "function_call_output", call_id: "c2", output: "two" },
  ], {
    turns: [
      { role: "assistant", parts: [CALL_PART] },
      {
        role: "user",
        parts: [{ kind: "tool_result", callId: "c1", name: "f", parts: [{ kind: "text", text: "one" }] }],
      },
      { role: "assistant", parts: [{ ...CALL_PART, id: "c2" }] },
      {
        role: "user",
        parts: [{ kind: "tool_result", callId: "c2", name: "f", parts: [{ kind: "text", text: "two" }] }],
      },
    ],
  }],
  // Reasoning: OpenAI's own, a foreign signature, a signed call, a signed text, a thought that nobody else reads.
  [[
    {
      type: "reasoning",
      id: "rs_1",
      summary: [{ type: "summary_text", text: "A" }],
      encrypted_content: "own",
    },
    { type: "reasoning", summary: [], encrypted_content: "kt.redacted.kt.anthropic.secret" },
    { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "B" }] },
    { type: "reasoning", summary: [] },
    { role: "assistant", content: [{ type: "output_text", text: "T", annotations: [] }] },
    { type: "reasoning", summary: [], encrypted_content: "kt.text.kt.gemini.sig1" },
    { type: "reasoning", summary: [], encrypted_content: "kt.call.kt.gemini.sig2" },
    CALL,
  ], {
    turns: [{
      role: "assistant",
      parts: [
        { kind: "thinking", text: "A", signature: { issuer: "openai", value: "own" } },
        { kind: "redacted_thinking", issuer: "anthropic", data: "secret" },
        { kind: "thinking", text: "B" },
        { kind: "text", text: "T", signature: { issuer: "gemini", value: "sig1" } },
        { ...CALL_PART, signature: { issuer: "gemini", value: "sig2" } },
      ],
    }],
  }],
  [[{
    type: "image_generation_call",
    id: "ig_1",
    status: "completed",
    result: "AAAA",
    output_format: "webp",
  }], {
    turns: [{
      role: "assistant",
      parts: [{ kind: "image", source: { kind: "base64", mediaType: "image/webp", base64: "AAAA" } }],
    }],
  }],
];

Deno.test("readResponsesRequest() brings items into turns", () => {
  for (const [input, expected] of INPUTS) {
    const request = readResponsesRequest({ model: "m", input }, new Losses());

    const { system, turns } = request;
    assert.deepEqual({ system, turns }, { system: [], ...expected }, JSON.stringify(input));
  }
});

const REFUSED: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ previous_response_id: "resp_1" }, "previous_response_id"],
  [{ conversation: "conv_1" }, "conversation"],
  [{ background: true }, "background"],
  [{ prompt: { id: "p" } }, "prompt"],
  [{ context_management: [{ type: "compaction" }] }, "context_management"],
  [{ n: 2 }, "n"],
  [{ stop: ["END"] }, "stop"],
  [{ response_format: { type: "json_object" } }, "response_format"],
  [{ tools: [{ type: "web_search" }] }, "tools[0].type"],
  [{ tools: [{ type: "custom", name: "c" }] }, "tools[0].type"],
  [{ tool_choice: { type: "web_search" } }, "tool_choice.type"],
  [
    { tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "mcp" }] } },
    "tool_choice.tools[0].type",
  ],
  [{ text: { format: { type: "grammar" } } }, "text.format.type"],
  [{ input: [{ type: "item_reference", id: "msg_1" }] }, "input[0]"],
  [{ input: [CALL, { type: "web_search_call", id: "ws_1" }] }, "input[1].type"],
  // Shapes.
  [{ model: 3 }, "model"],
  [{ input: undefined }, "input"],
  [{ input: [] }, "input"],
  [{ input: [{ role: "robot", content: "x" }] }, "input[0].role"],
  [{ input: [{ role: "user", content: [{ type: "input_text" }] }] }, "input[0].content[0].text"],
  [{ input: [{ role: "user", content: [{ type: "telepathy" }] }] }, "input[0].content[0].type"],
  [{ input: [{ role: "user", content: [{ type: "input_image" }] }] }, "input[0].content[0].image_url"],
  [
    { input: [{ role: "user", content: [{ type: "input_image", image_url: "file:///a" }] }] },
    "input[0].content[0].image_url",
  ],
  [
    { input: [{ role: "system", content: [{ type: "input_image", image_url: PNG }] }] },
    "input[0].content[0].type",
  ],
  [{ input: [{ type: "function_call_output", call_id: "gone", output: "x" }] }, "input[0].call_id"],
  [{ input: [{ ...CALL, name: undefined }] }, "input[0].name"],
  [{ reasoning: { effort: "extreme" } }, "reasoning.effort"],
  [{ tool_choice: "maybe" }, "tool_choice"],
  [{ temperature: 3 }, "temperature"],
  [{ tools: [{ type: "function" }] }, "tools[0].name"],
  [{ text: { format: { type: "json_schema", name: "n" } } }, "text.format.schema"],
];

Deno.test("readResponsesRequest() refuses by name what it cannot carry or read", () => {
  for (const [members, param] of REFUSED) {
    const read = () => readResponsesRequest({ ...PLAIN, ...members }, new Losses());

    assert.throws(read, refusedFor(param), JSON.stringify(members));
  }
});

Deno.test("readResponsesRequest() refuses a body that is no object", () => {
  for (const body of [null, [], "x", 3]) {
    assert.throws(() => readResponsesRequest(body, new Losses()), AppError);
  }
});

Deno.test("responsesCountRequest() writes what readResponsesRequest() reads as the same conversation", () => {
  const carried = chatRequests({
    issuers: ["openai"],
    without: [
      "cache",
      "audio",
      "assistantImage",
      "redactedThinking",
      "textSignature",
      "callSignature",
      "toolResultError",
      "maxOutputTokens",
      "temperature",
      "topP",
      "topK",
      "stop",
      "choices",
      "seed",
      "presencePenalty",
      "frequencyPenalty",
      "logprobs",
      "budgetTokens",
      "isAdaptive",
      "mustShow",
      "endUser",
      "google",
    ],
  });
  const told = { losses: new Losses(), nameOf: OPENAI_RESPONSES_CALLER.nameOf, recall: () => undefined };

  fc.assert(fc.property(carried, (request) => {
    const { body } = responsesCountRequest(request, told);

    const { echo: _, ...read } = readResponsesRequest(JSON.parse(JSON.stringify(body)), new Losses());

    assert.deepEqual(normalized(read), normalized(onlyCounted(request)));
  }));
});

/** The request without what OpenAI would not read, and with what it writes out. */
function onlyCounted(request: ChatRequest): ChatRequest {
  return {
    ...request,
    isStream: false,
    turns: request.turns.map((turn) =>
      turn.role === "user"
        ? {
          role: "user",
          parts: turn.parts.map((part) =>
            part.kind === "image" ? { ...part, detail: part.detail ?? "auto" } : withDetail(part)
          ),
        }
        : {
          role: "assistant",
          parts: turn.parts.filter((part) => part.kind !== "thinking" || part.signature !== undefined),
        }
    ),
    tools: request.tools.map((tool) => ({
      ...tool,
      parameters: tool.parameters ?? { type: "object", properties: {} },
      isStrict: tool.isStrict ?? false,
    })),
  };
}

function withDetail<T>(part: T): T {
  return JSON.parse(JSON.stringify(part), (_name, value) => {
    const isBare = typeof value === "object" && value !== null && value.kind === "image" &&
      !("detail" in value);
    return isBare ? { ...value, detail: "auto" } : value;
  });
}
