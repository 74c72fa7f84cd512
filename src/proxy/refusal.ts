import type { DialectName } from "../core/provider.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { type AppError, toAppError } from "../errors.ts";
import type { Answer } from "./answer.ts";
import { addNotes, type AnswerNotes } from "./headers.ts";

const encoder = new TextEncoder();

/** An error as an answer in the caller's dialect, so that its SDK raises the error class it should. */
export function refuse(thrown: unknown, dialect: DialectName, notes: AnswerNotes): Answer {
  const error = toAppError(thrown);
  const headers: [string, string][] = [["content-type", "application/json"]];
  if (error.retryAfterSeconds !== undefined) {
    headers.push(["retry-after", String(Math.max(1, Math.ceil(error.retryAfterSeconds)))]);
  }
  addNotes(headers, notes);
  // Anthropic's SDK shows this header's value as the id of the request.
  if (dialect === "anthropic") headers.push(["request-id", notes.requestId]);
  return { status: error.status, headers, body: encoder.encode(renderBody(error, dialect, notes.requestId)) };
}

function renderBody(error: AppError, dialect: DialectName, requestId: string): string {
  return dialectOf(dialect).renderError({
    status: error.status,
    code: error.code,
    message: error.message,
    requestId,
    ...(error.details === undefined ? {} : { details: error.details }),
  });
}
