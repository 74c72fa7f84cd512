import type { Context } from "hono";
import type { z } from "zod";
import { AppError } from "../errors.ts";

/** Room for 100,000 keys of 300 characters. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The request's JSON body, checked by its schema; an empty one reads as `{}` where it may be left out.
 * @throws {AppError} `invalid_request` for a body that is no JSON, `unprocessable` for one with a wrong field:
 * its message names the fields, and `details.fields` has a message for each.
 */
export async function readBody<T>(context: Context, schema: z.ZodType<T>, isOptional: boolean): Promise<T> {
  if (!isOptional) requireJsonType(context);
  const text = await readText(context.req.raw, MAX_BYTES);
  if (isOptional && text === "") return checkPart({}, schema, "body");
  requireJsonType(context);
  return checkPart(parse(text), schema, "body");
}

/** The JSON body of a handler that is no `action()`. */
export function readJson<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  return readBody(context, schema, false);
}

/**
 * The fields of a posted form, files as their text; `undefined` for a body of another type.
 * @throws {AppError} `body_too_large`, `invalid_request`
 */
export async function readForm(
  context: Context,
  maxBytes = MAX_BYTES,
): Promise<Map<string, string[]> | undefined> {
  const type = context.req.header("content-type") ?? "";
  const isMultipart = /^multipart\/form-data\s*;/i.test(type);
  if (!isMultipart && !/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return undefined;
  const text = await readText(context.req.raw, maxBytes);
  const form = isMultipart ? await parseMultipart(text, type) : new URLSearchParams(text);
  const fields = new Map<string, string[]>();
  for (const [name, value] of form) {
    // Browsers end the lines of a text with CR LF.
    const plain = (typeof value === "string" ? value : await value.text()).replaceAll("\r\n", "\n");
    fields.set(name, [...fields.get(name) ?? [], plain]);
  }
  return fields;
}

async function parseMultipart(text: string, type: string): Promise<FormData> {
  try {
    return await new Response(text, { headers: { "content-type": type } }).formData();
  } catch {
    throw new AppError("invalid_request", "Cannot read the body: it is not a valid form");
  }
}

function requireJsonType(context: Context): void {
  const type = context.req.header("content-type") ?? "";
  if (/^application\/json\s*(?:;|$)/i.test(type)) return;
  throw new AppError(
    "unsupported_media_type",
    "Cannot read the body: its content type is not application/json",
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message may repeat the body, and a body may hold keys.
    throw new AppError("invalid_request", "Cannot read the body: it is not valid JSON");
  }
}

/** Counts what comes, because a chunked body declares no length. */
async function readText(request: Request, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new AppError("body_too_large", `Cannot take the body: it is larger than ${maxBytes} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * A part of a request, checked by its schema; `textOf` words what the schema does not word itself.
 * @throws {AppError} `unprocessable`
 */
export function checkPart<T>(
  value: unknown,
  schema: z.ZodType<T>,
  part: string,
  textOf?: z.core.$ZodErrorMap,
): T {
  const parsed = schema.safeParse(value, textOf === undefined ? undefined : { error: textOf });
  if (parsed.success) return parsed.data;
  const fields = new Map<string, string>();
  for (const issue of parsed.error.issues) {
    for (const name of fieldsOf(issue)) {
      if (!fields.has(name || part)) fields.set(name || part, issue.message);
    }
  }
  const listed = [...fields].map(([name, message]) => `${name} (${message})`).join(", ");
  throw new AppError("unprocessable", `Cannot accept the ${part}: ${listed}`, {
    details: { fields: Object.fromEntries(fields) },
  });
}

/** Where the fault is: `policy.deadlineMs`, `models.0`; "" for the whole. */
function fieldsOf(issue: z.core.$ZodIssue): string[] {
  return issue.code === "unrecognized_keys"
    ? issue.keys.map((name) => [...issue.path, name].join("."))
    : [issue.path.join(".")];
}
