import type { Context } from "hono";
import type { z } from "zod";
import { AppError } from "../errors.ts";

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The request's JSON body, checked by its schema.
 * @throws {AppError} `invalid_request` for a body that is no JSON, `unprocessable` for one with a wrong field:
 * its message names the fields, and `details.fields` has a message for each.
 */
export async function readJson<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const declared = Number(context.req.header("content-length") ?? 0);
  if (declared > MAX_BYTES) {
    throw new AppError("body_too_large", `Cannot take the body: it is larger than ${MAX_BYTES} bytes`);
  }
  const type = context.req.header("content-type") ?? "";
  if (!type.toLowerCase().startsWith("application/json")) {
    throw new AppError(
      "unsupported_media_type",
      "Cannot read the body: its content type is not application/json",
    );
  }
  let body: unknown;
  try {
    body = await context.req.json();
  } catch {
    // The parser's message may repeat the body, and a body may hold keys.
    throw new AppError("invalid_request", "Cannot read the body: it is not valid JSON");
  }
  return check(body, schema, "body");
}

/** Query parameters checked by a schema, in the same way. */
export function readQuery<T>(context: Context, schema: z.ZodType<T>): T {
  return check(context.req.query(), schema, "query");
}

function check<T>(value: unknown, schema: z.ZodType<T>, part: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) {
    const names = issue.code === "unrecognized_keys" ? issue.keys : [issue.path.join(".") || part];
    for (const name of names) fields[name] ??= issue.message;
  }
  const listed = Object.entries(fields).map(([name, message]) => `${name} (${message})`).join(", ");
  throw new AppError("unprocessable", `Cannot accept the ${part}: ${listed}`, { details: { fields } });
}
