import {
  type Body,
  type BodySource,
  type Bytes,
  EMPTY_BODY,
  type Header,
  headerValue,
} from "../core/http.ts";
import { AppError } from "../errors.ts";
import type { Incoming } from "./incoming.ts";
import { findStringMember } from "./json_member.ts";

/** A request's body, and what the proxy must know of it. */
export interface RequestBody {
  /** What goes upstream: bytes can be sent again, a source only once. */
  readonly body: Body | undefined;
  /** The model it names, or `undefined`. */
  readonly model: string | undefined;
  /** More models that it names, to be taken when that one fails (OpenRouter's `models`). */
  readonly otherModels: readonly string[];
  /** Whether the body asks for a stream. */
  readonly isStream: boolean;
  /** Whether it is a JSON object that was read whole. */
  readonly isJson: boolean;
  /** That object, else `undefined`. Not to be kept for longer than it is needed: it may be large. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
  /** How much it asks to be generated at most; 0 when it does not say. */
  readonly maxOutputTokens: number;
}

export interface BodyLimits {
  readonly maxReplayBytes: number;
  readonly maxBodyBytes: number;
}

const NONE: readonly string[] = [];
const UNREAD = {
  model: undefined,
  otherModels: NONE,
  isStream: false,
  isJson: false,
  json: undefined,
  maxOutputTokens: 0,
};
const NO_BODY: RequestBody = { ...UNREAD, body: undefined };

/**
 * Reads a request's body up to `maxReplayBytes`, so that it can be sent again; a larger one becomes a
 * source that continues where reading stopped. With `isJson` it must be JSON (where it was read whole).
 * @throws {AppError} `body_too_large`, `unsupported_media_type`, or `invalid_request` for broken JSON.
 */
export async function readRequestBody(
  incoming: Incoming,
  isJson: boolean,
  limits: BodyLimits,
): Promise<RequestBody> {
  const declared = declaredLength(incoming.headers);
  if (declared !== undefined && declared > limits.maxBodyBytes) throw tooLarge(limits.maxBodyBytes);
  const contentType = headerValue(incoming.headers, "content-type") ?? "";
  if (isJson && contentType !== "" && !JSON_TYPE.test(contentType) && declared !== 0) {
    throw new AppError(
      "unsupported_media_type",
      "Cannot read the body: its content type is not application/json",
    );
  }
  if (declared !== undefined && declared <= limits.maxReplayBytes) {
    if (declared === 0) return NO_BODY;
    return describe(await incoming.bytes(), contentType, isJson);
  }
  const source = incoming.body();
  if (source === undefined) return NO_BODY;
  return await readUnknownLength(source, contentType, isJson, limits);
}

/** Whether a path takes JSON and nothing else. Uploads (files, audio, image edits) do not match. */
export function isJsonPath(method: string, path: string): boolean {
  return method === "POST" && JSON_PATH.test(path);
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i;
const JSON_PATH =
  /\/(?:chat\/completions|completions|responses|embeddings|moderations|images\/generations|audio\/speech|messages|messages\/count_tokens|models\/[^/]+:\w+)$/;

async function readUnknownLength(
  source: BodySource,
  contentType: string,
  isJson: boolean,
  limits: BodyLimits,
): Promise<RequestBody> {
  const chunks: Bytes[] = [];
  let size = 0;
  while (size <= limits.maxReplayBytes) {
    const chunk = await source.read();
    if (chunk === undefined) {
      return size === 0 ? NO_BODY : describe(concat(chunks, size), contentType, isJson);
    }
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > limits.maxBodyBytes) {
      source.cancel();
      throw tooLarge(limits.maxBodyBytes);
    }
  }
  const head = concat(chunks, size);
  const model = JSON_TYPE.test(contentType)
    ? findStringMember(head, "model")?.value
    : modelInForm(head, contentType);
  return { ...UNREAD, body: continued(head, source, limits.maxBodyBytes), model };
}

function describe(bytes: Bytes, contentType: string, isJson: boolean): RequestBody {
  if (bytes.byteLength === 0) return NO_BODY;
  if (isJson || JSON_TYPE.test(contentType)) {
    const json = parseObject(bytes, isJson);
    const model = json["model"];
    return {
      body: bytes,
      model: typeof model === "string" ? model : undefined,
      otherModels: json["models"] === undefined ? NONE : textsOf(json["models"]),
      isStream: json["stream"] === true,
      isJson: json !== NOTHING,
      json: json === NOTHING ? undefined : json,
      maxOutputTokens: maxOutputTokensOf(json),
    };
  }
  return { ...UNREAD, body: bytes, model: modelInForm(bytes, contentType) };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : NONE;
}

/** By the names of chat completions, Anthropic, the Responses API, and Gemini. */
function maxOutputTokensOf(json: Record<string, unknown>): number {
  const config = json["generationConfig"];
  const stated = json["max_completion_tokens"] ?? json["max_tokens"] ?? json["max_output_tokens"] ??
    (isObject(config) ? config["maxOutputTokens"] : undefined);
  return typeof stated === "number" && stated > 0 ? Math.ceil(stated) : 0;
}

const decoder = new TextDecoder();
const NOTHING: Record<string, unknown> = {};

function parseObject(bytes: Bytes, isRequired: boolean): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    // The parser's message may repeat the body.
    if (!isRequired) return NOTHING;
    throw new AppError("invalid_request", "Cannot read the body: it is not valid JSON");
  }
  if (isObject(value)) return value;
  if (!isRequired) return NOTHING;
  throw new AppError("invalid_request", "Cannot read the body: it is not a JSON object");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The `model` field of a multipart form, as uploads of audio and images have it. */
function modelInForm(bytes: Bytes, contentType: string): string | undefined {
  if (!contentType.startsWith("multipart/form-data")) return undefined;
  // Latin-1 keeps one character a byte; only a short ASCII field is read from it.
  const text = new TextDecoder("latin1").decode(bytes);
  return MODEL_FIELD.exec(text)?.[1];
}

const MODEL_FIELD =
  /content-disposition:[^\r\n]*;\s*name="?model"?[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]{1,200})\r\n/di;

/** The same form with another value of its `model` field. */
export function replaceModelInForm(bytes: Bytes, model: string): Bytes {
  const [start, end] = MODEL_FIELD.exec(new TextDecoder("latin1").decode(bytes))?.indices?.[1] ?? [];
  if (start === undefined || end === undefined) return bytes;
  const value = new TextEncoder().encode(model);
  return concat(
    [bytes.subarray(0, start), value, bytes.subarray(end)],
    bytes.length - (end - start) + value.length,
  );
}

/** What was read already, then the rest as it comes, with the limit still held. */
function continued(head: Bytes, rest: BodySource, maxBytes: number): BodySource {
  let pending: Bytes | undefined = head;
  let size = head.byteLength;
  return {
    async read() {
      if (pending !== undefined) {
        const first = pending;
        pending = undefined;
        return first;
      }
      const chunk = await rest.read();
      size += chunk?.byteLength ?? 0;
      if (size > maxBytes) {
        rest.cancel();
        throw tooLarge(maxBytes);
      }
      return chunk;
    },
    cancel: () => rest.cancel(),
  };
}

function declaredLength(headers: readonly Header[]): number | undefined {
  const value = headerValue(headers, "content-length");
  return value === undefined ? undefined : Number(value);
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("body_too_large", `Cannot take the body: it is larger than ${maxBytes} bytes`);
}

/** Chunks joined into one array. */
export function concat(chunks: readonly Bytes[], size: number): Bytes {
  const first = chunks[0];
  if (chunks.length === 1 && first !== undefined) return first;
  if (chunks.length === 0) return EMPTY_BODY;
  const joined = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.byteLength;
  }
  return joined;
}
