import { isRecord } from "../core/json.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that limit values: Anthropic's decoder refuses them, so they go into the description. */
const LIMITS = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
]);

const FORMATS = new Set(
  ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"],
);

/** Keywords whose value is a schema, a list of schemas, or a map of schemas. */
const SCHEMAS = new Set(["items"]);
const LISTS = new Set(["anyOf", "allOf", "oneOf"]);
const MAPS = new Set(["properties", "$defs", "definitions"]);

/** Keywords that mean nothing, or mean the same, when they are left as they are. */
const KEPT = new Set(["$ref", "type", "title", "description", "enum", "const", "default", "required"]);

const DROPPED = new Set(["$schema", "$id", "$comment", "examples", "deprecated", "readOnly", "writeOnly"]);

/**
 * The schema as Anthropic's structured outputs take it: objects closed, limits of values told in words.
 * `undefined` for what they cannot do: open objects (they would come out empty), recursion, other keywords.
 * Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
export function closedSchema(schema: Schema): Schema | undefined {
  if (isRecursive(schema)) return undefined;
  try {
    return closed(schema);
  } catch (error) {
    // One way out of any depth.
    if (error instanceof NotClosableError) return undefined;
    throw error;
  }
}

class NotClosableError extends Error {}

function closed(schema: Schema): Schema {
  const result: Record<string, unknown> = {};
  const limits: string[] = [];
  for (const [name, value] of Object.entries(schema)) {
    if (KEPT.has(name)) result[name] = value;
    else if (SCHEMAS.has(name)) result[name] = closedPart(value);
    else if (LISTS.has(name) && Array.isArray(value)) {
      result[name === "oneOf" ? "anyOf" : name] = value.map(closedPart);
    } else if (MAPS.has(name) && isRecord(value)) {
      result[name] = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, closedPart(part)]));
    } else if (name === "format" && typeof value === "string" && FORMATS.has(value)) result[name] = value;
    else if (name === "format" || LIMITS.has(name)) limits.push(`${name}: ${JSON.stringify(value)}`);
    else if (name === "additionalProperties" ? value !== false : !DROPPED.has(name)) {
      throw new NotClosableError();
    }
  }
  if (isObject(schema)) {
    if (!isRecord(schema["properties"]) && schema["additionalProperties"] !== false) {
      throw new NotClosableError();
    }
    result["additionalProperties"] = false;
  }
  if (limits.length > 0) {
    const told = typeof schema["description"] === "string" ? `${schema["description"]}\n` : "";
    result["description"] = `${told}(${limits.join(", ")})`;
  }
  return result;
}

function closedPart(part: unknown): unknown {
  if (isRecord(part)) return closed(part);
  // `true` and lists of positions are open schemas, too.
  throw new NotClosableError();
}

function isObject({ type, properties }: Schema): boolean {
  return type === "object" || (Array.isArray(type) && type.includes("object")) || isRecord(properties);
}

/** Whether a definition leads to itself, or a reference leads to anything but a definition. */
function isRecursive(root: Schema): boolean {
  const done = new Set<string>();
  const visit = (value: unknown, above: readonly string[]): boolean => {
    if (Array.isArray(value)) return value.some((one) => visit(one, above));
    if (!isRecord(value)) return false;
    return Object.entries(value).some(([name, part]) => {
      if (name === "$ref" && typeof part === "string") return follow(part, above);
      // Definitions count where they are used.
      return name !== "$defs" && name !== "definitions" && visit(part, above);
    });
  };
  const follow = (ref: string, above: readonly string[]): boolean => {
    if (above.includes(ref)) return true;
    if (done.has(ref)) return false;
    const match = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref);
    const place = root[match?.[1] ?? ""];
    const target = isRecord(place) ? place[match?.[2] ?? ""] : undefined;
    if (target === undefined || visit(target, [...above, ref])) return true;
    done.add(ref);
    return false;
  };
  return visit(root, []);
}
