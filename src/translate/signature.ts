import type { Issuer, Signature } from "./chat_request.ts";

const TAG = /^kt\.(openai|anthropic|gemini)\./;

/** Stands for a signature where a dialect wants one and the thought has none: without it callers drop thoughts. */
export const UNSIGNED = "kt.";

/**
 * A signature as text for a dialect that has one place for opaque values: the dialect's own value as it is, a foreign
 * one behind `kt.<issuer>.`, so that a caller brings it back and `untagged` knows whose it is.
 * @param own whose values stand there without a tag
 */
export function tagged(signature: Signature, own: Issuer): string {
  const { issuer, value } = signature;
  // An own value that looks like a tag would come back as another issuer's.
  return issuer === own && !TAG.test(value) ? value : `kt.${issuer}.${value}`;
}

/** What `tagged` wrote; text without a tag is the dialect's own. */
export function untagged(value: string, own: Issuer): Signature {
  switch (TAG.exec(value)?.[1]) {
    case "openai":
      return { issuer: "openai", value: value.slice("kt.openai.".length) };
    case "anthropic":
      return { issuer: "anthropic", value: value.slice("kt.anthropic.".length) };
    case "gemini":
      return { issuer: "gemini", value: value.slice("kt.gemini.".length) };
    default:
      return { issuer: own, value };
  }
}
