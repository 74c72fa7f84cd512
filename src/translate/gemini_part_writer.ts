import { isRecord, parseJson } from "../core/json.ts";
import type { AssistantPart, Signature } from "./chat_request.ts";
import { geminiSignatureText, REDACTED_MARK } from "./gemini_signature.ts";

/** A part of an answer in Google's shape. */
export type GeminiPart = Record<string, unknown>;

/** `undefined`: a call whose arguments are no object. Source: https://ai.google.dev/api/caching#Part */
export function geminiAnswerPart(part: AssistantPart): GeminiPart | undefined {
  switch (part.kind) {
    case "text":
      return { text: part.text, ...signed(part.signature) };
    case "refusal":
      return { text: part.text };
    case "thinking":
      return { text: part.text, thought: true, ...signed(part.signature) };
    case "redacted_thinking":
      return redactedPart({ issuer: part.issuer, value: part.data });
    case "tool_call":
      return callPart(part.id, part.name, part.arguments, part.signature);
    case "image": {
      const { source } = part;
      if (source.kind === "base64") {
        return { inlineData: { mimeType: source.mediaType, data: source.base64 } };
      }
      const { mediaType = "image/png" } = source.kind === "url" ? source : {};
      return { fileData: { mimeType: mediaType, fileUri: source.kind === "url" ? source.url : source.id } };
    }
  }
}

/** A call with its arguments as an object; `undefined` when their text is none. */
export function callPart(
  id: string,
  name: string,
  text: string,
  signature: Signature | undefined,
): GeminiPart | undefined {
  const args = text === "" ? {} : parseJson(text);
  return isRecord(args) ? { functionCall: { id, name, args }, ...signed(signature) } : undefined;
}

/** A thought that only its provider can read: nothing to see, and a value to bring back. */
export function redactedPart({ issuer, value }: Signature): GeminiPart {
  return {
    text: "",
    thought: true,
    thoughtSignature: geminiSignatureText({ issuer, value: REDACTED_MARK + value }),
  };
}

function signed(signature: Signature | undefined): GeminiPart {
  return signature === undefined ? {} : { thoughtSignature: geminiSignatureText(signature) };
}
