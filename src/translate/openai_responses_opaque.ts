import type { AssistantPart, Issuer, Signature } from "./chat_request.ts";
import { tagged, untagged } from "./signature.ts";

/**
 * What a reasoning item's `encrypted_content` carries. OpenAI has that one place for opaque values, so the signatures
 * of calls and texts and the thoughts that only their provider can read travel in reasoning items of their own,
 * behind a word that says what they are: `kt.call.`, `kt.text.`, `kt.redacted.`. A value without such a word is the
 * signature of the item's own thoughts.
 * Source: https://developers.openai.com/api/docs/guides/reasoning (encrypted reasoning items)
 */
export type Opaque =
  | { readonly of: "thinking" | "call" | "text"; readonly signature: Signature }
  | { readonly of: "redacted"; readonly issuer: Issuer; readonly data: string };

/** The text for `encrypted_content`. */
export function opaqueText(opaque: Opaque): string {
  if (opaque.of === "thinking") {
    const text = tagged(opaque.signature, "openai");
    // An own value that looks like one of the words would come back as another thing.
    return WORDS.test(text) ? `kt.openai.${text}` : text;
  }
  const signature = opaque.of === "redacted"
    ? { issuer: opaque.issuer, value: opaque.data }
    : opaque.signature;
  return `kt.${opaque.of}.${tagged(signature, "openai")}`;
}

/** What `opaqueText` wrote, or OpenAI itself. */
export function readOpaque(text: string): Opaque {
  const word = WORDS.exec(text)?.[1];
  const signature = untagged(word === undefined ? text : text.slice(`kt.${word}.`.length), "openai");
  if (word === "redacted") return { of: "redacted", issuer: signature.issuer, data: signature.value };
  return { of: word === "call" || word === "text" ? word : "thinking", signature };
}

/** The opaque value that an assistant part brings besides its own words, or `undefined`. */
export function opaqueOf(part: AssistantPart): Opaque | undefined {
  if (part.kind === "redacted_thinking") return { of: "redacted", issuer: part.issuer, data: part.data };
  if (!("signature" in part) || part.signature === undefined) return undefined;
  return { of: part.kind === "tool_call" ? "call" : part.kind, signature: part.signature };
}

const WORDS = /^kt\.(call|text|redacted)\./;
