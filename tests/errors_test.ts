import assert from "node:assert/strict";
import { AppError, ERROR_STATUS, toAppError } from "../src/errors.ts";

Deno.test("toAppError() keeps what the caller may be told", () => {
  const error = new AppError("conflict", "Cannot save provider: slug a is taken", {
    details: { slug: "a" },
    retryAfterSeconds: 3,
  });

  const same = toAppError(error);

  assert.equal(same, error);
  assert.equal(same.status, 409);
  assert.deepEqual([same.details, same.retryAfterSeconds], [{ slug: "a" }, 3]);
});

Deno.test("toAppError() hides anything else behind 500, and keeps it as the cause", () => {
  for (const thrown of [new Error("database at 10.0.0.1 with password x"), "text", undefined, null]) {
    const error = toAppError(thrown);

    assert.deepEqual([error.code, error.status, error.message], ["internal", 500, "Internal error"]);
    assert.equal(error.cause, thrown);
  }
});

Deno.test("ERROR_STATUS has an error status for every code", () => {
  for (const [code, status] of Object.entries(ERROR_STATUS)) {
    assert.ok(status >= 400 && status <= 599, code);
  }
});
