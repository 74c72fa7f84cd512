import { isRecord, listAt, textAt, valueAt } from "../core/json.ts";
import type { Citation, Finish, TokenLogprob } from "./chat_answer.ts";
import type { Signature } from "./chat_request.ts";
import { AnswerUnreadableError } from "./sides.ts";
import { untagged } from "./signature.ts";

/**
 * A `finish_reason`, by whatever name servers have for it. `stop` with tool calls seen is `tool_calls`
 * (python-genai#2868); `tool_calls` without one, a reason that nobody knows, and none at all are `failed`.
 * @param native OpenRouter's `native_finish_reason`, where it was told
 */
export function openAiChatFinishOf(reason: string, native: string, hasCalls: boolean): Finish {
  switch (reason) {
    case "stop":
    case "end_turn":
    case "eos":
    case "eos_token":
      return { reason: hasCalls ? "tool_calls" : "stop" };
    case "tool_calls":
    case "function_call":
      return hasCalls ? { reason: "tool_calls" } : { reason: "failed", native: native || reason };
    case "length":
    case "max_tokens":
    // Mistral's for a full context window.
    case "model_length":
      return { reason: "length" };
    case "content_filter":
      return { reason: "content_filter" };
    default:
      return { reason: "failed", native: native || reason || "none" };
  }
}

/** A piece of what a message or a delta says. */
export interface SaidPiece {
  readonly kind: "text" | "thinking" | "refusal";
  readonly text: string;
}

/**
 * What a message or a delta says, thoughts first. Thoughts stand in `reasoning_content` (DeepSeek), `reasoning`
 * (OpenRouter, Groq), `reasoning_details` (OpenRouter, where the others are missing) or in a content array (Mistral:
 * https://docs.mistral.ai/capabilities/reasoning/). Empty pieces are left out.
 * @throws {AnswerUnreadableError} when the content is neither text nor a list of parts
 */
export function saidIn(message: Record<string, unknown>): SaidPiece[] {
  const pieces: SaidPiece[] = [];
  push(pieces, "thinking", thoughtsOf(message));
  const { content } = message;
  if (typeof content === "string") push(pieces, "text", content);
  else if (Array.isArray(content)) { for (const part of content) pushPart(pieces, part); }
  else if (content !== null && content !== undefined) throw new AnswerUnreadableError("content is no text");
  if (typeof message.refusal === "string") push(pieces, "refusal", message.refusal);
  return pieces;
}

function push(pieces: SaidPiece[], kind: SaidPiece["kind"], text: string): void {
  if (text !== "") pieces.push({ kind, text });
}

function pushPart(pieces: SaidPiece[], part: unknown): void {
  if (!isRecord(part)) throw new AnswerUnreadableError("a part of content is no object");
  if (part.type === "thinking") {
    const { thinking } = part;
    if (typeof thinking === "string") push(pieces, "thinking", thinking);
    else push(pieces, "thinking", listAt(thinking).map((piece) => textAt(piece, "text")).join(""));
  } else if (part.type === "refusal") push(pieces, "refusal", textAt(part, "refusal"));
  // Other parts (Mistral's references) say nothing by themselves.
  else if (part.type === "text" || part.type === "output_text") push(pieces, "text", textAt(part, "text"));
}

function thoughtsOf(message: Record<string, unknown>): string {
  const { reasoning_content: content, reasoning, reasoning_details: details } = message;
  if (typeof content === "string" && content !== "") return content;
  if (typeof reasoning === "string" && reasoning !== "") return reasoning;
  if (!Array.isArray(details)) return "";
  return details.map((detail) => textAt(detail, "text") || textAt(detail, "summary")).join("");
}

/** `annotations` of a message or a delta that name a page. */
export function citationsIn(message: Record<string, unknown>): Citation[] {
  return listAt(message.annotations).flatMap((annotation): Citation[] => {
    const cited = valueAt(annotation, "url_citation");
    const url = textAt(cited, "url");
    if (url === "") return [];
    const title = textAt(cited, "title");
    const quote = textAt(cited, "content");
    const start = valueAt(cited, "start_index");
    const end = valueAt(cited, "end_index");
    const hasRange = typeof start === "number" && typeof end === "number" && end > start;
    return [{
      url,
      ...(title === "" ? {} : { title }),
      ...(quote === "" ? {} : { quote }),
      ...(hasRange ? { start, end } : {}),
    }];
  });
}

/** `logprobs` of a choice; `undefined` without any. */
export function logprobsIn(choice: Record<string, unknown>): TokenLogprob[] | undefined {
  const read = listAt(choice.logprobs, "content").flatMap((item): TokenLogprob[] => {
    const told = chanceOf(item);
    return told === undefined
      ? []
      : [{ ...told, top: listAt(item, "top_logprobs").flatMap((other) => chanceOf(other) ?? []) }];
  });
  return read.length === 0 ? undefined : read;
}

function chanceOf(value: unknown): { token: string; logprob: number } | undefined {
  const logprob = valueAt(value, "logprob");
  return typeof logprob === "number" ? { token: textAt(value, "token"), logprob } : undefined;
}

/** A picture: its bytes, or the address where they are. */
export type ReadImage = { readonly mediaType: string; readonly base64: string } | { readonly url: string };

/** Pictures of a message or a delta: OpenRouter's `images`. */
export function imagesIn(message: Record<string, unknown>): ReadImage[] {
  return listAt(message.images).flatMap((image): ReadImage[] => {
    const url = textAt(image, "image_url", "url");
    if (url === "") return [];
    const comma = url.indexOf(",");
    const head = comma === -1 ? "" : url.slice(0, comma);
    if (!head.startsWith("data:") || !head.endsWith(";base64")) return [{ url }];
    return [{ mediaType: head.slice("data:".length, -";base64".length), base64: url.slice(comma + 1) }];
  });
}

/** The Gemini signature of a message, a delta or a tool call (ai.google.dev/gemini-api/docs/thought-signatures). */
export function signatureIn(holder: Record<string, unknown>): Signature | undefined {
  if (holder.extra_content === undefined) return undefined;
  const value = textAt(holder.extra_content, "google", "thought_signature");
  return value === "" ? undefined : untagged(value, "gemini");
}

/**
 * Arguments of a tool call as JSON text, "" for none: some servers send the object itself.
 * @throws {AnswerUnreadableError} for anything else
 */
export function argumentsIn(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (isRecord(value)) return JSON.stringify(value);
  throw new AnswerUnreadableError("arguments of a tool call are no text");
}

/** An error that stands in a body or a chunk, whatever its form; `undefined` without one. Its message is the upstream's. */
export function errorIn(json: unknown): { readonly message: string; readonly code: string } | undefined {
  // Google's endpoint answers a list of one.
  if (Array.isArray(json)) return json.map(errorIn).find((error) => error !== undefined);
  if (!isRecord(json)) return undefined;
  if (json.object === "error" || json.type === "error") {
    return errorWords(isRecord(json.error) ? json.error : json);
  }
  if (isRecord(json.error)) return errorWords(json.error);
  if (typeof json.error === "string" && json.error !== "") return { message: json.error, code: "" };
  const [choice] = listAt(json.choices);
  if (isRecord(choice) && isRecord(choice.error)) return errorWords(choice.error);
  const end = textAt(choice, "finish_reason");
  return FAILED_ENDS.has(end)
    ? { message: `The model stopped with finish_reason ${end}`, code: end }
    : undefined;
}

/** Ends that mean that the provider gave up (docs of OpenRouter, Mistral and DeepSeek). */
const FAILED_ENDS: ReadonlySet<string> = new Set(["error", "insufficient_system_resource"]);

function errorWords(error: Record<string, unknown>): { message: string; code: string } {
  return {
    message: textAt(error, "message") || textAt(error, "detail") ||
      "The provider told an error without words",
    code: textAt(error, "code") || textAt(error, "status") || textAt(error, "type"),
  };
}

/** Id of a tool call that its provider gave none: of the answer's id, so that no two answers have the same. */
export function derivedCallId(answerId: string, choice: number, call: number): string {
  return `call_${answerId.replace(/^chatcmpl-/, "")}_${choice}_${call}`;
}
