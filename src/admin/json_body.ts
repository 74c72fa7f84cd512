import type { Context } from "hono";
import type { z } from "zod";
import { AppError } from "../errors.ts";

/** Room for 100,000 keys of 300 characters. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The request's JSON body, checked by its schema.
 * @throws {AppError} `invalid_request` for a body that is no JSON, `unprocessable` for one with a wrong field:
 * its message names the fields, and `details.fields` has a message for each.
 */
export async function readJson<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  requireJsonType(context);
  return parse(await readText(context.req.raw), schema);
}

/** The same for a body that may be left out: an empty one reads as `{}`. */
export async function readOptionalJson<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await readText(context.req.raw);
  if (text === "") return check({}, schema, "body");
  requireJsonType(context);
  return parse(text, schema);
}

/** Query parameters checked by a schema, in the same way. */
export function readQuery<T>(context: Context, schema: z.ZodType<T>): T {
  return check(context.req.query(), schema, "query");
}

function requireJsonType(context: Context): void {
  const type = context.req.header("content-type") ?? "";
  if (/^application\/json\s*(?:;|$)/i.test(type)) return;
  throw new AppError(
    "unsupported_media_type",
    "Cannot read the body: its content type is not application/json",
  );
}

function parse<T>(text: string, schema: z.ZodType<T>): T {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The parser's message may repeat the body, and a body may hold keys.
    throw new AppError("invalid_request", "Cannot read the body: it is not valid JSON");
  }
  return check(body, schema, "body");
}

/** Counts what comes, because a chunked body declares no length. */
async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) {
      throw new AppError("body_too_large", `Cannot take the body: it is larger than ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function check<T>(value: unknown, schema: z.ZodType<T>, part: string): T {
  const parsed = schema.safeParse(value);
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
