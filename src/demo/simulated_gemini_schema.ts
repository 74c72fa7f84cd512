import { isRecord } from "./simulated_schema.ts";

/** What a schema may say. Source: https://ai.google.dev/api/caching#Schema */
const FIELDS: ReadonlySet<string> = new Set([
  "type",
  "format",
  "title",
  "description",
  "nullable",
  "enum",
  "maxItems",
  "minItems",
  "properties",
  "required",
  "minProperties",
  "maxProperties",
  "minLength",
  "maxLength",
  "pattern",
  "example",
  "anyOf",
  "propertyOrdering",
  "default",
  "items",
  "minimum",
  "maximum",
]);
const TYPES = ["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL", "TYPE_UNSPECIFIED"];

/**
 * What is wrong with a schema that stands where Google wants its own kind, which is a part of OpenAPI's: no `$ref`, no
 * `additionalProperties`, one type only. JSON schemas have a field of their own.
 * Source: https://ai.google.dev/gemini-api/docs/structured-output
 */
export function openSchemaFault(schema: unknown, at: string): string | undefined {
  if (schema === undefined) return undefined;
  if (!isRecord(schema)) {
    return `Invalid value at '${at}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema)`;
  }
  const unknown = Object.keys(schema).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) {
    return `Invalid JSON payload received. Unknown name "${unknown}" at '${at}': Cannot find field.`;
  }
  return typeFault(schema, at) ?? enumFault(schema.enum, at) ?? objectFault(schema, at) ??
    innerFault(schema, at);
}

function typeFault({ type }: Record<string, unknown>, at: string): string | undefined {
  if (Array.isArray(type)) {
    return `Invalid JSON payload received. Unknown name "type" at '${at}': Proto field is not repeating, cannot start list.`;
  }
  if (type === undefined) return undefined;
  return typeof type === "string" && TYPES.includes(type.toUpperCase())
    ? undefined
    : `Invalid value at '${at}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), "${type}"`;
}

function enumFault(values: unknown, at: string): string | undefined {
  if (!Array.isArray(values)) return undefined;
  const index = values.findIndex((value) => typeof value !== "string");
  return index < 0 ? undefined : `Invalid value at '${at}.enum[${index}]' (TYPE_STRING), ${values[index]}`;
}

function objectFault(schema: Record<string, unknown>, at: string): string | undefined {
  const type = typeof schema.type === "string" ? schema.type.toUpperCase() : "";
  const names = isRecord(schema.properties) ? Object.keys(schema.properties) : [];
  if (type === "OBJECT" && names.length === 0) {
    return `* GenerateContentRequest.${at}.properties: should be non-empty for OBJECT type\n`;
  }
  if (type === "ARRAY" && schema.items === undefined) {
    return `* GenerateContentRequest.${at}.items: missing field.\n`;
  }
  const required = Array.isArray(schema.required) ? schema.required : [];
  const stranger = required.findIndex((name) => !names.includes(String(name)));
  return stranger < 0
    ? undefined
    : `* GenerateContentRequest.${at}.required[${stranger}]: property is not defined\n`;
}

function innerFault(schema: Record<string, unknown>, at: string): string | undefined {
  const inner: [unknown, string][] = [];
  if (isRecord(schema.properties)) {
    Object.values(schema.properties).forEach((one, index) =>
      inner.push([one, `${at}.properties[${index}].value`])
    );
  }
  if (Array.isArray(schema.anyOf)) {
    schema.anyOf.forEach((one, index) => inner.push([one, `${at}.any_of[${index}]`]));
  }
  if (schema.items !== undefined) inner.push([schema.items, `${at}.items`]);
  for (const [one, place] of inner) {
    const fault = openSchemaFault(one, place);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
