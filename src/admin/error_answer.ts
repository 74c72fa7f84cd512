import type { Context, ErrorHandler } from "hono";
import { AppError, toAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { StoreError } from "../store/store_error.ts";

/** Answers what an action threw: `{"error": {code, message, …}}`. What nobody may be told of is logged. */
export function answerError(log: Log): ErrorHandler {
  return (thrown, context) => {
    const error = adminError(thrown);
    logFault(log, context, error);
    const headers = error.retryAfterSeconds === undefined
      ? {}
      : { "retry-after": String(error.retryAfterSeconds) };
    const body = { error: { code: error.code, message: error.message, ...error.details } };
    return Response.json(body, { status: error.status, headers });
  };
}

/** Any thrown value as what a caller may be told. */
export function adminError(thrown: unknown): AppError {
  if (!(thrown instanceof StoreError)) return toAppError(thrown);
  switch (thrown.fault) {
    case "taken":
      return new AppError("conflict", thrown.message, { cause: thrown });
    case "unavailable":
      return new AppError("store_unavailable", thrown.message, { cause: thrown });
    default:
      return toAppError(thrown);
  }
}

/** Logs a fault of ours; what the caller did wrong is told to him alone. */
export function logFault(log: Log, context: Context, error: AppError): void {
  if (error.code === "internal" || error.code === "store_unavailable") {
    log.error("admin.failed", { path: context.req.path, error: error.cause });
  }
}
