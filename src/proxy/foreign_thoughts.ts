import { Buffer } from "node:buffer";
import type { Bytes } from "../core/http.ts";
import { isRecord, listAt, textAt } from "../core/json.ts";
import type { DialectName } from "../core/provider.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * A request for a provider of its caller's own dialect without the thoughts of other providers. Answers that were
 * translated carry them in places of the caller's dialect, behind `kt.` (translate/signature.ts), so that callers bring
 * them back; their own provider would refuse signatures that it has not made. `undefined`, as nearly always, when
 * there are none: then the bytes go as they came. A search of the bytes decides whether anything is looked at.
 */
export function withoutForeignThoughts(
  dialect: DialectName,
  path: string,
  body: Bytes,
  json: Json,
): Bytes | undefined {
  switch (dialect) {
    case "anthropic":
      return mayHold(body, '"kt.') ? written(json, ofAnthropic(json)) : undefined;
    case "gemini":
      return mayHold(body, ENCODED_TAG) ? written(json, ofGemini(json)) : undefined;
    case "openai":
      if (!path.endsWith("/responses")) return undefined;
      return mayHold(body, '"kt.') || mayHold(body, OWN_ID) ? written(json, ofResponses(json)) : undefined;
    case "rest":
      return undefined;
  }
}

/** `kt.` as base64, as it stands in Gemini's signatures. */
const ENCODED_TAG = '"a3Qu';
/** How the id of a thought begins that was told under an id of ours. */
const OWN_ID = '"rs_req_';

/** What may stand in the place of a signature: https://ai.google.dev/gemini-api/docs/thought-signatures */
const GEMINI_PLACEHOLDER = "skip_thought_signature_validator";

function mayHold(body: Bytes, mark: string): boolean {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(mark);
}

function written(before: Json, after: Json): Bytes | undefined {
  return before === after ? undefined : new TextEncoder().encode(JSON.stringify(after));
}

function ofAnthropic(json: Json): Json {
  let isChanged = false;
  const messages = listAt(json, "messages").flatMap((message) => {
    const content = listAt(message, "content");
    const kept = content.filter((block) => !isForeignBlock(block));
    if (!isRecord(message) || kept.length === content.length) return [message];
    isChanged = true;
    return kept.length === 0 ? [] : [{ ...message, content: kept }];
  });
  if (!isChanged) return json;
  if (!lacksThought(json, messages)) return { ...json, messages };
  const { thinking: _thinking, ...rest } = json;
  return { ...rest, messages };
}

function isForeignBlock(block: unknown): boolean {
  const type = textAt(block, "type");
  return (type === "thinking" && textAt(block, "signature").startsWith("kt.")) ||
    (type === "redacted_thinking" && textAt(block, "data").startsWith("kt."));
}

/**
 * Whether the last turn of the model calls tools without the thought that must stand before them while thinking is
 * "enabled". Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking#extended-thinking-with-tool-use
 */
function lacksThought(json: Json, messages: readonly unknown[]): boolean {
  if (textAt(json, "thinking", "type") !== "enabled") return false;
  const last = messages.findLast((message) => textAt(message, "role") === "assistant");
  const types = listAt(last, "content").map((block) => textAt(block, "type"));
  return types.includes("tool_use") && !types.some((type) => type.endsWith("thinking"));
}

function ofGemini(json: Json): Json {
  let isChanged = false;
  const contents = listAt(json, "contents").map((content) => {
    const parts = listAt(content, "parts").map((part) => {
      if (!isRecord(part)) return part;
      const member = ["thoughtSignature", "thought_signature"].find((name) =>
        isForeignSignature(textAt(part, name))
      );
      if (member === undefined) return part;
      isChanged = true;
      const { [member]: _foreign, ...rest } = part;
      const isCall = "functionCall" in part || "function_call" in part;
      return isCall ? { ...rest, [member]: GEMINI_PLACEHOLDER } : rest;
    });
    return isRecord(content) ? { ...content, parts } : content;
  });
  return isChanged ? { ...json, contents } : json;
}

function isForeignSignature(text: string): boolean {
  if (!text.startsWith("a3Qu")) return false;
  try {
    return /^kt\.(?:openai|anthropic)\./.test(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return false; // No base64, so it is not of our making.
  }
}

function ofResponses(json: Json): Json {
  const input = listAt(json, "input");
  const kept = input.filter((item) =>
    textAt(item, "type") !== "reasoning" ||
    !(textAt(item, "encrypted_content").startsWith("kt.") || textAt(item, "id").startsWith("rs_req_"))
  );
  return kept.length === input.length ? json : { ...json, input: kept };
}
