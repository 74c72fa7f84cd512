import { MAX_WEIGHT, MIN_WEIGHT } from "./provider_key.ts";
import { Secret } from "./secret.ts";

/** A provider key as somebody typed it: the secret, and its weight if one was given. */
export interface KeySeed {
  readonly secret: Secret;
  readonly weight?: number;
}

export interface KeyList {
  readonly seeds: KeySeed[];
  /** Entries that are no key, with the reason; the text is never repeated. */
  readonly invalid: { readonly position: number; readonly reason: string }[];
}

const MAX_KEY_LENGTH = 4096;

/**
 * Reads keys that are separated by newlines or commas: `key` or `key:weight` with a weight of 1 to 1000. Lines
 * that begin with `#` are comments. A key has printable ASCII characters and no spaces, because it travels in
 * a header: words with spaces between them are no keys, and are told so.
 */
export function parseKeyList(text: string): KeyList {
  const list: KeyList = { seeds: [], invalid: [] };
  const entries = text.split(/\r\n|\r|\n/).filter((line) => !line.trimStart().startsWith("#"))
    .flatMap((line) => line.split(",")).map((entry) => entry.trim()).filter((entry) => entry !== "");
  entries.forEach((entry, index) => {
    const seed = parseKeyEntry(entry);
    if (typeof seed === "string") list.invalid.push({ position: index + 1, reason: seed });
    else list.seeds.push(seed);
  });
  return list;
}

/** One `key` or `key:weight`; a string is the reason why it is none. */
export function parseKeyEntry(entry: string): KeySeed | string {
  const weighted = /^(.+):(\d{1,5})$/.exec(entry);
  const key = weighted?.[1] ?? entry;
  const fault = keyFault(key);
  if (fault !== undefined) return fault;
  if (weighted?.[2] === undefined) return { secret: new Secret(key) };
  const weight = Number(weighted[2]);
  if (weight < MIN_WEIGHT || weight > MAX_WEIGHT) return `weight is not from ${MIN_WEIGHT} to ${MAX_WEIGHT}`;
  return { secret: new Secret(key), weight };
}

/** Why a text cannot be a key, or `undefined` when it can. */
export function keyFault(key: string): string | undefined {
  if (key === "") return "key is empty";
  if (key.length > MAX_KEY_LENGTH) return `key is longer than ${MAX_KEY_LENGTH} characters`;
  if (!/^[\x21-\x7e]+$/.test(key)) return "key has spaces, control or non-ASCII characters";
  return undefined;
}
