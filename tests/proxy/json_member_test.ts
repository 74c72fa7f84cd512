import assert from "node:assert/strict";
import fc from "fast-check";
import { addStringMember, findStringMember, replaceStringMember } from "../../src/proxy/json_member.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** JSON objects that now and then have a `model`, in any spelling that JSON allows. */
const objects = fc.dictionary(
  fc.oneof(fc.constantFrom("model", "Model", "mode", "models", '"model"', "m\\odel"), fc.string()),
  fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
);
const spacing = fc.constantFrom(undefined, 1, "\t", "\r\n ");

function modelOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "model" in value ? value.model : undefined;
}

Deno.test("findStringMember() finds what JSON.parse finds", () => {
  fc.assert(fc.property(objects, spacing, (object, space) => {
    const text = JSON.stringify(object, undefined, space);
    const expected = modelOf(JSON.parse(text));

    const found = findStringMember(encoder.encode(text), "model");

    assert.equal(found?.value, typeof expected === "string" ? expected : undefined);
  }));
});

Deno.test("replaceStringMember() and addStringMember() change one member and no other byte", () => {
  fc.assert(fc.property(objects, spacing, fc.string(), (object, space, value) => {
    const json = encoder.encode(JSON.stringify(object, undefined, space));
    const member = findStringMember(json, "model");
    if (member === undefined && "model" in object) return;

    const changed = member === undefined
      ? addStringMember(json, "model", value)
      : replaceStringMember(json, member, value);

    const parsed: unknown = JSON.parse(decoder.decode(changed));
    assert.deepEqual(parsed, JSON.parse(JSON.stringify({ ...object, model: value })));
  }));
});

Deno.test("findStringMember() reads escaped names and values, the last of several, and what stands whole", () => {
  const cases = [
    ['{"m\\u006fdel":"a\\"b"}', 'a"b'],
    ['{"model":"a","model":"b"}', "b"],
    ['{"x":{"model":"inner"},"y":["model","z"]}', undefined],
    ['{"model":1}', undefined],
    ['{"model":"cut', undefined],
    ['{"model":"whole","messages":[{"content":"cut', "whole"],
    ['{"x":"model","y":"z"}', undefined],
    ["", undefined],
  ] as const;
  for (const [json, expected] of cases) {
    assert.equal(findStringMember(encoder.encode(json), "model")?.value, expected, json);
  }
});
