import type { Bytes } from "../core/http.ts";
/** Where the string value of a top-level member stands in a JSON object, quotes included: `[start, end)`. */
export interface StringMember {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Finds a top-level string member of a JSON object in its bytes, without parsing the rest. It serves where
 * parsing will not do: to change a model's name and leave every other byte as it came, and to read the
 * model from the beginning of a body that is too large to keep. `undefined` when the member is missing, is
 * no string, or does not stand (whole) in the bytes. Of several, the last one, as `JSON.parse` has it.
 */
export function findStringMember(json: Bytes, name: string): StringMember | undefined {
  let found: StringMember | undefined;
  let depth = 0;
  let isKey = false;
  let key: string | undefined;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE: {
        const end = endOfString(json, at);
        if (end === undefined) return found;
        if (depth === 1) {
          if (isKey) {
            // Only names that could be the one sought are worth decoding.
            key = end - at <= name.length * 6 + 2 ? decodeString(json, at, end) : undefined;
          } else if (key === name) {
            const value = decodeString(json, at, end);
            if (value !== undefined) found = { start: at, end, value };
          }
        }
        at = end - 1;
        break;
      }
      case 0x7b: // {
        depth++;
        isKey = depth === 1;
        break;
      case 0x5b: // [
        depth++;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x3a: // :
        if (depth === 1) isKey = false;
        break;
      case 0x2c: // ,
        if (depth === 1) {
          isKey = true;
          key = undefined;
        }
        break;
    }
  }
  return found;
}

/** `[start, end)`, white space around the value included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the value of a top-level member stands, whatever it is; of several, the last one. `json` parses. */
export function findMember(json: Bytes, name: string): Span | undefined {
  let found: Span | undefined;
  let depth = 0;
  let isKey = false;
  let isSought = false;
  let start = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE: {
        const end = endOfString(json, at);
        if (end === undefined) return found;
        if (depth === 1 && isKey) {
          isSought = end - at <= name.length * 6 + 2 && decodeString(json, at, end) === name;
        }
        at = end - 1;
        break;
      }
      case 0x7b: // {
        depth++;
        isKey = depth === 1;
        break;
      case 0x5b: // [
        depth++;
        break;
      case 0x7d: // }
        depth--;
        if (depth === 0 && isSought) found = { start, end: at };
        break;
      case 0x5d: // ]
        depth--;
        break;
      case 0x3a: // :
        if (depth === 1 && isKey) {
          isKey = false;
          start = at + 1;
        }
        break;
      case 0x2c: // ,
        if (depth === 1) {
          if (isSought) found = { start, end: at };
          isSought = false;
          isKey = true;
        }
        break;
    }
  }
  return found;
}

/** The same bytes with one member's string value exchanged. */
export function replaceStringMember(json: Bytes, member: StringMember, value: string): Bytes {
  return replaceSpan(json, member, JSON.stringify(value));
}

/** The same bytes with other ones, written as text, in a place. */
export function replaceSpan(json: Bytes, { start, end }: Span, written: string): Bytes {
  const text = new TextEncoder().encode(written);
  const replaced = new Uint8Array(json.length - (end - start) + text.length);
  replaced.set(json.subarray(0, start));
  replaced.set(text, start);
  replaced.set(json.subarray(end), start + text.length);
  return replaced;
}

/** The same bytes with one more member, the first. `json` is an object that parses. */
export function addStringMember(json: Bytes, name: string, value: string): Bytes {
  return addMember(json, name, JSON.stringify(value));
}

/** The same, with a value that is written as JSON already. */
export function addMember(json: Bytes, name: string, written: string): Bytes {
  const at = json.indexOf(0x7b) + 1;
  const isEmpty = json.subarray(at).find((byte) => byte > 0x20) === 0x7d;
  return replaceSpan(
    json,
    { start: at, end: at },
    `${JSON.stringify(name)}:${written}${isEmpty ? "" : ","}`,
  );
}

function endOfString(json: Bytes, start: number): number | undefined {
  for (let at = json.indexOf(QUOTE, start + 1); at !== -1; at = json.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (json[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return undefined;
}

const decoder = new TextDecoder();

function decodeString(json: Bytes, start: number, end: number): string | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(json.subarray(start, end)));
    return typeof value === "string" ? value : undefined;
  } catch {
    // A broken escape is the JSON parser's to report, where the whole body is parsed.
    return undefined;
  }
}
