const MAX_DEPTH = 12;

/**
 * A value that satisfies a JSON schema (the subset that the three providers take, Gemini's upper-case types
 * included). `hints` is the prompt: `city=Paris` in it gives the property `city` that value; a string
 * without a hint takes the name of its property.
 */
export function exampleOf(schema: unknown, hints = ""): unknown {
  return build(schema, { root: schema, hints, name: "text", depth: 0 });
}

/** Whether it is an object with string keys, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a member is there and not null, which stands for "not given" in OpenAI's and Anthropic's bodies. */
export function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

interface Place {
  readonly root: unknown;
  readonly hints: string;
  readonly name: string;
  readonly depth: number;
}

function build(schema: unknown, place: Place): unknown {
  if (!isRecord(schema) || place.depth > MAX_DEPTH || Object.keys(schema).length === 0) return null;
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (typeof schema.$ref === "string") return build(resolve(schema.$ref, place.root), deeper(place));
  const choices = firstArray(schema.anyOf, schema.oneOf, schema.allOf);
  if (choices !== undefined) return build(choices[0], deeper(place));
  switch (typeOf(schema)) {
    case "object":
      return buildObject(schema, place);
    case "array":
      return [build(schema.items, deeper(place))];
    case "integer":
      return Math.trunc(numberOf(schema, place));
    case "number":
      return numberOf(schema, place);
    case "boolean":
      return hintOf(place) !== "false";
    case "null":
      return null;
    default:
      return hintOf(place) ?? place.name;
  }
}

function buildObject(schema: Record<string, unknown>, place: Place): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  if (!isRecord(schema.properties)) return made;
  for (const [name, property] of Object.entries(schema.properties)) {
    made[name] = build(property, { ...deeper(place), name });
  }
  return made;
}

function typeOf(schema: Record<string, unknown>): string {
  const type: unknown = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (typeof type === "string") return type.toLowerCase();
  return "properties" in schema ? "object" : "string";
}

function numberOf(schema: Record<string, unknown>, place: Place): number {
  const hinted = Number(hintOf(place) ?? NaN);
  if (Number.isFinite(hinted)) return hinted;
  return typeof schema.minimum === "number" ? schema.minimum : 1;
}

function hintOf(place: Place): string | undefined {
  if (!place.hints.includes(`${place.name}=`)) return undefined;
  for (const word of place.hints.split(/[\s,;]+/)) {
    if (word.startsWith(`${place.name}=`)) return word.slice(place.name.length + 1);
  }
  return undefined;
}

function resolve(reference: string, root: unknown): unknown {
  let found = root;
  for (const step of reference.split("/").slice(1)) found = isRecord(found) ? found[step] : undefined;
  return found;
}

function firstArray(...candidates: unknown[]): unknown[] | undefined {
  for (const candidate of candidates) if (Array.isArray(candidate) && candidate.length > 0) return candidate;
  return undefined;
}

function deeper(place: Place): Place {
  return { ...place, depth: place.depth + 1 };
}
