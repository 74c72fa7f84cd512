import { isRecord } from "../core/json.ts";

type Schema = Record<string, unknown>;

/** What becomes of what Google's `Schema` cannot say. */
export interface SchemaLosses {
  readonly drop: (keyword: string) => void;
  /** @throws {AppError} always */
  readonly refuse: (why: string) => never;
}

/** References that refer to references multiply when they are put in place. */
const MAX_SCHEMAS = 5_000;

/**
 * A JSON schema as Google's `Schema` (OpenAPI 3.0 subset), for models before Gemini 2.5: references put in place,
 * types in capitals, unions with null as `nullable`. Source: https://ai.google.dev/api/caching#Schema
 */
export function googleSchemaOf(schema: Readonly<Schema>, losses: SchemaLosses): Schema {
  return convert(schema, { root: schema, losses, open: [], budget: { left: MAX_SCHEMAS } });
}

interface Place {
  readonly root: Readonly<Schema>;
  readonly losses: SchemaLosses;
  /** References that are being put in place. */
  readonly open: readonly string[];
  readonly budget: { left: number };
}

function convert(given: unknown, place: Place): Schema {
  if (--place.budget.left < 0) place.losses.refuse("its schema is too large for this model");
  if (!isRecord(given)) return {};
  if (typeof given.$ref === "string") return convert(...resolved(given.$ref, place));
  const schema = Array.isArray(given.allOf) ? merged(given, given.allOf, place) : given;
  const written: Schema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (keyword === "type") Object.assign(written, typeOf(value, schema, place));
    else if (keyword === "anyOf" || keyword === "oneOf") Object.assign(written, unionOf(value, place));
    else if (keyword === "properties" && isRecord(value)) {
      written.properties = Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name, convert(item, place)]),
      );
    } else if (keyword === "items") written.items = itemsOf(value, place);
    else if (keyword === "enum" || keyword === "const") {
      Object.assign(written, enumOf(keyword === "enum" ? value : [value], place));
    } else if (keyword === "format") {
      if (typeof value === "string" && FORMATS.has(value)) written.format = value;
    } else if (KEPT.has(keyword)) written[keyword] = value;
    else if (!SILENT.has(keyword)) place.losses.drop(keyword);
  }
  if (written.type === undefined && written.anyOf === undefined) written.type = guessedType(written);
  return written;
}

const FORMATS: ReadonlySet<string> = new Set(["date-time", "int32", "int64", "float", "double"]);

const KEPT: ReadonlySet<string> = new Set([
  "title",
  "description",
  "nullable",
  "maxItems",
  "minItems",
  "required",
  "minProperties",
  "maxProperties",
  "minLength",
  "maxLength",
  "pattern",
  "default",
  "minimum",
  "maximum",
  "propertyOrdering",
]);

const SILENT: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "$anchor",
  "$comment",
  "$defs",
  "definitions",
  "examples",
  "additionalProperties",
  "deprecated",
  "readOnly",
  "writeOnly",
  "allOf",
]);

function resolved(reference: string, place: Place): [unknown, Place] {
  if (place.open.includes(reference)) place.losses.refuse("this model takes no schema that refers to itself");
  let found: unknown = place.root;
  for (const step of reference.replace(/^#\/?/, "").split("/")) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (name !== "") found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  if (found === undefined) place.losses.refuse(`its schema has no ${reference}`);
  return [found, { ...place, open: [...place.open, reference] }];
}

function merged(given: Schema, parts: readonly unknown[], place: Place): Schema {
  const { allOf: _, ...own } = given;
  let all: Schema = own;
  for (const part of parts) {
    const [found] = isRecord(part) && typeof part.$ref === "string" ? resolved(part.$ref, place) : [part];
    if (!isRecord(found)) continue;
    const properties = {
      ...(isRecord(all.properties) ? all.properties : {}),
      ...(isRecord(found.properties) ? found.properties : {}),
    };
    const required = [all.required, found.required].flatMap((names): unknown[] =>
      Array.isArray(names) ? names : []
    );
    all = {
      ...all,
      ...found,
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required }),
    };
  }
  return all;
}

function typeOf(value: unknown, schema: Schema, place: Place): Schema {
  if (typeof value === "string") return { type: value.toUpperCase() };
  if (!Array.isArray(value)) return {};
  const types = value.filter((type): type is string => typeof type === "string" && type !== "null");
  const nullable = types.length < value.length ? { nullable: true } : {};
  if (types.length <= 1) return { type: (types[0] ?? "string").toUpperCase(), ...nullable };
  const { items, properties } = schema;
  const anyOf = types.map((type) =>
    convert({
      type,
      ...(type === "array" && items !== undefined ? { items } : {}),
      ...(type === "object" && properties !== undefined ? { properties } : {}),
    }, place)
  );
  return { anyOf, ...nullable };
}

function unionOf(value: unknown, place: Place): Schema {
  const members: readonly unknown[] = Array.isArray(value) ? value : [];
  const others = members.filter((member) => !isRecord(member) || member.type !== "null");
  const nullable = others.length < members.length ? { nullable: true } : {};
  if (others.length === 1) return { ...convert(others[0], place), ...nullable };
  return { anyOf: others.map((member) => convert(member, place)), ...nullable };
}

function itemsOf(value: unknown, place: Place): Schema {
  return Array.isArray(value) ? unionOf(value, place) : convert(value, place);
}

/** An enum is of strings. */
function enumOf(value: unknown, place: Place): Schema {
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  const texts = values.filter((item): item is string => typeof item === "string");
  const nullable = values.includes(null) ? { nullable: true } : {};
  if (texts.length > 0) return { enum: texts, format: "enum", ...nullable };
  place.losses.drop("enum");
  return nullable;
}

function guessedType(written: Schema): string {
  if (written.properties !== undefined) return "OBJECT";
  return written.items === undefined ? "STRING" : "ARRAY";
}
