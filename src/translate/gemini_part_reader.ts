import { isRecord } from "../core/json.ts";
import type { ChatEvent } from "./chat_answer.ts";
import type { Signature } from "./chat_request.ts";

/** Where a part belongs: which choice, and how many calls it has so far. */
export interface PartLane {
  readonly choice: number;
  calls: number;
}

/**
 * The events of a candidate's parts, in their order. Source: https://ai.google.dev/api/caching#Part
 * @returns what is wrong with a part that cannot be told: nothing of an answer is left out in silence
 */
export function readGeminiParts(
  parts: readonly unknown[],
  lane: PartLane,
  idMaterial: string,
  events: ChatEvent[],
): string | undefined {
  for (const part of parts) {
    if (!isRecord(part)) return "a part is no object";
    const problem = readPart(part, lane, idMaterial, events);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * What makes derived call ids differ between answers, in characters that every provider takes in an id.
 * @param responseId of the answer; "" when it has none: then its text stands in
 */
export function callIdMaterial(responseId: string, text: string): string {
  const material = responseId.replaceAll(/[^A-Za-z0-9_-]/g, "").slice(-24);
  return material === "" ? hashOf(text) : material;
}

function readPart(
  part: Record<string, unknown>,
  lane: PartLane,
  idMaterial: string,
  events: ChatEvent[],
): string | undefined {
  const { choice } = lane;
  const { text, thought, functionCall, inlineData } = part;
  const signature = signatureOf(part.thoughtSignature);
  if (functionCall !== undefined) return readCall(functionCall, signature, lane, idMaterial, events);
  if (inlineData !== undefined) {
    if (!isRecord(inlineData)) return "inlineData is no object";
    const { mimeType, data } = inlineData;
    if (typeof mimeType !== "string" || typeof data !== "string") return "inlineData has no data";
    if (!mimeType.startsWith("image/")) return `nobody asked for ${mimeType.slice(0, 40)}`;
    // A picture of a thought is no part of the answer.
    if (thought !== true) events.push({ kind: "image", choice, mediaType: mimeType, base64: data });
    return undefined;
  }
  if (text !== undefined && typeof text !== "string") return "a text is none";
  if (text === undefined) {
    const unknown = Object.keys(part).find((member) => !SIDE_MEMBERS.has(member));
    if (unknown !== undefined) return `a part has ${unknown.slice(0, 40)}`;
  }
  const kind = thought === true ? "thinking" : "text";
  if (text !== undefined && text !== "") events.push({ kind, choice, text });
  if (signature !== undefined) events.push({ kind: "signature", choice, of: kind, signature });
  return undefined;
}

/** Members that may stand without data. */
const SIDE_MEMBERS: ReadonlySet<string> = new Set(["thought", "thoughtSignature", "partMetadata"]);

function readCall(
  functionCall: unknown,
  signature: Signature | undefined,
  lane: PartLane,
  idMaterial: string,
  events: ChatEvent[],
): string | undefined {
  if (!isRecord(functionCall)) return "a call is no object";
  const { name, args = null, id } = functionCall;
  if (typeof name !== "string" || name === "") return "a call has no name";
  if (args !== null && !isRecord(args)) return "a call's arguments are no object";
  const { choice } = lane;
  const call = lane.calls++;
  const derived = choice === 0 ? `call_${idMaterial}_${call}` : `call_${idMaterial}_${choice}_${call}`;
  events.push({
    kind: "tool_call",
    choice,
    call,
    id: typeof id === "string" && id !== "" ? id : derived,
    name,
    ...(signature === undefined ? {} : { signature }),
  });
  events.push({ kind: "tool_arguments", choice, call, text: args === null ? "{}" : JSON.stringify(args) });
  events.push({ kind: "tool_call_end", choice, call });
  return undefined;
}

function signatureOf(value: unknown): Signature | undefined {
  return typeof value === "string" && value !== "" ? { issuer: "gemini", value } : undefined;
}

/** FNV-1a, 32 bits twice: enough to tell the answers of one conversation apart. */
function hashOf(text: string): string {
  let one = 0x811c9dc5;
  let other = 0x01000193;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x85ebca6b);
  }
  return (one >>> 0).toString(36) + (other >>> 0).toString(36);
}
