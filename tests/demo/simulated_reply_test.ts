import assert from "node:assert/strict";
import { goDuration, KeyWindow } from "../../src/demo/simulated_limits.ts";
import { base64Bytes, readDataUrl } from "../../src/demo/simulated_media.ts";
import { type Prompt, textPrompt } from "../../src/demo/simulated_prompt.ts";
import { composeReply, piecesOf } from "../../src/demo/simulated_reply.ts";
import { exampleOf } from "../../src/demo/simulated_schema.ts";

function prompt(lastText: string, more: Partial<Prompt> = {}): Prompt {
  return { ...textPrompt(lastText), toolChoice: "auto", ...more };
}

Deno.test("composeReply() counts one token a word", () => {
  const reply = composeReply(prompt("say 50 words"), false);

  assert.equal(reply.pieces.length, 50);
  assert.equal(reply.pieces.join(""), reply.text);
  assert.deepEqual(reply.tokens, {
    inputTokens: 3,
    outputTokens: 50,
    reasoningTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    audioTokens: 0,
  });
});

Deno.test("composeReply() calls no tool that is not named, unless it must", () => {
  const tools = [{ name: "get_weather", parameters: {} }];

  const auto = composeReply(prompt("hello", { tools }), false);
  const required = composeReply(prompt("hello", { tools, toolChoice: "required" }), false);
  const none = composeReply(prompt("get_weather", { tools, toolChoice: "none" }), false);

  assert.deepEqual([auto.finish, required.finish, none.finish], ["stop", "tool_calls", "stop"]);
});

Deno.test("composeReply() gives text beside tool calls when both are asked for", () => {
  const tools = [{ name: "get_weather", parameters: {} }];

  const reply = composeReply(prompt("say 2 words and call get_weather", { tools }), false);

  assert.equal(reply.text, "word1 word2");
  assert.equal(reply.calls.length, 1);
});

for (const text of ["one", "one two", " lead", "trail ", "a  b\nc", ""]) {
  Deno.test(`piecesOf(${JSON.stringify(text)}) joins to the text`, () => {
    const pieces = piecesOf(text);

    assert.equal(pieces.join(""), text);
  });
}

for (
  const [schema, expected] of [
    [{ type: "string" }, "text"],
    [{ type: ["integer", "null"], minimum: 4 }, 4],
    [{ enum: ["b", "a"] }, "b"],
    [{ const: 7 }, 7],
    [{ anyOf: [{ type: "boolean" }, { type: "null" }] }, true],
    [{ type: "array", items: { type: "number" } }, [1]],
    [{ $ref: "#/$defs/a", $defs: { a: { type: "object", properties: { b: { type: "string" } } } } }, {
      b: "b",
    }],
    [{ type: "OBJECT", properties: { n: { type: "INTEGER" } } }, { n: 1 }],
    [{}, null],
  ] as const
) {
  Deno.test(`exampleOf(${JSON.stringify(schema)}) satisfies the schema`, () => {
    const example = exampleOf(schema);

    assert.deepEqual(example, expected);
  });
}

Deno.test("exampleOf() ends on a schema that contains itself", () => {
  const example = exampleOf({ type: "object", properties: { self: { $ref: "#" } } });

  assert.ok(JSON.stringify(example).length < 1000);
});

for (
  const [ms, text] of [[0, "0s"], [12, "12ms"], [1000, "1s"], [9816, "9.816s"], [60_000, "1m0s"], [
    3_723_000,
    "1h2m3s",
  ]] as const
) {
  Deno.test(`goDuration(${ms}) is ${text}`, () => {
    assert.equal(goDuration(ms), text);
  });
}

Deno.test("KeyWindow begins with the first request and takes nothing for a refused one", () => {
  const window = new KeyWindow("minute", 1);

  const first = window.take(1000);
  const second = window.take(60_999);
  const third = window.take(61_000);

  assert.deepEqual([first.isAdmitted, second.isAdmitted, third.isAdmitted], [true, false, true]);
  assert.deepEqual(second.budget, { window: "minute", limit: 1, remaining: 0, resetMs: 1 });
});

for (const [data, bytes] of [["AAAA", 3], ["AAA=", 2], ["AA==", 1], ["", 0]] as const) {
  Deno.test(`base64Bytes(${data}) is ${bytes}`, () => {
    assert.equal(base64Bytes(data), bytes);
  });
}

for (
  const [url, expected] of [
    ["data:image/png;base64,AA==", { mediaType: "image/png", base64: "AA==" }],
    ["data:text/plain;charset=utf-8;base64,AAAA", { mediaType: "text/plain", base64: "AAAA" }],
    ["data:image/png,AAAA", undefined],
    ["data:image/png;base64,A*==", undefined],
    ["https://a/b.png", undefined],
  ] as const
) {
  Deno.test(`readDataUrl(${url})`, () => {
    assert.deepEqual(readDataUrl(url), expected);
  });
}
