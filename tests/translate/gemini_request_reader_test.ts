import assert from "node:assert/strict";
import { readGeminiCountRequest } from "../../src/translate/gemini_request_reader.ts";
import { Losses } from "../../src/translate/losses.ts";
import { understood } from "./gemini_support.ts";
import { refusedFor } from "./refused_for.ts";

const USER = { role: "user", parts: [{ text: "Hi" }] };

function ask(more: Record<string, unknown>): Record<string, unknown> {
  return { contents: [USER], ...more };
}

Deno.test("readGeminiRequest() takes camelCase and snake_case alike", () => {
  const camel = understood(ask({
    systemInstruction: { parts: [{ text: "Be brief" }] },
    contents: [{ parts: [{ inlineData: { mimeType: "image/png", data: "AAAA" } }] }],
    tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: { type: "object" } }] }],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
    generationConfig: { maxOutputTokens: 5, topK: 3, thinkingConfig: { includeThoughts: true } },
  }));
  const snake = understood(ask({
    system_instruction: { parts: { text: "Be brief" } },
    contents: { parts: { inline_data: { mime_type: "image/png", data: "AAAA" } } },
    tools: [{ function_declarations: [{ name: "f", parameters_json_schema: { type: "object" } }] }],
    tool_config: { function_calling_config: { mode: "any", allowed_function_names: ["f"] } },
    generation_config: { max_output_tokens: "5", top_k: 3, thinking_config: { include_thoughts: true } },
  }));

  assert.deepEqual(snake, camel);
  assert.deepEqual(camel.request, {
    model: "gemini-2.5-flash",
    system: [{ kind: "text", text: "Be brief" }],
    turns: [{
      role: "user",
      parts: [{ kind: "image", source: { kind: "base64", mediaType: "image/png", base64: "AAAA" } }],
    }],
    tools: [{ name: "f", parameters: { type: "object" } }],
    toolChoice: { kind: "named", names: ["f"], isRequired: true },
    maxOutputTokens: 5,
    topK: 3,
    reasoning: { mustShow: true },
    isStream: false,
  });
});

Deno.test("readGeminiRequest() reads each member of generationConfig", () => {
  const rows: readonly (readonly [Record<string, unknown>, Record<string, unknown>])[] = [
    [{ stopSequences: ["END"] }, { stop: ["END"] }],
    [{ stopSequences: [] }, {}],
    [{ responseMimeType: "text/plain" }, {}],
    [{ responseMimeType: "application/json" }, { output: { kind: "json" } }],
    [
      { responseMimeType: "application/json", responseSchema: { type: "OBJECT", nullable: true } },
      { output: { kind: "json_schema", schema: { type: ["object", "null"] } } },
    ],
    [
      { responseMimeType: "application/json", responseJsonSchema: { type: "array" } },
      { output: { kind: "json_schema", schema: { type: "array" } } },
    ],
    [{ candidateCount: 2 }, { choices: 2 }],
    [{ maxOutputTokens: 10 }, { maxOutputTokens: 10 }],
    [{ temperature: 0.5, topP: 0.9, topK: 40 }, { temperature: 0.5, topP: 0.9, topK: 40 }],
    [{ seed: 7 }, { seed: 7 }],
    [{ presencePenalty: 0.1, frequencyPenalty: -1 }, { presencePenalty: 0.1, frequencyPenalty: -1 }],
    [{ responseLogprobs: true, logprobs: 3 }, { logprobs: { top: 3 } }],
    [{ responseLogprobs: false, logprobs: 3 }, {}],
    [{ thinkingConfig: { thinkingBudget: 0 } }, { reasoning: { effort: "none" } }],
    [{ thinkingConfig: { thinkingBudget: -1 } }, { reasoning: { budgetTokens: -1 } }],
    [{ thinkingConfig: { thinkingLevel: "LOW" } }, { reasoning: { effort: "low" } }],
    [{ thinkingConfig: {} }, {}],
    [{ temperature: null }, {}],
  ];

  for (const [generationConfig, expected] of rows) {
    const { request } = understood(ask({ generationConfig }));
    const { model: _, system: __, turns: ___, tools: ____, isStream: _____, ...settings } = request;

    assert.deepEqual(settings, expected, JSON.stringify(generationConfig));
  }
});

Deno.test("readGeminiRequest() names what is left out and refuses what would change the meaning", () => {
  const { ignored } = understood(ask({
    safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
    labels: { team: "a" },
    generationConfig: { enable_enhanced_civic_answers: true },
    toolConfig: { retrievalConfig: {}, functionCallingConfig: { mode: "VALIDATED" } },
  }));
  const refused = [
    [{ cachedContent: "cachedContents/one" }, "cachedContent"],
    [{ tools: [{ googleSearch: {} }] }, "tools[0].googleSearch"],
    [{ tools: [{ code_execution: {} }] }, "tools[0].code_execution"],
    [{ tools: [{ urlContext: {} }] }, "tools[0].urlContext"],
    [{ generationConfig: { responseModalities: ["IMAGE"] } }, "generationConfig.responseModalities"],
    [{ generationConfig: { responseMimeType: "text/x.enum" } }, "generationConfig.responseMimeType"],
    [{ contents: [{ parts: [{ executableCode: {} }] }] }, "contents[0].parts[0].executableCode"],
    [
      { contents: [{ parts: [{ inlineData: { mimeType: "video/mp4", data: "AA" } }] }] },
      "contents[0].parts[0].inlineData",
    ],
    [
      { contents: [{ parts: [{ fileData: { fileUri: "https://youtu.be/x" } }] }] },
      "contents[0].parts[0].fileData",
    ],
  ] as const;

  assert.deepEqual(ignored, [
    "safetySettings",
    "labels",
    "toolConfig.retrievalConfig",
    "toolConfig.functionCallingConfig.mode",
    "generationConfig.enable_enhanced_civic_answers",
  ]);
  for (const [more, param] of refused) assert.throws(() => understood(ask(more)), refusedFor(param));
});

Deno.test("readGeminiRequest() names the field of a bad shape in the caller's own words", () => {
  const rows = [
    [[], null],
    [{}, null],
    [{ contents: "Hi" }, "contents"],
    [{ contents: [] }, "contents"],
    [{ contents: [{ role: "system", parts: [] }] }, "contents[0]"],
    [{ contents: [{ parts: [{ text: 5 }] }] }, "contents[0].parts[0].text"],
    [{ contents: [{ parts: [{ inline_data: { data: "AA" } }] }] }, "contents[0].parts[0].inline_data"],
    [{ contents: [{ role: "model", parts: [{ functionCall: {} }] }] }, "contents[0].parts[0].functionCall"],
    [
      { contents: [{ role: "user", parts: [{ functionResponse: { name: "f", response: {} } }] }] },
      "contents[0].parts[0].functionResponse",
    ],
    [ask({ generation_config: { max_output_tokens: 1.5 } }), "generation_config.max_output_tokens"],
    [ask({ toolConfig: { functionCallingConfig: { mode: "SOME" } } }), "toolConfig.functionCallingConfig"],
    [ask({ tools: [{ functionDeclarations: [{}] }] }), "tools[0].functionDeclarations[0]"],
  ] as const;

  for (const [body, param] of rows) assert.throws(() => understood(body), refusedFor(param));
});

Deno.test("readGeminiRequest() merges turns and puts results before what else the user says", () => {
  const { request } = understood({
    contents: [
      { parts: [{ text: "one" }] },
      { role: "user", parts: [{ text: "two" }, { text: "" }] },
      {
        role: "model",
        parts: [{ functionCall: { name: "f", args: { a: 1 } } }, { functionCall: { name: "f" } }],
      },
      {
        role: "function",
        parts: [{ text: "and" }, { functionResponse: { name: "f", response: { output: "sun" } } }],
      },
      { role: "user", parts: [{ functionResponse: { name: "f", response: { error: "no" } } }] },
    ],
  });

  assert.deepEqual(request.turns, [
    { role: "user", parts: [{ kind: "text", text: "one" }, { kind: "text", text: "two" }] },
    {
      role: "assistant",
      parts: [
        { kind: "tool_call", id: "call_1", name: "f", arguments: '{"a":1}' },
        { kind: "tool_call", id: "call_2", name: "f", arguments: "{}" },
      ],
    },
    {
      role: "user",
      parts: [
        { kind: "tool_result", callId: "call_1", name: "f", parts: [{ kind: "text", text: "sun" }] },
        {
          kind: "tool_result",
          callId: "call_2",
          name: "f",
          parts: [{ kind: "text", text: "no" }],
          isError: true,
        },
        { kind: "text", text: "and" },
      ],
    },
  ]);
});

Deno.test("readGeminiRequest() pairs results with calls by id, whatever their order", () => {
  const { request } = understood({
    contents: [
      USER,
      {
        role: "model",
        parts: [{ functionCall: { id: "call_1", name: "f" } }, { functionCall: { name: "f" } }],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { name: "f", id: "unheard", response: { n: 2 } } },
          { functionResponse: { id: "call_1", name: "f", response: { n: 1 } } },
        ],
      },
    ],
  });

  const ids = request.turns[2]?.parts.map((part) => part.kind === "tool_result" ? part.callId : "");
  assert.deepEqual(ids, ["call_2", "call_1"]);
  assert.deepEqual(
    request.turns[1]?.parts.map((part) => part.kind === "tool_call" ? part.id : ""),
    ["call_1", "call_2"],
  );
});

Deno.test("readGeminiRequest() knows its own signatures and those it tagged", () => {
  const { request } = understood({
    contents: [USER, {
      role: "model",
      parts: [
        { text: "hm", thought: true, thoughtSignature: btoa("kt.anthropic.EqQB+/x=") },
        { text: "", thought: true, thoughtSignature: btoa("kt.anthropic.redacted.EmwK") },
        { text: "Well", thoughtSignature: "a3Qu!" },
        { thoughtSignature: "QUJD" },
        { functionCall: { id: "c", name: "f" }, thought_signature: "kt.openai.gAAA" },
      ],
    }],
  });

  assert.deepEqual(request.turns[1]?.parts, [
    { kind: "thinking", text: "hm", signature: { issuer: "anthropic", value: "EqQB+/x=" } },
    { kind: "redacted_thinking", issuer: "anthropic", data: "EmwK" },
    { kind: "text", text: "Well", signature: { issuer: "gemini", value: "a3Qu!" } },
    { kind: "text", text: "", signature: { issuer: "gemini", value: "QUJD" } },
    {
      kind: "tool_call",
      id: "c",
      name: "f",
      arguments: "{}",
      signature: { issuer: "openai", value: "gAAA" },
    },
  ]);
});

Deno.test("readGeminiRequest() tells uploads, pages, sounds and images apart", () => {
  const { request } = understood({
    generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW" },
    contents: [{
      parts: [
        { fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc" } },
        { fileData: { fileUri: "https://example.com/a.PNG?x=1" } },
        { fileData: { fileUri: "https://example.com/a", mimeType: "application/pdf" } },
        { inlineData: { mimeType: "audio/wav", data: "A-_A" } },
        {
          inlineData: { mimeType: "image/webp", data: "AAAA" },
          mediaResolution: { level: "MEDIA_RESOLUTION_HIGH" },
        },
        { inlineData: { mimeType: "application/pdf", data: "AAAA", displayName: "a.pdf" } },
      ],
    }],
  });

  assert.deepEqual(request.turns[0]?.parts, [
    {
      kind: "file",
      source: {
        kind: "id",
        issuer: "gemini",
        id: "https://generativelanguage.googleapis.com/v1beta/files/abc",
      },
    },
    { kind: "image", source: { kind: "url", url: "https://example.com/a.PNG?x=1" }, detail: "low" },
    { kind: "file", source: { kind: "url", url: "https://example.com/a", mediaType: "application/pdf" } },
    { kind: "audio", mediaType: "audio/wav", base64: "A+/A" },
    {
      kind: "image",
      source: { kind: "base64", mediaType: "image/webp", base64: "AAAA" },
      detail: "high",
    },
    {
      kind: "file",
      source: { kind: "base64", mediaType: "application/pdf", base64: "AAAA" },
      name: "a.pdf",
    },
  ]);
});

Deno.test("readGeminiCountRequest() reads contents, or a whole request", () => {
  const asked = { model: "gemini-2.5-flash", isStream: true };

  const short = readGeminiCountRequest({ contents: [USER] }, asked, new Losses());
  const long = readGeminiCountRequest(
    {
      generateContentRequest: {
        model: "models/gemini-2.5-flash",
        contents: [USER],
        systemInstruction: "Brief",
      },
    },
    asked,
    new Losses(),
  );

  assert.equal(short.isStream, false);
  assert.deepEqual(long, { ...short, system: [{ kind: "text", text: "Brief" }] });
});
