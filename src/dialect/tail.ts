import { parseJson } from "../core/json.ts";

/**
 * JSON of the `data:` lines that mention a member of this name with an object or a string as its value, the
 * last first. Looking for the name is what makes it cheap: text that a model wrote has its quotes escaped, so
 * it cannot match. A line of which the tail has only the end does not parse and is passed over.
 */
export function* linesWith(text: string, member: string): Generator<unknown> {
  const name = `"${member}"`;
  for (let at = text.lastIndexOf(name); at !== -1; at = at === 0 ? -1 : text.lastIndexOf(name, at - 1)) {
    if (!hasValue(text, at + name.length)) continue;
    const start = Math.max(text.lastIndexOf("\n", at), text.lastIndexOf("\r", at)) + 1;
    const line = text.slice(start, lineEnd(text, at));
    const json = parseJson(line.startsWith("data:") ? line.slice(5) : line);
    if (json !== undefined) yield json;
    at = start;
  }
}

function lineEnd(text: string, from: number): number {
  const length = text.slice(from).search(/[\r\n]/);
  return length === -1 ? text.length : from + length;
}

/** Whether a colon and an object, an array or a string follow: `null` tells nothing. */
function hasValue(text: string, from: number): boolean {
  return /^\s*:\s*[{["]/.test(text.slice(from, from + 16));
}

/**
 * The last object that is a member of this name, from a text of which the beginning is missing; `undefined`
 * when there is none. For events that are larger than the tail that was kept.
 */
export function lastObject(text: string, member: string): unknown {
  const name = `"${member}"`;
  for (let at = text.lastIndexOf(name); at !== -1; at = at === 0 ? -1 : text.lastIndexOf(name, at - 1)) {
    const brace = /^\s*:\s*\{/.exec(text.slice(at + name.length, at + name.length + 16));
    if (brace === null) continue;
    const object = objectAt(text, at + name.length + brace[0].length - 1);
    if (object !== undefined) return object;
  }
  return undefined;
}

/** Usage objects are small: a longer one is not looked at. */
const MAX_OBJECT_CHARS = 4096;

function objectAt(text: string, start: number): unknown {
  let depth = 0;
  for (let at = start; at < text.length && at < start + MAX_OBJECT_CHARS; at++) {
    const char = text[at];
    // Usage holds counts and short names only: braces inside its strings do not occur.
    if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return parseJson(text.slice(start, at + 1));
  }
  return undefined;
}
