import { isRecord } from "../core/json.ts";

type Schema = Record<string, unknown>;

/**
 * A JSON schema in the keywords that Gemini's `responseJsonSchema` and `parametersJsonSchema` take.
 * @param drop told of each constraint that Gemini has no keyword for
 * Source: https://ai.google.dev/api/generate-content#GenerationConfig (the list at `responseJsonSchema`)
 */
export function geminiJsonSchema(schema: Readonly<Schema>, drop: (keyword: string) => void): Schema {
  const written: Schema = {};
  const hasReference = typeof schema.$ref === "string";
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (keyword === "$ref" && typeof value === "string") {
      written.$ref = value.replace(/^#\/definitions\//, "#/$defs/");
    } else if (keyword === "definitions" || keyword === "$defs") {
      written.$defs = { ...(isRecord(written.$defs) ? written.$defs : {}), ...mapped(value, drop) };
    } else if (hasReference) {
      // Nothing may stand beside a reference.
      if (!ANNOTATIONS.has(keyword)) drop(keyword);
    } else if (KEPT.has(keyword)) written[keyword] = value;
    else if (SUBSCHEMAS.has(keyword)) written[keyword] = subschemas(value, drop);
    else if (keyword === "properties") written.properties = mapped(value, drop);
    else if (keyword === "const") written.enum = [value];
    else if (keyword === "allOf") mergeAllOf(written, value, drop);
    else if (keyword === "exclusiveMinimum" && typeof value === "number") {
      written.minimum = schema.type === "integer" ? Math.floor(value) + 1 : value;
    } else if (keyword === "exclusiveMaximum" && typeof value === "number") {
      written.maximum = schema.type === "integer" ? Math.ceil(value) - 1 : value;
    } else if (!ANNOTATIONS.has(keyword)) drop(keyword);
  }
  return written;
}

const KEPT: ReadonlySet<string> = new Set([
  "$id",
  "$anchor",
  "type",
  "format",
  "title",
  "description",
  "enum",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "required",
  "propertyOrdering",
]);

const SUBSCHEMAS: ReadonlySet<string> = new Set([
  "items",
  "prefixItems",
  "anyOf",
  "oneOf",
  "additionalProperties",
]);

/** What may be left out without a word: it constrains nothing. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  "$schema",
  "$comment",
  "default",
  "examples",
  "example",
  "deprecated",
  "readOnly",
  "writeOnly",
  "title",
  "description",
]);

function subschemas(value: unknown, drop: (keyword: string) => void): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => subschemas(item, drop));
  return isRecord(value) ? geminiJsonSchema(value, drop) : value;
}

function mapped(value: unknown, drop: (keyword: string) => void): Schema {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, subschemas(item, drop)]));
}

/** One schema is the same as all of its parts together, as far as their members do not meet. */
function mergeAllOf(written: Schema, value: unknown, drop: (keyword: string) => void): void {
  if (!Array.isArray(value)) return;
  const parts = value.filter(isRecord).map((part) => geminiJsonSchema(part, drop));
  if (parts.some((part) => typeof part.$ref === "string")) {
    // A reference stands alone; several cannot be told.
    if (parts.length === 1) Object.assign(written, parts[0]);
    else drop("allOf");
    return;
  }
  for (const part of parts) {
    const { properties, required, ...rest } = part;
    Object.assign(written, rest);
    if (isRecord(properties)) {
      written.properties = { ...(isRecord(written.properties) ? written.properties : {}), ...properties };
    }
    if (Array.isArray(required)) {
      const before: readonly unknown[] = Array.isArray(written.required) ? written.required : [];
      written.required = [...before, ...required];
    }
  }
}
