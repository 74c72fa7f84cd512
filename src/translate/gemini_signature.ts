import type { Signature } from "./chat_request.ts";
import { tagged, untagged } from "./signature.ts";

/**
 * A signature for a Gemini caller's `thoughtSignature`. The field is of bytes, so that Google's SDKs in Python and Go
 * decode it as base64: a foreign value's tagged text is encoded once more. Source:
 * https://ai.google.dev/api/caching#Part (`thoughtSignature`: string (bytes format), a base64-encoded string)
 */
export function geminiSignatureText(signature: Signature): string {
  const text = tagged(signature, "gemini");
  return text === signature.value ? text : btoa(text);
}

/** What `geminiSignatureText` wrote; anything else is Gemini's own. */
export function readGeminiSignature(text: string): Signature {
  const plain = text.startsWith(ENCODED_TAG) ? decoded(text) : text;
  return untagged(plain, "gemini");
}

/** The same of thoughts that only their provider can read: base64 has no dot, so that the mark is unmistakable. */
export const REDACTED_MARK = "redacted.";

/** `kt.` is three bytes, so that every tagged text begins with the same four letters. */
const ENCODED_TAG = btoa("kt.");

function decoded(text: string): string {
  try {
    // SDKs encode bytes anew, in base64url.
    return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    // Not of our making after all.
    return text;
  }
}
