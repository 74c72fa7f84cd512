import assert from "node:assert/strict";
import { AppError } from "../../src/errors.ts";

/** Matches the error that refuses a request for this member, in the caller's words; `null` for the whole body. */
export function refusedFor(param: string | null): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.deepEqual([error.code, error.details], ["invalid_request", { param }]);
    assert.ok(param === null || error.message.includes(param), error.message);
    return true;
  };
}
