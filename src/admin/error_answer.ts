import type { ErrorHandler } from "hono";
import { AppError, toAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { StoreError } from "../store/store_error.ts";

/** Answers what an action threw: `{"error": {code, message, …}}`. What nobody may be told of is logged. */
export function answerError(log: Log): ErrorHandler {
  return (thrown, context) => {
    const error = adminError(thrown);
    if (error.code === "internal") log.error("admin.failed", { path: context.req.path, error: error.cause });
    const headers = error.retryAfterSeconds === undefined
      ? {}
      : { "retry-after": String(error.retryAfterSeconds) };
    const body = { error: { code: error.code, message: error.message, ...error.details } };
    return Response.json(body, { status: error.status, headers });
  };
}

function adminError(thrown: unknown): AppError {
  const isTaken = thrown instanceof StoreError && thrown.fault === "taken";
  return isTaken ? new AppError("conflict", thrown.message, { cause: thrown }) : toAppError(thrown);
}
