import assert from "node:assert/strict";
import { AppError } from "../../src/errors.ts";
import type { ChatRequest, Reasoning, Turn, UserPart } from "../../src/translate/chat_request.ts";
import { geminiCountRequest } from "../../src/translate/gemini_request_writer.ts";
import { GEMINI_UPSTREAM } from "../../src/translate/gemini_upstream.ts";
import { asking, told, written } from "./gemini_support.ts";
import { refusedFor } from "./refused_for.ts";

Deno.test("writeRequest() names the model and the method in the path, whatever the name", () => {
  const paths = [
    ["gemini-2.5-pro", false, "/v1beta/models/gemini-2.5-pro:generateContent", ""],
    ["models/gemini-2.5-pro", true, "/v1beta/models/gemini-2.5-pro:streamGenerateContent", "alt=sse"],
    ["tunedModels/mine-1", false, "/v1beta/tunedModels/mine-1:generateContent", ""],
  ] as const;
  const bad = ["", "a:b", "a/../b", "a?b", "a%2fb", "/a", "a//b", "a b", "a#b"];

  for (const [model, isStream, path, query] of paths) {
    const request = GEMINI_UPSTREAM.writeRequest(asking({ model, isStream }), told());

    assert.deepEqual([request.path, request.query], [path, query]);
  }
  for (const model of bad) refuses({ model }, "model");
});

Deno.test("writeRequest() carries every setting that Gemini has", () => {
  const { body, ignored } = written(asking({
    model: "gemini-2.0-flash",
    system: [{ kind: "text", text: "One" }, { kind: "text", text: "Two" }],
    maxOutputTokens: 10,
    temperature: 2,
    topP: 0.5,
    topK: 4,
    stop: ["a", "b"],
    choices: 2,
    seed: 7,
    presencePenalty: 1,
    frequencyPenalty: -1,
    logprobs: { top: 2 },
    output: { kind: "json" },
    google: { safetySettings: [{ category: "c", threshold: "t" }], cachedContent: "cachedContents/x" },
  }));

  assert.deepEqual(body, {
    contents: [{ role: "user", parts: [{ text: "Hi" }] }],
    systemInstruction: { parts: [{ text: "One" }, { text: "Two" }] },
    generationConfig: {
      maxOutputTokens: 10,
      temperature: 2,
      topP: 0.5,
      topK: 4,
      stopSequences: ["a", "b"],
      candidateCount: 2,
      seed: 7,
      presencePenalty: 1,
      frequencyPenalty: -1,
      responseLogprobs: true,
      logprobs: 2,
      responseMimeType: "application/json",
    },
    safetySettings: [{ category: "c", threshold: "t" }],
    cachedContent: "cachedContents/x",
  });
  assert.deepEqual(ignored, []);
});

Deno.test("writeRequest() ignores by name what changes no meaning", () => {
  const tools = [{ name: "f", cache: {} }];
  const rows: readonly (readonly [Partial<ChatRequest>, readonly string[]])[] = [
    [{ endUser: "u" }, ["endUser"]],
    [{ seed: 2 ** 40 }, ["seed"]],
    [{ temperature: 3 }, ["temperature"]],
    [{ presencePenalty: 1, frequencyPenalty: 1 }, ["presencePenalty", "frequencyPenalty"]],
    [{ tools, mayCallInParallel: false }, ["mayCallInParallel", "cache"]],
    [{ system: [{ kind: "text", text: "s", cache: {} }] }, ["cache"]],
    [{ model: "gemma-3-27b-it", reasoning: { effort: "low" } }, ["reasoning"]],
    [{ model: "gemini-2.0-flash", reasoning: { budgetTokens: 100 } }, ["reasoning"]],
    [{ tools: [{ name: "f", parameters: { type: "object", minProperties: 1, $schema: "x" } }] }, [
      "tools.minProperties",
    ]],
  ];

  for (const [more, expected] of rows) {
    assert.deepEqual(written(asking(more)).ignored, expected, JSON.stringify(more));
  }
});

Deno.test("writeRequest() refuses what would change the meaning", () => {
  const user = (part: UserPart): Partial<ChatRequest> => ({ turns: [{ role: "user", parts: [part] }] });

  refuses({ stop: ["1", "2", "3", "4", "5", "6"] }, "stop");
  refuses({ choices: 9 }, "choices");
  refuses(user({ kind: "image", source: { kind: "url", url: "http://example.com/a.png" } }), "image");
  refuses(user({ kind: "file", source: { kind: "id", issuer: "openai", id: "file-1" } }), "file");
  refuses({
    model: "gemini-2.0-flash",
    output: { kind: "json_schema", schema: { properties: { next: { $ref: "#" } } } },
  }, "output");
});

Deno.test("writeRequest() asks each generation for thoughts in its own way", () => {
  const rows: readonly (readonly [string, Reasoning, Record<string, unknown> | undefined])[] = [
    ["gemini-2.5-flash", { effort: "none" }, { thinkingBudget: 0 }],
    ["gemini-2.5-pro", { effort: "none" }, { thinkingBudget: 128 }],
    ["gemini-2.5-flash", { effort: "minimal" }, { thinkingBudget: 1024, includeThoughts: true }],
    ["gemini-2.5-flash", { effort: "medium", mustShow: false }, { thinkingBudget: 8192 }],
    ["gemini-2.5-flash", { effort: "max" }, { thinkingBudget: 24_576, includeThoughts: true }],
    ["gemini-2.5-pro", { effort: "xhigh" }, { thinkingBudget: 32_768, includeThoughts: true }],
    ["gemini-2.5-flash-lite", { budgetTokens: 100 }, { thinkingBudget: 512, includeThoughts: true }],
    ["gemini-2.5-flash", { budgetTokens: -1 }, { thinkingBudget: -1, includeThoughts: true }],
    ["gemini-2.5-flash", { isAdaptive: true }, { thinkingBudget: -1, includeThoughts: true }],
    ["gemini-2.5-flash", { mustShow: true }, { includeThoughts: true }],
    ["gemini-2.5-flash-image", { effort: "low" }, undefined],
    ["gemini-3-pro-preview", { effort: "none" }, { thinkingLevel: "low" }],
    ["gemini-3-pro-preview", { effort: "minimal" }, { thinkingLevel: "low", includeThoughts: true }],
    ["gemini-3-pro-preview", { effort: "medium" }, { thinkingLevel: "high", includeThoughts: true }],
    ["gemini-3.1-pro-preview", { effort: "medium" }, { thinkingLevel: "medium", includeThoughts: true }],
    ["gemini-3-flash-preview", { effort: "none" }, { thinkingLevel: "minimal" }],
    ["gemini-3-flash-preview", { effort: "low" }, { thinkingLevel: "low", includeThoughts: true }],
    ["gemini-3.7-flash", { effort: "none" }, { thinkingLevel: "low" }],
    ["gemini-3.1-flash-lite", { effort: "none" }, { thinkingLevel: "minimal" }],
    ["gemini-flash-latest", { effort: "max" }, { thinkingLevel: "high", includeThoughts: true }],
    ["gemini-3-flash-preview", { budgetTokens: 8000 }, { thinkingLevel: "medium", includeThoughts: true }],
    ["gemini-3-flash-preview", { isAdaptive: true }, { includeThoughts: true }],
    ["gemini-3-pro-image-preview", { effort: "high" }, { includeThoughts: true }],
    ["gemini-2.0-flash", { effort: "none" }, undefined],
  ];

  for (const [model, reasoning, expected] of rows) {
    const { body } = written(asking({ model, reasoning }));

    const config = Object(body.generationConfig ?? {});
    assert.deepEqual(config.thinkingConfig, expected, `${model} ${JSON.stringify(reasoning)}`);
  }
});

Deno.test("writeRequest() tells tools and their choice", () => {
  const strict = { name: "a", description: "A", parameters: { type: "object" }, isStrict: true };
  const tools = [strict, { name: "b" }];
  const declarations = [{ name: "a", description: "A", parametersJsonSchema: { type: "object" } }, {
    name: "b",
  }];
  const config = (value: unknown) => ({ functionCallingConfig: value });
  const rows = [
    [{ tools: [{ name: "b" }] }, [{ name: "b" }], undefined],
    [{ tools }, declarations, config({ mode: "VALIDATED" })],
    [{ tools: [{ name: "b" }], toolChoice: { kind: "auto" } }, [{ name: "b" }], config({ mode: "AUTO" })],
    [{ tools, toolChoice: { kind: "none" } }, declarations, config({ mode: "NONE" })],
    [{ tools, toolChoice: { kind: "required" } }, declarations, config({ mode: "ANY" })],
    [
      { tools, toolChoice: { kind: "named", names: ["b"], isRequired: true } },
      declarations,
      config({ mode: "ANY", allowedFunctionNames: ["b"] }),
    ],
    [
      { tools, toolChoice: { kind: "named", names: ["b"], isRequired: false } },
      [{ name: "b" }],
      config({ mode: "AUTO" }),
    ],
  ] as const;

  for (const [more, functionDeclarations, toolConfig] of rows) {
    const { body } = written(asking(more));

    assert.deepEqual(body.tools, [{ functionDeclarations }]);
    assert.deepEqual(body.toolConfig, toolConfig);
  }
  assert.equal(written(asking({ toolChoice: { kind: "required" } })).body.toolConfig, undefined);
});

Deno.test("writeRequest() puts the results of parallel calls into one content, in call order, by name", () => {
  const { body } = written(asking({ turns: toolTurns("gemini") }));

  assert.deepEqual(body.contents, [
    { role: "user", parts: [{ text: "Weather?" }] },
    {
      role: "model",
      parts: [
        { text: "Let me look." },
        {
          functionCall: { id: "c1", name: "get_weather", args: { city: "Paris" } },
          thoughtSignature: "U0lH",
        },
        { functionCall: { id: "c2", name: "get_time", args: {} } },
      ],
    },
    {
      role: "user",
      parts: [
        { functionResponse: { id: "c1", name: "get_weather", response: { temp: 20 } } },
        { functionResponse: { id: "c2", name: "get_time", response: { result: "noon" } } },
        { text: "Go on" },
      ],
    },
  ]);
});

Deno.test("writeRequest() signs the first call of each step of the current turn when its signature is lost", () => {
  const [ask, called, answered] = toolTurns("anthropic");
  assert.ok(ask !== undefined && called !== undefined && answered !== undefined);
  const results: Turn = { role: "user", parts: answered.role === "user" ? answered.parts.slice(0, 2) : [] };
  const sequence = [ask, called, results, called, results];

  const now = signaturesIn(written(asking({ turns: sequence })).body);
  const older = signaturesIn(written(asking({ turns: [...sequence, ask] })).body);
  const older25 = signaturesIn(written(asking({ turns: sequence, model: "gemini-2.5-flash" })).body);
  const gemma = signaturesIn(written(asking({ turns: sequence, model: "gemma-3-27b-it" })).body);

  const skip = "skip_thought_signature_validator";
  assert.deepEqual(now, [skip, undefined, skip, undefined]);
  assert.deepEqual(older, [undefined, undefined, undefined, undefined]);
  assert.deepEqual(older25, [undefined, undefined, undefined, undefined]);
  assert.deepEqual(gemma, [undefined, undefined, undefined, undefined]);
});

Deno.test("writeRequest() takes a lost signature from memory before it makes do without", () => {
  const request = asking({ turns: toolTurns("openai") });
  const remembered = { kind: "tool_call", id: "c1", name: "get_weather", arguments: "{}" } as const;

  const { body } = written(
    request,
    (callId) =>
      callId === "c1" ? [{ ...remembered, signature: { issuer: "gemini", value: "UkVN" } }] : undefined,
  );

  assert.deepEqual(signaturesIn(body), ["UkVN", undefined]);
});

Deno.test("writeRequest() drops a signature that is no base64 any more", () => {
  const [ask, called] = toolTurns("gemini", "U0lH<broken>");
  assert.ok(ask !== undefined && called !== undefined);

  const { body } = written(asking({ turns: [ask, called] }));

  assert.deepEqual(signaturesIn(body), ["skip_thought_signature_validator", undefined]);
});

Deno.test("writeRequest() gives images of a result inside it to Gemini 3 and beside it to older models", () => {
  const image = {
    kind: "image",
    source: { kind: "base64", mediaType: "image/png", base64: "AAAA" },
  } as const;
  const turns: Turn[] = [
    { role: "user", parts: [{ kind: "text", text: "Look" }] },
    { role: "assistant", parts: [{ kind: "tool_call", id: "c", name: "shot", arguments: "{}" }] },
    {
      role: "user",
      parts: [{ kind: "tool_result", callId: "c", parts: [{ kind: "text", text: "ok" }, image] }],
    },
  ];
  const inlineData = { mimeType: "image/png", data: "AAAA" };

  const now = lastParts(written(asking({ turns })).body);
  const older = lastParts(written(asking({ turns, model: "gemini-2.5-flash" })).body);

  const functionResponse = { id: "c", name: "shot", response: { result: "ok" } };
  assert.deepEqual(now, [{ functionResponse: { ...functionResponse, parts: [{ inlineData }] } }]);
  assert.deepEqual(older, [{ functionResponse }, { inlineData }]);
});

Deno.test("writeRequest() wraps results that are no object, and keeps numbers of many digits", () => {
  const rows = [
    ["plain", false, { result: "plain" }],
    ['{"a":[1]}', false, { a: [1] }],
    ["[1]", false, { result: "[1]" }],
    ['{"id":12345678901234567890}', false, { result: '{"id":12345678901234567890}' }],
    ['{"result":"x"}', false, { result: '{"result":"x"}' }],
    ["{}", false, { result: "{}" }],
    ["", false, { result: "" }],
    ["broke", true, { error: "broke" }],
  ] as const;

  for (const [text, isError, response] of rows) {
    const turns: Turn[] = [
      { role: "assistant", parts: [{ kind: "tool_call", id: "c", name: "f", arguments: "{}" }] },
      {
        role: "user",
        parts: [{ kind: "tool_result", callId: "c", parts: [{ kind: "text", text }], isError }],
      },
    ];
    assert.deepEqual(lastParts(written(asking({ turns })).body), [
      { functionResponse: { id: "c", name: "f", response } },
    ]);
  }
});

Deno.test("writeRequest() adds no text to a user turn of an image alone and never fetches it", () => {
  const image = { kind: "image", source: { kind: "url", url: "https://example.com/a.webp" } } as const;

  const { body } = written(asking({ turns: [{ role: "user", parts: [{ kind: "text", text: "" }, image] }] }));

  assert.deepEqual(lastParts(body), [
    { fileData: { mimeType: "image/webp", fileUri: "https://example.com/a.webp" } },
  ]);
});

Deno.test("writeRequest() prepends system prompts to Gemma's first user turn", () => {
  const system = [{ kind: "text", text: "One" }, { kind: "text", text: "Two" }] as const;

  const { body } = written(asking({ model: "gemma-3-27b-it", system }));
  const alone = written(asking({ system, turns: [] })).body;

  assert.deepEqual(body, {
    contents: [{ role: "user", parts: [{ text: "One" }, { text: "Two" }, { text: "Hi" }] }],
  });
  assert.deepEqual(alone, { contents: [{ role: "user", parts: [{ text: "One" }, { text: "Two" }] }] });
});

Deno.test("writeRequest() tells one media resolution for all images, or none", () => {
  const image = (detail: "low" | "high" | "auto") =>
    ({ kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AA" }, detail }) as const;
  const of = (...details: ("low" | "high" | "auto")[]) =>
    written(asking({ turns: [{ role: "user", parts: details.map(image) }] }));

  assert.deepEqual(of("low", "low").body.generationConfig, { mediaResolution: "MEDIA_RESOLUTION_LOW" });
  assert.deepEqual(of("high").body.generationConfig, { mediaResolution: "MEDIA_RESOLUTION_HIGH" });
  assert.deepEqual(of("auto").body.generationConfig, undefined);
  assert.deepEqual(of("low", "high").body.generationConfig, undefined);
  assert.deepEqual(of("low", "high").ignored, ["detail"]);
});

Deno.test("writeRequest() refuses arguments that are no object and results without their call", () => {
  const broken: Turn = {
    role: "assistant",
    parts: [{ kind: "tool_call", id: "c", name: "f", arguments: "[1]" }],
  };
  const orphan: Turn = { role: "user", parts: [{ kind: "tool_result", callId: "c", parts: [] }] };

  assert.throws(() => written(asking({ turns: [broken] })), AppError);
  assert.throws(() => written(asking({ turns: [orphan] })), AppError);
});

Deno.test("geminiCountRequest() asks for the tokens of all that would be sent", () => {
  const request = asking({ system: [{ kind: "text", text: "S" }], tools: [{ name: "f" }] });

  const { path, body } = geminiCountRequest(request, told());

  assert.equal(path, "/v1beta/models/gemini-3-flash-preview:countTokens");
  assert.deepEqual(body, {
    generateContentRequest: { model: "models/gemini-3-flash-preview", ...written(request).body },
  });
});

function toolTurns(issuer: "gemini" | "anthropic" | "openai", value = "U0lH"): Turn[] {
  return [
    { role: "user", parts: [{ kind: "text", text: "Weather?" }] },
    {
      role: "assistant",
      parts: [
        { kind: "text", text: "Let me look." },
        {
          kind: "tool_call",
          id: "c1",
          name: "get_weather",
          arguments: '{"city":"Paris"}',
          signature: { issuer, value },
        },
        { kind: "tool_call", id: "c2", name: "get_time", arguments: "" },
      ],
    },
    {
      role: "user",
      parts: [
        { kind: "tool_result", callId: "c2", parts: [{ kind: "text", text: "noon" }] },
        { kind: "tool_result", callId: "c1", parts: [{ kind: "text", text: '{"temp":20}' }] },
        { kind: "text", text: "Go on" },
      ],
    },
  ];
}

function partsIn(body: Readonly<Record<string, unknown>>): Record<string, unknown>[][] {
  const contents: { parts: Record<string, unknown>[] }[] = JSON.parse(JSON.stringify(body.contents));
  return contents.map(({ parts }) => parts);
}

function lastParts(body: Readonly<Record<string, unknown>>): unknown {
  return partsIn(body).at(-1);
}

function signaturesIn(body: Readonly<Record<string, unknown>>): unknown[] {
  return partsIn(body).flat().filter((part) => "functionCall" in part).map((part) => part.thoughtSignature);
}

function refuses(more: Partial<ChatRequest>, param: string): void {
  assert.throws(() => written(asking(more)), refusedFor(param));
}
