import { isRecord } from "../core/json.ts";

type Schema = Record<string, unknown>;

/**
 * JSON schema of Google's `Schema`, a subset of OpenAPI 3.0: types in capitals, `nullable`, counts as text,
 * `propertyOrdering`. Source: https://ai.google.dev/api/caching#Schema
 */
export function jsonSchemaOfGoogle(schema: Readonly<Schema>): Schema {
  const read: Schema = {};
  for (const [written, value] of Object.entries(schema)) {
    if (value === null || value === undefined) continue;
    const name = NAMES.get(written) ?? written;
    if (name === "type") {
      if (typeof value !== "string" || value === "TYPE_UNSPECIFIED") continue;
      read.type = value.toLowerCase();
    } else if (name === "properties") read.properties = propertiesOf(value, schema);
    else if (name === "items" && isRecord(value)) read.items = jsonSchemaOfGoogle(value);
    else if (name === "anyOf") read.anyOf = (Array.isArray(value) ? value : [value]).map(subschema);
    else if (COUNTS.has(name)) read[name] = typeof value === "string" ? Number(value) : value;
    // It says nothing beside `enum`.
    else if (name === "format" && value === "enum") continue;
    else if (name === "example") read.examples = [value];
    else if (name !== "nullable" && name !== "propertyOrdering") read[name] = value;
  }
  return schema.nullable === true ? nullable(read) : read;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ["any_of", "anyOf"],
  ["max_items", "maxItems"],
  ["min_items", "minItems"],
  ["max_length", "maxLength"],
  ["min_length", "minLength"],
  ["max_properties", "maxProperties"],
  ["min_properties", "minProperties"],
  ["property_ordering", "propertyOrdering"],
]);

/** 64-bit integers are text in JSON of protocol buffers. */
const COUNTS: ReadonlySet<string> = new Set([
  "maxItems",
  "minItems",
  "maxLength",
  "minLength",
  "maxProperties",
  "minProperties",
]);

function subschema(value: unknown): unknown {
  return isRecord(value) ? jsonSchemaOfGoogle(value) : value;
}

/** JSON keeps the order of members, so that the ordering needs no keyword. */
function propertiesOf(value: unknown, schema: Readonly<Schema>): unknown {
  if (!isRecord(value)) return value;
  const ordering = schema.propertyOrdering ?? schema.property_ordering;
  const first = Array.isArray(ordering)
    ? ordering.filter((name): name is string => typeof name === "string")
    : [];
  const names = new Set([...first.filter((name) => Object.hasOwn(value, name)), ...Object.keys(value)]);
  return Object.fromEntries([...names].map((name) => [name, subschema(value[name])]));
}

function nullable(schema: Schema): Schema {
  const widened = Array.isArray(schema.enum) ? { ...schema, enum: [...schema.enum, null] } : schema;
  if (typeof schema.type === "string") return { ...widened, type: [schema.type, "null"] };
  return Array.isArray(schema.anyOf) ? { ...widened, anyOf: [...schema.anyOf, { type: "null" }] } : widened;
}
