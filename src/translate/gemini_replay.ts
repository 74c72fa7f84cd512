import type { AssistantPart, ToolCallPart } from "./chat_request.ts";

/**
 * What Google documents for calls whose signature is lost, e.g. because another model made them. On the first call of
 * a step only: on its siblings newer models answer nothing.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures#faqs, BerriAI/litellm issue 37541
 */
export const SKIP_SIGNATURE = "skip_thought_signature_validator";

/**
 * Gemini's own signatures of these calls by their ids: from the history, or, when it kept none, from memory.
 * @param recall the parts that came with a call, where they are still known
 */
export function signaturesOf(
  parts: readonly AssistantPart[],
  calls: readonly ToolCallPart[],
  recall: (callId: string) => readonly AssistantPart[] | undefined,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { id, signature } of calls) {
    if (signature?.issuer === "gemini" && isWellFormed(signature.value)) found.set(id, signature.value);
  }
  if (found.size > 0 || calls.length === 0 || parts.some(isSignedByGemini)) return found;
  for (const { id } of calls) {
    if (found.has(id)) continue;
    for (const part of recall(id) ?? []) {
      if (part.kind === "tool_call" && part.signature?.issuer === "gemini") {
        found.set(part.id, part.signature.value);
      }
    }
  }
  return found;
}

/** Gemini 2.5 may sign a text or a thought before its calls. */
function isSignedByGemini(part: AssistantPart): boolean {
  return (part.kind === "text" || part.kind === "thinking") && part.signature?.issuer === "gemini";
}

/** What is no base64 has been changed on its way, and would be refused (BerriAI/litellm issue 42201). */
function isWellFormed(value: string): boolean {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(value);
}
