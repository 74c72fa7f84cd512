import assert from "node:assert/strict";
import { type AnthropicModel, anthropicModel } from "../../src/translate/anthropic_models.ts";
import { closedSchema } from "../../src/translate/anthropic_schema.ts";

const MODELS: readonly (readonly [name: string, expected: Partial<AnthropicModel>])[] = [
  ["claude-3-haiku-20240307", {
    maxOutputTokens: 4096,
    thinking: "never",
    hasSchemas: false,
    sampling: "both",
  }],
  ["claude-3-5-sonnet-20241022", { maxOutputTokens: 8192, thinking: "never" }],
  ["claude-3-7-sonnet-20250219", { maxOutputTokens: 64_000, thinking: "budget" }],
  ["claude-opus-4-20250514", {
    maxOutputTokens: 32_000,
    thinking: "budget",
    hasSchemas: false,
    sampling: "both",
  }],
  ["claude-sonnet-4-0", { maxOutputTokens: 64_000, thinking: "budget", hasSchemas: false }],
  ["claude-opus-4-1-20250805", {
    maxOutputTokens: 32_000,
    thinking: "budget",
    hasSchemas: true,
    sampling: "one",
  }],
  ["claude-sonnet-4-5-20250929", { maxOutputTokens: 64_000, thinking: "budget", hasSchemas: true }],
  ["claude-haiku-4-5", { thinking: "budget", thinksUnasked: false }],
  ["claude-opus-4-6", { maxOutputTokens: 128_000, thinking: "either", sampling: "one", hasXhigh: false }],
  ["anthropic/claude-opus-4.6", { thinking: "either" }],
  ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", { maxOutputTokens: 64_000 }],
  ["claude-sonnet-4-5@20250929", { maxOutputTokens: 64_000 }],
  ["claude-opus-4-7", { thinking: "adaptive", thinksUnasked: false, sampling: "none", hasXhigh: true }],
  ["claude-sonnet-5", {
    thinking: "adaptive",
    thinksUnasked: true,
    canStopThinking: true,
    canForceTools: true,
  }],
  ["claude-fable-5", { canStopThinking: false, canForceTools: true }],
  ["claude-fable-5-1", { canStopThinking: false, canForceTools: false }],
  ["claude-sonnet-5-5", { canStopThinking: false, canForceTools: false }],
  ["claude-haiku-5-5", { canStopThinking: true, canForceTools: true }],
  ["claude-someday", { isKnown: false, thinking: "adaptive", maxOutputTokens: 128_000 }],
  ["kimi-k2", { isKnown: false, thinking: "budget", maxOutputTokens: 8192, hasSchemas: false }],
];

for (const [name, expected] of MODELS) {
  Deno.test(`anthropicModel() knows ${name}`, () => {
    const model: AnthropicModel = anthropicModel(name);

    assert.deepEqual({ ...model, ...expected }, model);
  });
}

const CLOSED: readonly (readonly [name: string, schema: Record<string, unknown>, expected: unknown])[] = [
  ["closes objects at every depth", {
    type: "object",
    properties: { a: { type: "array", items: { type: "object", properties: {} } } },
  }, {
    type: "object",
    properties: {
      a: { type: "array", items: { type: "object", properties: {}, additionalProperties: false } },
    },
    additionalProperties: false,
  }],
  ["tells limits in words", {
    type: "object",
    properties: { n: { type: "integer", description: "how many", minimum: 1, maximum: 9 } },
  }, {
    type: "object",
    properties: { n: { type: "integer", description: "how many\n(minimum: 1, maximum: 9)" } },
    additionalProperties: false,
  }],
  ["keeps definitions, and formats that it knows", {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { d: { $ref: "#/$defs/day" }, oneOf: { oneOf: [{ type: "string", format: "color" }] } },
    $defs: { day: { type: "string", format: "date" } },
  }, {
    type: "object",
    properties: {
      d: { $ref: "#/$defs/day" },
      oneOf: { anyOf: [{ type: "string", description: '(format: "color")' }] },
    },
    $defs: { day: { type: "string", format: "date" } },
    additionalProperties: false,
  }],
  ["gives up on open objects", { type: "object", properties: { a: { type: "object" } } }, undefined],
  ["gives up on maps", { type: "object", additionalProperties: { type: "string" } }, undefined],
  ["gives up on recursion", {
    type: "object",
    properties: { next: { $ref: "#/$defs/node" } },
    $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
  }, undefined],
  ["gives up on references to elsewhere", { type: "object", properties: { a: { $ref: "#" } } }, undefined],
  ["gives up on keywords that it does not know", { type: "object", properties: {}, if: {} }, undefined],
];

for (const [name, schema, expected] of CLOSED) {
  Deno.test(`closedSchema() ${name}`, () => {
    const closed = closedSchema(schema);

    assert.deepEqual(closed, expected);
  });
}
