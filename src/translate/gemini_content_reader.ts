import type {
  AssistantPart,
  ImagePart,
  Signature,
  TextPart,
  ToolCallPart,
  Turn,
  UserPart,
} from "./chat_request.ts";
import { GeminiCallBook } from "./gemini_call_book.ts";
import type { GeminiField } from "./gemini_field.ts";
import { readGeminiFile, readGeminiInline } from "./gemini_media_reader.ts";
import { readGeminiSignature, REDACTED_MARK } from "./gemini_signature.ts";
import { readGeminiToolResult } from "./gemini_tool_result.ts";
import type { Losses } from "./losses.ts";

/** What holds for all of a conversation. */
export interface ContentReading {
  readonly losses: Losses;
  /** Of images that state none (`generationConfig.mediaResolution`). */
  readonly detail: ImagePart["detail"];
}

/** Members of a part that are no data. */
const PART_DETAILS: ReadonlySet<string> = new Set(["thought", "thoughtSignature", "mediaResolution"]);

/** Members that nothing is lost without. */
const PART_HINTS: ReadonlySet<string> = new Set([
  "videoMetadata",
  "partMetadata",
  "mediaProcessing",
  "speechMetadata",
  "audioTranscription",
]);

/**
 * The turns of `contents` in their normal form. Source: https://ai.google.dev/api/caching#Content
 * @throws {AppError} `invalid_request`, also for parts that no other provider has
 */
export function readGeminiContents(contents: GeminiField, reading: ContentReading): Turn[] {
  const calls = new GeminiCallBook(contents);
  const turns: Turn[] = [];
  let results: UserPart[] = [];
  let user: UserPart[] = [];
  let assistant: AssistantPart[] = [];
  const close = (): void => {
    if (assistant.length > 0) turns.push({ role: "assistant", parts: assistant });
    if (results.length + user.length > 0) turns.push({ role: "user", parts: [...results, ...user] });
    results = [];
    user = [];
    assistant = [];
  };
  for (const content of contents.items()) {
    const isModel = roleOf(content) === "model";
    if (isModel ? results.length + user.length > 0 : assistant.length > 0) close();
    for (const part of content.member("parts")?.items() ?? []) {
      if (isModel) assistant.push(...readModelPart(part, calls, reading));
      else {for (const read of readUserPart(part, calls, reading)) {
          (isResult(read) ? results : user).push(read);
        }}
    }
  }
  close();
  return turns;
}

/** Text of `systemInstruction`: a content, or plain text as Google's SDKs take it. */
export function readGeminiSystem(field: GeminiField): TextPart[] {
  if (typeof field.value === "string") return field.value === "" ? [] : [{ kind: "text", text: field.value }];
  const read: TextPart[] = [];
  for (const part of field.member("parts")?.items() ?? []) {
    const text = part.member("text");
    if (text === undefined && part.others(PART_DETAILS).length > 0) part.invalid("only text can stand here");
    if (text !== undefined && text.value !== "") read.push({ kind: "text", text: text.text() });
  }
  return read;
}

function isResult(part: UserPart): boolean {
  return part.kind === "tool_result";
}

function roleOf(content: GeminiField): string {
  const role = content.member("role")?.text() ?? "user";
  // `function` was the role of results in the first versions of the API.
  if (role === "model" || role === "user" || role === "function" || role === "") return role;
  return content.invalid("role must be user or model");
}

function readUserPart(part: GeminiField, calls: GeminiCallBook, reading: ContentReading): UserPart[] {
  const data = dataOf(part, reading.losses);
  if (data === undefined) return [];
  switch (data.name) {
    case "text":
      return data.field.text() === "" ? [] : [{ kind: "text", text: data.field.text() }];
    case "inlineData":
      return [withDetail(readGeminiInline(data.field, reading.losses), part, reading)];
    case "fileData":
      return [withDetail(readGeminiFile(data.field, reading.losses), part, reading)];
    case "functionResponse":
      return [readGeminiToolResult(data.field, calls, reading.losses)];
    default:
      return data.field.invalid("it can only come from the model");
  }
}

function readModelPart(part: GeminiField, calls: GeminiCallBook, reading: ContentReading): AssistantPart[] {
  const data = dataOf(part, reading.losses);
  const signature = signatureOf(part);
  const signed = signature === undefined ? {} : { signature };
  const isThought = part.member("thought")?.flag() ?? false;
  if (isThought && signature?.value.startsWith(REDACTED_MARK) === true) {
    const { issuer, value } = signature;
    return [{ kind: "redacted_thinking", issuer, data: value.slice(REDACTED_MARK.length) }];
  }
  if (data === undefined || data.name === "text") {
    const text = data?.field.text() ?? "";
    if (text === "" && signature === undefined) return [];
    return [{ kind: isThought ? "thinking" : "text", text, ...signed }];
  }
  if (data.name === "functionCall") return [{ ...readCall(data.field, calls), ...signed }];
  if (data.name === "functionResponse") return data.field.invalid("it can only come from the user");
  const read = data.name === "inlineData"
    ? readGeminiInline(data.field, reading.losses)
    : readGeminiFile(data.field, reading.losses);
  // Pictures of thoughts are of no use to another model.
  if (isThought) return [];
  return read.kind === "image" ? [read] : data.field.invalid("only images can come from the model");
}

function readCall(field: GeminiField, calls: GeminiCallBook): ToolCallPart {
  const name = field.member("name")?.text() ?? field.invalid("it has no name");
  const args = field.member("args")?.record() ?? {};
  const id = calls.open(field.member("id")?.text() ?? "", name);
  return { kind: "tool_call", id, name, arguments: JSON.stringify(args) };
}

type DataName = "text" | "inlineData" | "fileData" | "functionCall" | "functionResponse";

const DATA_NAMES: readonly DataName[] = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
];

const PART_MEMBERS: ReadonlySet<string> = new Set([...DATA_NAMES, ...PART_DETAILS]);

/** The one data member of a part; `undefined` for a part of a signature alone. */
function dataOf(
  part: GeminiField,
  losses: Losses,
): { readonly name: DataName; readonly field: GeminiField } | undefined {
  for (const other of part.others(PART_MEMBERS)) {
    if (PART_HINTS.has(other.camelName())) losses.ignore(other.path);
    else losses.refuse(other.path, "no other provider has this kind of part");
  }
  for (const name of DATA_NAMES) {
    const field = part.member(name);
    if (field !== undefined) return { name, field };
  }
  return undefined;
}

function signatureOf(part: GeminiField): Signature | undefined {
  const text = part.member("thoughtSignature")?.text() ?? "";
  return text === "" ? undefined : readGeminiSignature(text);
}

function withDetail(read: UserPart, part: GeminiField, reading: ContentReading): UserPart {
  if (read.kind !== "image") return read;
  const own = part.member("mediaResolution");
  const level = own === undefined ? undefined : own.member("level")?.name();
  const detail = level === undefined ? reading.detail : readMediaResolution(level);
  return detail === undefined ? read : { ...read, detail };
}

/** `MEDIA_RESOLUTION_LOW` and its kin as a detail; `undefined` for what lies between. */
export function readMediaResolution(name: string): ImagePart["detail"] {
  if (name.endsWith("_LOW")) return "low";
  return name.endsWith("_HIGH") ? "high" : undefined;
}
