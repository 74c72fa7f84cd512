import type { Issuer, Signature } from "./chat_request.ts";
import { tagged, untagged } from "./signature.ts";

/** What a `redacted_thinking` block of ours may hide: a redacted thought, or the signature of a call or a text. */
export interface Hidden {
  readonly of: "thought" | "call" | "text";
  readonly signature: Signature;
}

/**
 * The data of a `redacted_thinking` block. Anthropic's own data pass as they are. Signatures of other issuers'
 * calls and texts, for which Anthropic has no place, stand there as `kt.<issuer>.call.…`, before their call, and
 * `kt.<issuer>.text.…`, behind their text: callers bring such blocks back unchanged.
 * Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking#thinking-redaction
 */
export function writeHidden(of: Hidden["of"], { issuer, value }: Signature): string {
  return of === "thought" ? tagged({ issuer, value }, "anthropic") : `kt.${issuer}.${of}.${value}`;
}

/** What `writeHidden` wrote, or Anthropic's own redacted thought. */
export function readHidden(data: string): Hidden {
  const signature = untagged(data, "anthropic");
  const { issuer, value } = signature;
  if (value !== data && value.startsWith("call.")) return hidden("call", issuer, value);
  if (value !== data && value.startsWith("text.")) return hidden("text", issuer, value);
  return { of: "thought", signature };
}

function hidden(of: "call" | "text", issuer: Issuer, value: string): Hidden {
  return { of, signature: { issuer, value: value.slice(of.length + 1) } };
}
