import assert from "node:assert/strict";
import { geminiJsonSchema } from "../../src/translate/gemini_json_schema.ts";
import { googleSchemaOf } from "../../src/translate/gemini_open_schema.ts";
import { jsonSchemaOfGoogle } from "../../src/translate/gemini_schema_reader.ts";

type Schema = Record<string, unknown>;

Deno.test("jsonSchemaOfGoogle() reads Google's own schema", () => {
  const rows: readonly (readonly [Schema, Schema])[] = [
    [{ type: "STRING", format: "enum", enum: ["a"] }, { type: "string", enum: ["a"] }],
    [{ type: "INTEGER", nullable: true }, { type: ["integer", "null"] }],
    [{ type: "STRING", enum: ["a"], nullable: true }, { type: ["string", "null"], enum: ["a", null] }],
    [{ type: "ARRAY", items: { type: "NUMBER" }, minItems: "1" }, {
      type: "array",
      items: { type: "number" },
      minItems: 1,
    }],
    [{ any_of: [{ type: "STRING" }], nullable: true }, { anyOf: [{ type: "string" }, { type: "null" }] }],
    [{ type: "TYPE_UNSPECIFIED", example: 1 }, { examples: [1] }],
  ];

  for (const [schema, expected] of rows) assert.deepEqual(jsonSchemaOfGoogle(schema), expected);
});

Deno.test("jsonSchemaOfGoogle() puts properties into their order", () => {
  const read = jsonSchemaOfGoogle({
    type: "OBJECT",
    properties: { a: { type: "STRING" }, b: { type: "STRING" } },
    propertyOrdering: ["b", "unknown"],
  });

  assert.equal(
    JSON.stringify(read),
    '{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"string"}}}',
  );
});

Deno.test("geminiJsonSchema() keeps what Gemini takes and names each constraint that it does not", () => {
  const rows: readonly (readonly [Schema, Schema, readonly string[]])[] = [
    [{ $schema: "x", type: "object", additionalProperties: false }, {
      type: "object",
      additionalProperties: false,
    }, []],
    [{ const: "a" }, { enum: ["a"] }, []],
    [{ type: "integer", exclusiveMinimum: 0 }, { type: "integer", minimum: 1 }, []],
    [{ type: "number", exclusiveMaximum: 2 }, { type: "number", maximum: 2 }, []],
    [{ type: "string", pattern: "^a", default: "a" }, { type: "string" }, ["pattern"]],
    [
      { $ref: "#/definitions/a", description: "d", definitions: { a: { const: 1 } } },
      { $ref: "#/$defs/a", $defs: { a: { enum: [1] } } },
      [],
    ],
    [
      { allOf: [{ properties: { a: {} }, required: ["a"] }, { properties: { b: {} }, required: ["b"] }] },
      { properties: { a: {}, b: {} }, required: ["a", "b"] },
      [],
    ],
    [{ properties: { a: { anyOf: [{ not: {} }, true] } } }, { properties: { a: { anyOf: [{}, true] } } }, [
      "not",
    ]],
    [{ type: ["string", "null"], items: [{ const: 1 }] }, {
      type: ["string", "null"],
      items: [{ enum: [1] }],
    }, []],
  ];

  for (const [schema, expected, expectedDropped] of rows) {
    const dropped: string[] = [];

    assert.deepEqual(geminiJsonSchema(schema, (keyword) => dropped.push(keyword)), expected);
    assert.deepEqual(dropped, expectedDropped);
  }
});

Deno.test("googleSchemaOf() puts references in place and says unions with null as nullable", () => {
  const rows: readonly (readonly [Schema, Schema, readonly string[]])[] = [
    [
      {
        $schema: "x",
        type: "object",
        properties: { a: { $ref: "#/$defs/a" } },
        $defs: { a: { const: "x" } },
      },
      {
        type: "OBJECT",
        properties: { a: { enum: ["x"], format: "enum", type: "STRING" } },
      },
      [],
    ],
    [{ type: ["string", "null"], format: "email" }, { type: "STRING", nullable: true }, []],
    [{ type: ["string", "integer"] }, { anyOf: [{ type: "STRING" }, { type: "INTEGER" }] }, []],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, { type: "INTEGER", nullable: true }, []],
    [{ oneOf: [{ type: "string" }, { type: "number" }] }, {
      anyOf: [{ type: "STRING" }, { type: "NUMBER" }],
    }, []],
    [{ type: "integer", enum: [1, 2] }, { type: "INTEGER" }, ["enum"]],
    [{ type: "object", patternProperties: {}, additionalProperties: false }, { type: "OBJECT" }, [
      "patternProperties",
    ]],
    [{ allOf: [{ $ref: "#/$defs/a" }], $defs: { a: { type: "object", required: ["b"] } } }, {
      type: "OBJECT",
      required: ["b"],
    }, []],
    [{ items: [{ type: "string" }] }, { items: { type: "STRING" }, type: "ARRAY" }, []],
  ];

  for (const [schema, expected, expectedDropped] of rows) {
    const dropped: string[] = [];

    assert.deepEqual(googleSchemaOf(schema, { drop: (keyword) => dropped.push(keyword), refuse }), expected);
    assert.deepEqual(dropped, expectedDropped);
  }
});

Deno.test("googleSchemaOf() refuses schemas that refer to themselves, to nothing, or grow without bound", () => {
  const bomb: Schema = { type: "object", properties: { a: { $ref: "#/$defs/0" } }, $defs: {} };
  const definitions: Schema = {};
  for (let level = 0; level < 30; level++) {
    const $ref = `#/$defs/${level + 1}`;
    definitions[level] = { type: "object", properties: { a: { $ref }, b: { $ref } } };
  }
  definitions[30] = { type: "string" };
  const rows: readonly Schema[] = [
    { properties: { next: { $ref: "#" } } },
    { $ref: "#/$defs/missing" },
    { ...bomb, $defs: definitions },
  ];

  for (const schema of rows) {
    assert.throws(() => googleSchemaOf(schema, { drop: () => undefined, refuse }), /refused/);
  }
});

function refuse(why: string): never {
  throw new Error(`refused: ${why}`);
}
