import { isRecord, parseJson } from "../core/json.ts";
import { AppError } from "../errors.ts";
import type {
  AssistantPart,
  ChatRequest,
  FilePart,
  ImagePart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
  UserPart,
} from "./chat_request.ts";
import { geminiFile, geminiImage } from "./gemini_media_writer.ts";
import type { GeminiModel } from "./gemini_model.ts";
import { signaturesOf, SKIP_SIGNATURE } from "./gemini_replay.ts";
import { geminiResponse } from "./gemini_tool_result.ts";
import type { RequestTold } from "./sides.ts";

type Part = Record<string, unknown>;

interface Content {
  readonly role: "user" | "model";
  readonly parts: Part[];
}

/** `contents` and `systemInstruction` of a request. Source: https://ai.google.dev/api/caching#Content */
export function geminiContents(
  request: ChatRequest,
  model: GeminiModel,
  told: RequestTold,
): Record<string, unknown> {
  const system = request.system.filter(({ text }) => text !== "").map((part) => textPart(part, told));
  const current = startOfCurrentTurn(request.turns);
  const callNames = new Map<string, string>();
  const contents: Content[] = [];
  let order: readonly string[] = [];
  for (const [at, turn] of request.turns.entries()) {
    if (turn.role === "user") {
      push(contents, { role: "user", parts: userParts(turn.parts, order, callNames, model, told) });
      continue;
    }
    const calls = turn.parts.filter((part) => part.kind === "tool_call");
    for (const call of calls) callNames.set(call.id, call.name);
    order = calls.map(({ id }) => id);
    const mustSign = model.generation >= 3 && !model.isGemma && at > current;
    push(contents, { role: "model", parts: modelParts(turn.parts, calls, mustSign, told) });
  }
  if (system.length === 0) return { contents };
  // Gemma knows no system instruction, and no model answers one alone.
  if (!model.isGemma && contents.length > 0) return { contents, systemInstruction: { parts: system } };
  const [first, ...rest] = contents;
  return {
    contents: first?.role === "user"
      ? [{ role: "user", parts: [...system, ...first.parts] }, ...rest]
      : [{ role: "user", parts: system }, ...contents],
  };
}

/** A content without parts is refused. */
function push(contents: Content[], content: Content): void {
  if (content.parts.length > 0) contents.push(content);
}

/**
 * The last user turn that is more than results: calls behind it must come back signed.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures (turns and steps)
 */
function startOfCurrentTurn(turns: readonly Turn[]): number {
  return turns.findLastIndex((turn) =>
    turn.role === "user" && turn.parts.some(({ kind }) => kind !== "tool_result")
  );
}

function modelParts(
  parts: readonly AssistantPart[],
  calls: readonly ToolCallPart[],
  mustSign: boolean,
  told: RequestTold,
): Part[] {
  const signatures = signaturesOf(parts, calls, told.recall);
  const written: Part[] = [];
  for (const part of parts) {
    if (part.kind === "tool_call") {
      ignoreCache(part, told);
      const isFirst = part === calls[0];
      const signature = signatures.get(part.id) ?? (mustSign && isFirst ? SKIP_SIGNATURE : undefined);
      written.push({
        functionCall: { id: part.id, name: part.name, args: argumentsOf(part) },
        ...(signature === undefined ? {} : { thoughtSignature: signature }),
      });
    } else if (part.kind === "redacted_thinking") told.losses.ignore(told.nameOf("thinking"));
    else if (part.kind === "image") written.push(geminiImage(part, told));
    else {
      if (part.kind === "text") ignoreCache(part, told);
      const signature = part.kind === "refusal" ? undefined : part.signature;
      const own = signature?.issuer === "gemini" ? { thoughtSignature: signature.value } : {};
      const thought = part.kind === "thinking" ? { thought: true } : {};
      if (part.text !== "" || signature?.issuer === "gemini") {
        written.push({ text: part.text, ...thought, ...own });
      }
    }
  }
  return written;
}

function userParts(
  parts: readonly UserPart[],
  order: readonly string[],
  callNames: ReadonlyMap<string, string>,
  model: GeminiModel,
  told: RequestTold,
): Part[] {
  const results = parts.filter((part) => part.kind === "tool_result");
  // Gemini pairs results with calls by their order, too.
  const sorted = results.toSorted((a, b) => placeOf(a.callId, order) - placeOf(b.callId, order));
  const media: Part[] = [];
  const written: Part[] = sorted.map((result) => resultPart(result, callNames, model, media, told));
  written.push(...media);
  for (const part of parts) {
    switch (part.kind) {
      case "tool_result":
        break;
      case "text":
        if (part.text !== "") written.push(textPart(part, told));
        break;
      case "image":
        written.push(geminiImage(part, told));
        break;
      case "audio":
        written.push({ inlineData: { mimeType: part.mediaType, data: part.base64 } });
        break;
      case "file":
        written.push(geminiFile(part, told));
    }
  }
  return written;
}

function placeOf(callId: string, order: readonly string[]): number {
  const at = order.indexOf(callId);
  return at < 0 ? order.length : at;
}

/** @param aside takes the media that this model wants beside the results and not in them */
function resultPart(
  result: ToolResultPart,
  callNames: ReadonlyMap<string, string>,
  model: GeminiModel,
  aside: Part[],
  told: RequestTold,
): Part {
  ignoreCache(result, told);
  const name = result.name ?? callNames.get(result.callId);
  if (name === undefined) {
    throw new AppError("invalid_request", `Cannot find the tool call that ${result.callId} answers`);
  }
  const texts: string[] = [];
  const inside: Part[] = [];
  for (const part of result.parts) {
    if (part.kind === "text") texts.push(part.text);
    else {
      const media = mediaPart(part, told);
      // Only Gemini 3 has media in a result, and there only bytes.
      if (model.generation >= 3 && !model.isGemma && media.inlineData !== undefined) inside.push(media);
      else aside.push(media);
    }
  }
  const hasMedia = texts.length < result.parts.length;
  const response = texts.length === 0 && hasMedia && result.isError !== true
    ? {}
    : geminiResponse(texts.join("\n"), result.isError ?? false);
  return {
    functionResponse: {
      id: result.callId,
      name,
      response,
      ...(inside.length === 0 ? {} : { parts: inside }),
    },
  };
}

function mediaPart(part: ImagePart | FilePart, told: RequestTold): Part {
  return part.kind === "image" ? geminiImage(part, told) : geminiFile(part, told);
}

function textPart(part: TextPart, told: RequestTold): Part {
  ignoreCache(part, told);
  return { text: part.text };
}

/** Gemini caches long prompts by itself. */
function ignoreCache({ cache }: { readonly cache?: unknown }, told: RequestTold): void {
  if (cache !== undefined) told.losses.ignore(told.nameOf("cache"));
}

function argumentsOf(call: ToolCallPart): Record<string, unknown> {
  if (call.arguments === "") return {};
  const parsed = parseJson(call.arguments);
  if (isRecord(parsed)) return parsed;
  throw new AppError("invalid_request", `Cannot read the arguments of tool call ${call.id}: no JSON object`);
}
