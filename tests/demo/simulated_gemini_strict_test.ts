import assert from "node:assert/strict";
import { at, call, dataOf, withProvider } from "./simulated_support.ts";

type Body = Record<string, unknown>;

const USER = { role: "user", parts: [{ text: "get_weather" }] };
const DECLARED = { name: "get_weather", parametersJsonSchema: { type: "object" } };

function path(model: string, method = "generateContent"): string {
  return `/v1beta/models/${model}:${method}`;
}

function used(...signatures: (string | undefined)[]) {
  const parts = signatures.map((thoughtSignature) => ({
    functionCall: { name: "get_weather", args: {} },
    ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
  }));
  return { role: "model", parts };
}

function results(count: number) {
  const functionResponse = { name: "get_weather", response: { sky: "clear" } };
  return { role: "user", parts: Array.from({ length: count }, () => ({ functionResponse })) };
}

function talk(...contents: unknown[]): Body {
  return { contents, tools: [{ functionDeclarations: [DECLARED] }] };
}

function config(generationConfig: Body): Body {
  return { contents: [USER], generationConfig };
}

function schema(responseSchema: unknown): Body {
  return config({ responseMimeType: "application/json", responseSchema });
}

function declared(more: Body): Body {
  return { contents: [USER], tools: [{ functionDeclarations: [{ name: "a", ...more }] }] };
}

const FLASH = "gemini-2.5-flash";
const PRO_3 = "gemini-3-pro-preview";
const REFUSED: [string, string, Body, RegExp][] = [
  [
    "an unknown field",
    FLASH,
    { contents: [USER], messages: [] },
    /Unknown name "messages": Cannot find field/,
  ],
  [
    "an unknown field of its settings",
    FLASH,
    config({ max_tokens: 5 }),
    /"maxTokens" at 'generation_config'/,
  ],
  [
    "a stop sequence that is no list",
    FLASH,
    config({ stopSequences: "END" }),
    /generation_config\.stop_sequences/,
  ],
  [
    "a role it has not",
    FLASH,
    talk({ role: "assistant", parts: [{ text: "x" }] }),
    /valid role: user, model/,
  ],
  ["a content without parts", FLASH, talk({ role: "user", parts: [] }), /parts must not be empty/],
  [
    "a part that holds nothing",
    FLASH,
    talk({ role: "user", parts: [{ thought: true }] }),
    /required oneof field 'data'/,
  ],
  [
    "too few results",
    FLASH,
    talk(USER, used(undefined, undefined), results(1)),
    /number of function response parts is equal/,
  ],
  [
    "too many results",
    FLASH,
    talk(USER, used(undefined), results(2)),
    /number of function response parts is equal/,
  ],
  ["results without a call", FLASH, talk(USER, results(1)), /comes immediately after a function call turn/],
  [
    "a call at the beginning",
    FLASH,
    talk(used(undefined), results(1)),
    /comes immediately after a user turn/,
  ],
  [
    "a result that is no object",
    FLASH,
    talk(USER, used(undefined), {
      role: "user",
      parts: [{ functionResponse: { name: "get_weather", response: "x" } }],
    }),
    /function_response\.response/,
  ],
  [
    "a signature that is lost",
    PRO_3,
    talk(USER, used(undefined), results(1)),
    /missing a thought_signature .* position 2/,
  ],
  [
    "a signature of somebody else",
    PRO_3,
    talk(USER, used(btoa("anthropic:0")), results(1)),
    /Corrupted thought signature/,
  ],
  ["a signature that is not base64", FLASH, talk(USER, used("a*b"), results(1)), /Base64 decoding failed/],
  [
    "a picture of a kind it has not",
    FLASH,
    talk({ role: "user", parts: [{ inlineData: { mimeType: "image/gif", data: "AAAA" } }] }),
    /Unsupported MIME type: image\/gif/,
  ],
  [
    "$ref in its own kind of schema",
    FLASH,
    schema({ $ref: "#/$defs/a" }),
    /Unknown name "\$ref" at 'generation_config.response_schema'/,
  ],
  [
    "additionalProperties in a property",
    FLASH,
    schema({ type: "OBJECT", properties: { a: { type: "OBJECT", additionalProperties: false } } }),
    /"additionalProperties" at '.*properties\[0\]\.value'/,
  ],
  ["two types", FLASH, schema({ type: ["string", "null"] }), /Proto field is not repeating/],
  ["an enum of numbers", FLASH, schema({ type: "STRING", enum: [1] }), /enum\[0\]' \(TYPE_STRING\), 1/],
  ["an object without properties", FLASH, schema({ type: "OBJECT" }), /should be non-empty for OBJECT type/],
  ["a list of nothing", FLASH, schema({ type: "ARRAY" }), /items: missing field/],
  ["a schema, but no JSON", FLASH, config({ responseSchema: { type: "STRING" } }), /response mime type/],
  [
    "JSON and functions",
    FLASH,
    { ...config({ responseMimeType: "application/json" }), ...talk(USER) },
    /'application\/json' is unsupported/,
  ],
  ["a function of a wrong name", FLASH, declared({ name: "1a" }), /Invalid function name/],
  [
    "a function of two schemas",
    FLASH,
    declared({ parameters: {}, parametersJsonSchema: {} }),
    /only one of parameters/,
  ],
  [
    "a function with $schema",
    FLASH,
    declared({ parameters: { $schema: "x", type: "OBJECT" } }),
    /Unknown name "\$schema"/,
  ],
  ["allowed names without ANY", FLASH, {
    ...talk(USER),
    toolConfig: { functionCallingConfig: { mode: "AUTO", allowedFunctionNames: ["get_weather"] } },
  }, /only be set when mode is ANY/],
  ["an allowed name that is not declared", FLASH, {
    ...talk(USER),
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["x"] } },
  }, /x is not in the list/],
  ["six stop sequences", FLASH, config({ stopSequences: ["a", "b", "c", "d", "e", "f"] }), /limit of 5/],
  [
    "a level and a budget",
    PRO_3,
    config({ thinkingConfig: { thinkingLevel: "LOW", thinkingBudget: 5 } }),
    /only one of thinking budget/,
  ],
  [
    "a level for an older model",
    FLASH,
    config({ thinkingConfig: { thinkingLevel: "LOW" } }),
    /Thinking level is not supported/,
  ],
  [
    "a level that this model has not",
    PRO_3,
    config({ thinkingConfig: { thinkingLevel: "MINIMAL" } }),
    /MINIMAL is not supported/,
  ],
  [
    "no thought of a model that always thinks",
    "gemini-2.5-pro",
    config({ thinkingConfig: { thinkingBudget: 0 } }),
    /Budget 0 is invalid/,
  ],
  [
    "a budget out of bounds",
    FLASH,
    config({ thinkingConfig: { thinkingBudget: 99_999 } }),
    /thinking budget 99999 is invalid/,
  ],
];

for (const [what, model, body, message] of REFUSED) {
  Deno.test(`generateContent with ${what} is refused as Google does`, async () => {
    await withProvider({ dialect: "gemini" }, async (provider) => {
      const got = await call(provider, path(model), body);

      assert.equal(got.status, 400);
      assert.equal(at(got.json, "error", "status"), "INVALID_ARGUMENT");
      assert.match(String(at(got.json, "error", "message")), message);
    });
  });
}

Deno.test("the first call of an answer is signed, and only its own signature or the placeholder is taken back", async () => {
  await withProvider({ dialect: "gemini" }, async (provider) => {
    const asked = { role: "user", parts: [{ text: "get_weather city=Paris get_weather city=Rome" }] };
    const answer = async (...contents: unknown[]) => await call(provider, path(PRO_3), talk(...contents));

    const first = await answer(asked);
    const content = at(first.json, "candidates", 0, "content");
    const good = await answer(asked, content, results(2));
    const skipped = await answer(USER, used("skip_thought_signature_validator", undefined), results(2));
    const mine = String(at(content, "parts", 0, "thoughtSignature"));
    const moved = await answer(USER, {
      role: "model",
      parts: [{ functionCall: { name: "other", args: {} }, thoughtSignature: mine }],
    }, results(1));
    const past = await answer(
      USER,
      used(undefined),
      results(1),
      { role: "model", parts: [{ text: "x" }] },
      USER,
    );

    assert.equal(at(content, "parts", 1, "thoughtSignature"), undefined);
    assert.deepEqual([good.status, skipped.status, moved.status, past.status], [200, 200, 400, 200]);
  });
});

Deno.test("names in snake_case are taken, those of the caller stay as they are", async () => {
  await withProvider({ dialect: "gemini" }, async (provider) => {
    const body = {
      system_instruction: { parts: [{ text: "short" }] },
      contents: [{ role: "user", parts: [{ text: "full_name=Ada" }] }],
      generation_config: {
        response_mime_type: "application/json",
        response_json_schema: { type: "object", properties: { full_name: { type: "string" } } },
      },
    };
    const got = await call(provider, path(FLASH), body);

    assert.equal(at(got.json, "candidates", 0, "content", "parts", 0, "text"), '{"full_name":"Ada"}');
  });
});

Deno.test("an answer is filtered or blocked, tells log probabilities, audio tokens and several candidates", async () => {
  await withProvider({ dialect: "gemini" }, async (provider) => {
    const ask = (text: string, generationConfig: Body = {}) => ({
      contents: [{ role: "user", parts: [{ text }] }],
      generationConfig,
    });
    const answer = async (body: Body) => (await call(provider, path(FLASH), body)).json;

    const filtered = await answer(ask("be filtered"));
    const blocked = await answer(ask("block this prompt"));
    const likely = await answer(ask("one two", { responseLogprobs: true, logprobs: 2 }));
    const heard = await answer(ask("use 9 audio tokens"));
    const several = await call(
      provider,
      `${path(FLASH, "streamGenerateContent")}?alt=sse`,
      ask("a b", { candidateCount: 2 }),
    );

    assert.equal(at(filtered, "candidates", 0, "finishReason"), "SAFETY");
    assert.equal(at(blocked, "candidates"), undefined);
    assert.equal(at(blocked, "promptFeedback", "blockReason"), "PROHIBITED_CONTENT");
    assert.equal(at(likely, "candidates", 0, "logprobsResult", "chosenCandidates", 1, "token"), " two");
    assert.equal(at(heard, "usageMetadata", "promptTokensDetails", 1, "tokenCount"), 9);
    const events = dataOf(several.text);
    assert.deepEqual(events.map((event) => at(event, "candidates", 0, "index")), [0, 1, 0, 1]);
    assert.equal(at(events.at(-1), "usageMetadata", "candidatesTokenCount"), 4);
    assert.equal(at(events[0], "usageMetadata", "candidatesTokenCount"), undefined);
  });
});
