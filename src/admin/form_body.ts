import { z } from "zod";
import { isRecord } from "../core/json.ts";
import type { FormFields } from "./route.ts";

/**
 * The JSON body that a form stands for, so that one schema reads both. A field's name is its path in the body
 * (`policy.maxAttempts`, `members.0.tier`), and the schema says how its text is meant:
 * numbers and booleans are written out; a list has an entry a line (or a comma between, or the field more than once);
 * a map has `name: value` or `name = value` a line; any other object is JSON. An empty field is `null` where the
 * schema takes that, "" where a text is required, and left out otherwise. What does not read is left as text, for
 * the schema to refuse.
 */
export function bodyOfForm(form: FormFields, schema: z.ZodType): unknown {
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const body: Record<string, unknown> = {};
  for (const [name, values] of form) {
    const path = name.split(".");
    const value = readValue(values, shapesAt(shape, path), isRequired(shape, path));
    if (value !== undefined) place(body, path, value);
  }
  return withLists(body);
}

/** The fields as texts, to be shown again. */
export function typedValues(form: FormFields): Record<string, string> {
  return Object.fromEntries([...form].map(([name, values]) => [name, values.join("\n")]));
}

type Shape = Readonly<Record<string, unknown>>;

function readValue(values: readonly string[], shapes: readonly Shape[], required: boolean): unknown {
  // A box that is not ticked sends nothing, so a hidden field of the same name stands before it.
  const text = values.at(-1) ?? "";
  const kinds = kindsOf(shapes);
  const array = shapes.find(({ type }) => type === "array");
  if (array !== undefined && !kinds.has("string")) {
    if (/^\s*\[/.test(text)) return parsed(text);
    const entries = values.flatMap((value) => value.split(/[\n,]/)).map((entry) => entry.trim());
    return entries.filter((entry) => entry !== "").map((entry) => readScalar(entry, itemKinds(array)));
  }
  const object = shapes.find(({ type }) => type === "object");
  if (object !== undefined && !kinds.has("string")) {
    if (/^\s*\{/.test(text)) return parsed(text);
    return text.trim() === "" || isRecord(object.additionalProperties) ? readMap(text, object) : text;
  }
  if (text === "") return kinds.has("null") ? null : required && takesAnyText(shapes) ? "" : undefined;
  return readScalar(text, kinds);
}

/** A choice that was not made is no choice. */
function takesAnyText(shapes: readonly Shape[]): boolean {
  return shapes.some(({ type, enum: choices, const: only }) =>
    type === "string" && choices === undefined && only === undefined
  );
}

function readScalar(text: string, kinds: ReadonlySet<unknown>): unknown {
  if (kinds.has("string")) return text;
  const trimmed = text.trim();
  if (kinds.has("integer") || kinds.has("number")) {
    const value = Number(trimmed);
    return trimmed !== "" && Number.isFinite(value) ? value : text;
  }
  if (kinds.has("boolean")) {
    if (trimmed === "true" || trimmed === "on") return true;
    return trimmed === "false" ? false : text;
  }
  return text;
}

/** Lines of `name: value` or `name = value`; what comes first separates, because either may stand in the other. */
function readMap(text: string, { additionalProperties }: Shape): unknown {
  const kinds = isRecord(additionalProperties) ? kindsOf(unfold(additionalProperties)) : new Set();
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => {
    const at = line.search(/: |=/);
    const end = at === -1 ? line.indexOf(":") : at;
    const name = end === -1 ? line : line.slice(0, end).trim();
    return [name, readScalar(end === -1 ? "" : line.slice(end + 1).trim(), kinds)];
  }));
}

/** Every shape that a value at this path may have. */
function shapesAt(shape: Shape, path: readonly string[]): Shape[] {
  let found = unfold(shape);
  for (const step of path) found = found.flatMap((each) => membersOf(each, step)).flatMap(unfold);
  return found;
}

function membersOf(shape: Shape, step: string): Shape[] {
  const { properties, items, additionalProperties } = shape;
  const member = isRecord(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined;
  const entry = /^\d+$/.test(step) ? items : undefined;
  return [member ?? entry ?? additionalProperties].filter(isRecord);
}

function unfold(shape: Shape): Shape[] {
  const choices = shape.anyOf ?? shape.oneOf;
  return Array.isArray(choices) ? choices.filter(isRecord).flatMap(unfold) : [shape];
}

function isRequired(shape: Shape, path: readonly string[]): boolean {
  const last = path.at(-1);
  return shapesAt(shape, path.slice(0, -1)).every(({ required }) =>
    Array.isArray(required) && required.includes(last)
  );
}

function itemKinds({ items }: Shape): ReadonlySet<unknown> {
  return isRecord(items) ? kindsOf(unfold(items)) : new Set();
}

function kindsOf(shapes: readonly Shape[]): ReadonlySet<unknown> {
  // zod writes a plain type that may be null as a list of both.
  return new Set(shapes.flatMap(({ type }) => type));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function place(body: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = "", ...rest] = path;
  if (head === "__proto__") return;
  if (rest.length === 0) {
    body[head] = value;
    return;
  }
  const known = body[head];
  const inner: Record<string, unknown> = isRecord(known) ? known : {};
  body[head] = inner;
  place(inner, rest, value);
}

/** Members that are all numbers are the places of a list; gaps, left by a row that was taken out, close. */
function withLists(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, withLists(member)] as const);
  const isList = members.length > 0 && members.every(([name]) => /^\d+$/.test(name));
  if (!isList) return Object.fromEntries(members);
  return members.sort(([one], [other]) => Number(one) - Number(other)).map(([, member]) => member);
}
