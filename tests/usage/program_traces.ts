import { openTraces } from "../../src/usage/traces.ts";
import { attemptOf, requestOf } from "../store/request_samples.ts";

/** Traces one request of two attempts, for the test that starts it. */
const trace = await openTraces();
trace(
  requestOf(1, {
    attempts: [attemptOf({ kind: "key_limited", status: 429, rule: "status.429" }), attemptOf()],
  }),
);
