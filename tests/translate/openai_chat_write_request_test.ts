import assert from "node:assert/strict";
import { AppError } from "../../src/errors.ts";
import type { AssistantPart, ChatRequest, Effort, UserPart } from "../../src/translate/chat_request.ts";
import { effortFor, wantsMaxCompletionTokens } from "../../src/translate/openai_chat_models.ts";
import { OPENAI_CHAT_UPSTREAM } from "../../src/translate/openai_chat_upstream.ts";
import { requestTold, requestWith } from "./openai_chat_support.ts";
import { refusedFor } from "./refused_for.ts";

function write(members: Partial<ChatRequest>, told = requestTold()) {
  const { body } = OPENAI_CHAT_UPSTREAM.writeRequest(requestWith(members), told);
  return { body, ignored: told.losses.list() };
}

function writeUser(...parts: UserPart[]) {
  return write({ turns: [{ role: "user", parts }] });
}

const TOOLS = ["a", "b", "c"].map((name) => ({ name }));
const EMPTY = { type: "object", properties: {} };

/** Members of a request, members of the body, and what is named as ignored. */
const FIELDS: readonly (readonly [
  asked: Partial<ChatRequest>,
  written: Record<string, unknown>,
  ignored?: readonly string[],
])[] = [
  [{ isStream: true }, { stream: true, stream_options: { include_usage: true } }],
  [{ maxOutputTokens: 9 }, { max_tokens: 9 }],
  [{ model: "o3-mini", maxOutputTokens: 9 }, { model: "o3-mini", max_completion_tokens: 9 }],
  [{ model: "openai/gpt-5", maxOutputTokens: 9 }, { model: "openai/gpt-5", max_completion_tokens: 9 }],
  [{ temperature: 0, topP: 0.1, topK: 4 }, { temperature: 0, top_p: 0.1 }, ["topK"]],
  [{ stop: ["x"], choices: 2, seed: 3 }, { stop: ["x"], n: 2, seed: 3 }],
  [{ logprobs: { top: 0 } }, { logprobs: true, top_logprobs: 0 }],
  [{ endUser: "u" }, { user: "u" }],
  [{ output: { kind: "json" } }, { response_format: { type: "json_object" } }],
  [{ output: { kind: "json_schema", schema: EMPTY } }, {
    response_format: { type: "json_schema", json_schema: { name: "answer", schema: EMPTY } },
  }],
  // A choice without tools is an error to OpenAI.
  [{ toolChoice: { kind: "auto" }, mayCallInParallel: true }, {}],
  [{ reasoning: { budgetTokens: 4096 } }, { reasoning_effort: "medium" }],
  [{ reasoning: { budgetTokens: -1 } }, {}],
  [{ reasoning: { effort: "max" } }, { reasoning_effort: "high" }, ["reasoning"]],
  [{ reasoning: { effort: "none" } }, {}, ["reasoning"]],
  [{ google: { safetySettings: [] } }, {}, ["google"]],
  [{
    model: "gemini-2.5-pro",
    google: { safetySettings: [], cachedContent: "c" },
    reasoning: { budgetTokens: 5 },
  }, {
    model: "gemini-2.5-pro",
    extra_body: {
      google: { thinking_config: { thinking_budget: 5 }, cached_content: "c", safety_settings: [] },
    },
  }],
];

for (const [asked, written, ignored = []] of FIELDS) {
  Deno.test(`OPENAI_CHAT_UPSTREAM.writeRequest() writes ${JSON.stringify(asked).slice(0, 120)}`, () => {
    const { body, ignored: named } = write(asked);

    assert.deepEqual(body, {
      model: "some-model",
      messages: [{ role: "user", content: "Hi" }],
      ...written,
    });
    assert.deepEqual(named, ignored);
  });
}

Deno.test("writeRequest() asks at /v1/chat/completions", () => {
  const { path, query, headers } = OPENAI_CHAT_UPSTREAM.writeRequest(requestWith(), requestTold());

  assert.deepEqual([path, query, headers], ["/v1/chat/completions", "", []]);
});

Deno.test("writeRequest() declares only the tools that may be called when several are named", () => {
  const { body } = write({
    tools: TOOLS,
    toolChoice: { kind: "named", names: ["a", "c"], isRequired: true },
    mayCallInParallel: false,
  });

  assert.deepEqual(
    body.tools,
    ["a", "c"].map((name) => ({ type: "function", function: { name, parameters: EMPTY } })),
  );
  assert.deepEqual([body.tool_choice, body.parallel_tool_calls], ["required", false]);
});

Deno.test("writeRequest() names the one tool that must be called and keeps the others declared", () => {
  const { body } = write({ tools: TOOLS, toolChoice: { kind: "named", names: ["b"], isRequired: true } });

  assert.ok(Array.isArray(body.tools) && body.tools.length === 3);
  assert.deepEqual(body.tool_choice, { type: "function", function: { name: "b" } });
});

Deno.test("writeRequest() joins system prompts into one message", () => {
  const { body, ignored } = write({
    system: [{ kind: "text", text: "one", cache: {} }, { kind: "text", text: "two" }],
  });

  assert.deepEqual(body.messages, [{ role: "system", content: "one\n\ntwo" }, {
    role: "user",
    content: "Hi",
  }]);
  assert.deepEqual(ignored, ["cache"]);
});

Deno.test("writeRequest() sends each tool result as a message and its pictures behind them", () => {
  const { body, ignored } = writeUser(
    {
      kind: "tool_result",
      callId: "call_1",
      isError: true,
      parts: [{ kind: "text", text: "a" }, { kind: "text", text: "b" }],
    },
    {
      kind: "tool_result",
      callId: "call_2",
      parts: [{ kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } }],
    },
    { kind: "text", text: "And?" },
  );

  assert.deepEqual(body.messages, [
    { role: "tool", tool_call_id: "call_1", content: "a\nb" },
    { role: "tool", tool_call_id: "call_2", content: "The result is in the next message." },
    {
      role: "user",
      content: [
        { type: "text", text: "Result of tool call call_2:" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
        { type: "text", text: "And?" },
      ],
    },
  ]);
  assert.deepEqual(ignored, ["toolResultError"]);
});

const REFUSED: readonly (readonly [field: string, part: UserPart])[] = [
  ["image", { kind: "image", source: { kind: "id", issuer: "openai", id: "file-1" } }],
  ["file", { kind: "file", source: { kind: "url", url: "https://example.com/a.pdf" } }],
  ["file", { kind: "file", source: { kind: "id", issuer: "gemini", id: "files/1" } }],
  ["audio", { kind: "audio", mediaType: "audio/ogg", base64: "AAAA" }],
];

for (const [field, part] of REFUSED) {
  Deno.test(`writeRequest() refuses ${JSON.stringify(part)}`, () => {
    assert.throws(() => writeUser(part), refusedFor(field));
  });
}

Deno.test("writeRequest() refuses what Gemini cached and pictures that the assistant made", () => {
  const image: AssistantPart = { kind: "image", source: { kind: "url", url: "https://example.com/a.png" } };

  assert.throws(() => write({ google: { cachedContent: "cachedContents/1" } }), AppError);
  assert.throws(() => write({ turns: [{ role: "assistant", parts: [image] }] }), AppError);
});

Deno.test("writeRequest() carries file ids of OpenAI and gives bytes a name", () => {
  const { body } = writeUser(
    { kind: "file", source: { kind: "id", issuer: "openai", id: "file-1" } },
    { kind: "file", source: { kind: "base64", mediaType: "application/pdf", base64: "JVBE" } },
    { kind: "audio", mediaType: "audio/mpeg", base64: "AAAA" },
  );

  assert.deepEqual(body.messages, [{
    role: "user",
    content: [
      { type: "file", file: { file_id: "file-1" } },
      { type: "file", file: { filename: "file.pdf", file_data: "data:application/pdf;base64,JVBE" } },
      { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
    ],
  }]);
});

/** A conversation in the middle of a tool loop. */
function loop(model: string, ...parts: AssistantPart[]): Partial<ChatRequest> {
  return {
    model,
    turns: [
      { role: "user", parts: [{ kind: "text", text: "Hi" }] },
      { role: "assistant", parts },
      {
        role: "user",
        parts: [{ kind: "tool_result", callId: "call_1", parts: [{ kind: "text", text: "1" }] }],
      },
    ],
  };
}

const CALL: AssistantPart = { kind: "tool_call", id: "call_1", name: "f", arguments: "{}" };
const WRITTEN = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };

Deno.test("writeRequest() brings thoughts back to models that want them with their tool calls, remembered ones too", () => {
  const recall = () => [{ kind: "thinking", text: "Hm." } as const];

  const own = write(loop("deepseek-v4-pro", { kind: "thinking", text: "So." }, CALL));
  const remembered = write(loop("deepseek-v4-pro", CALL), requestTold(recall));

  assert.deepEqual(own.body.messages instanceof Array && own.body.messages[1], {
    role: "assistant",
    content: null,
    reasoning_content: "So.",
    tool_calls: [WRITTEN],
  });
  assert.ok(JSON.stringify(remembered.body).includes('"reasoning_content":"Hm."'));
  assert.deepEqual(own.ignored, []);
});

Deno.test("writeRequest() drops thoughts and foreign signatures for everybody else", () => {
  const signature = { issuer: "anthropic", value: "c2ln" } as const;
  const { body, ignored } = write(
    loop(
      "gpt-4.1",
      { kind: "thinking", text: "So.", signature },
      { kind: "redacted_thinking", issuer: "anthropic", data: "x" },
      { ...CALL, signature: { issuer: "gemini", value: "c2ln" } },
    ),
  );

  assert.deepEqual(body.messages instanceof Array && body.messages[1], {
    role: "assistant",
    content: null,
    tool_calls: [WRITTEN],
  });
  assert.deepEqual(ignored, ["thinking"]);
});

const SIGNED = { ...CALL, signature: { issuer: "gemini", value: "c2ln" } } as const;
const SIGNATURES: readonly (readonly [string, string, AssistantPart, AssistantPart | undefined, string?])[] =
  [
    ["its own", "gemini-3-pro", SIGNED, undefined, "c2ln"],
    ["a remembered one", "gemini-3-pro", CALL, SIGNED, "c2ln"],
    [
      "the placeholder when it is lost",
      "google/gemini-3-pro",
      CALL,
      undefined,
      "skip_thought_signature_validator",
    ],
    ["none where none is needed", "gemini-2.5-flash", CALL, undefined],
  ];

for (const [what, model, call, recalled, value] of SIGNATURES) {
  Deno.test(`writeRequest() gives a Gemini call ${what}`, () => {
    const told = requestTold(() => recalled === undefined ? undefined : [recalled]);

    const { body } = write(loop(model, call), told);

    const found = /"thought_signature":"([^"]*)"/.exec(JSON.stringify(body))?.[1];
    assert.equal(found, value);
  });
}

Deno.test("writeRequest() gives the placeholder to the first call of the current turn alone", () => {
  const turns = [
    ...requestWith(loop("gemini-3-pro", CALL)).turns,
    { role: "user", parts: [{ kind: "text", text: "Again" }] } as const,
    { role: "assistant", parts: [{ ...CALL, id: "call_2" }, { ...CALL, id: "call_3" }] } as const,
  ];

  const { body } = write({ model: "gemini-3-pro", turns });

  const calls = body.messages instanceof Array
    ? body.messages.flatMap((message) => message.tool_calls ?? [])
    : [];
  assert.deepEqual(calls.map((call) => [call.id, call.extra_content !== undefined]), [
    ["call_1", false],
    ["call_2", true],
    ["call_3", false],
  ]);
});

const EFFORTS: readonly (readonly [model: string, asked: Effort, taken: Effort | undefined])[] = [
  ["gpt-5-mini", "none", "minimal"],
  ["gpt-5", "xhigh", "high"],
  ["gpt-5.1", "minimal", "low"],
  ["gpt-5.4", "max", "xhigh"],
  ["gpt-5.4", "none", "none"],
  ["o3", "none", "low"],
  ["gpt-4o", "high", undefined],
  ["openai/gpt-oss-120b", "max", "high"],
  ["llama-3.3-70b", "none", undefined],
  ["gemini-2.5-flash", "none", "none"],
  ["deepseek-v4-pro", "max", "max"],
];

for (const [model, asked, taken] of EFFORTS) {
  Deno.test(`effortFor() makes ${taken} of ${asked} for ${model}`, () => {
    assert.equal(effortFor(model, asked), taken);
  });
}

Deno.test("wantsMaxCompletionTokens() is true for OpenAI's reasoning models alone", () => {
  const names = ["o1", "o3-mini", "o4-mini", "gpt-5", "gpt-5.1-codex", "openai/gpt-5", "gpt-6"];
  const others = ["gpt-4o", "gpt-4.1", "gpt-oss-20b", "llama-3", "openrouter/auto", "mistral-large", "o10x"];

  assert.deepEqual(names.filter((name) => !wantsMaxCompletionTokens(name)), []);
  assert.deepEqual(others.filter((name) => wantsMaxCompletionTokens(name)), []);
});
