import { isRecord } from "./simulated_schema.ts";

/** Keywords that a strict schema must not have. */
const REFUSED = [
  "allOf",
  "not",
  "dependentRequired",
  "dependentSchemas",
  "if",
  "then",
  "else",
  "oneOf",
  "patternProperties",
];

/**
 * What is wrong with a schema that is asked for with `strict: true`: every object says `additionalProperties: false`
 * and requires all of its properties. Source: https://platform.openai.com/docs/guides/structured-outputs, supported schemas
 */
export function strictSchemaFault(schema: unknown, context: readonly string[] = []): string | undefined {
  if (!isRecord(schema)) return undefined;
  const refused = REFUSED.find((keyword) => keyword in schema);
  if (refused !== undefined) return `In context=${told(context)}, '${refused}' is not permitted.`;
  if (isRecord(schema.properties)) {
    if (schema.additionalProperties !== false) {
      return `In context=${
        told(context)
      }, 'additionalProperties' is required to be supplied and to be false.`;
    }
    const required = Array.isArray(schema.required) ? schema.required : [];
    const missing = Object.keys(schema.properties).find((name) => !required.includes(name));
    if (missing !== undefined) {
      return `In context=${
        told(context)
      }, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  for (const keyword of ["properties", "$defs", "definitions"]) {
    if (!isRecord(schema[keyword])) continue;
    for (const [name, one] of Object.entries(schema[keyword])) {
      const fault = strictSchemaFault(one, [...context, keyword, name]);
      if (fault !== undefined) return fault;
    }
  }
  const choices = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  for (const [index, one] of choices.entries()) {
    const fault = strictSchemaFault(one, [...context, "anyOf", String(index)]);
    if (fault !== undefined) return fault;
  }
  return strictSchemaFault(schema.items, [...context, "items"]);
}

function told(context: readonly string[]): string {
  return context.length === 1 ? `('${context[0]}',)` : `(${context.map((step) => `'${step}'`).join(", ")})`;
}
