import assert from "node:assert/strict";
import { REST } from "../../src/dialect/rest.ts";

Deno.test("REST.isRepeatable() follows the idempotency of the methods", () => {
  for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]) {
    assert.ok(REST.isRepeatable(method, "/x"), method);
  }
  for (const method of ["POST", "PATCH", "CONNECT", "get"]) {
    assert.ok(!REST.isRepeatable(method, "/x"), method);
  }
});

Deno.test("REST says nothing of bodies", () => {
  assert.equal(REST.modelInPath("/models/x:generateContent"), undefined);
  assert.equal(REST.readSoftFailure('{"error":"x"}'), undefined);
  assert.equal(REST.meaningOf({ name: "error", data: "x" }), "content");
  assert.equal(REST.readEnd(""), "complete");
  assert.equal(REST.readUsage('{"usage":{"input_tokens":1,"output_tokens":1}}'), undefined);
});
