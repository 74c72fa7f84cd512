import type { AttemptRecord, RequestRecord } from "../../src/core/request_record.ts";
import { NOW_MS } from "./support.ts";

export function attemptOf(more: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    providerId: "p",
    providerKeyId: "k",
    startedMs: NOW_MS + 2,
    durationMs: 40,
    status: 200,
    kind: "succeeded",
    rule: "status.2xx",
    ...more,
  };
}

/** A request that succeeded at once; `number` makes its id. */
export function requestOf(number: number, more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: `req_0123456789ab${String(number).padStart(6, "0")}`,
    startedMs: NOW_MS,
    durationMs: 100,
    firstByteMs: 50,
    dialect: "openai",
    clientKeyId: "c",
    model: "gpt-5",
    status: 200,
    outcome: "succeeded",
    attempts: [attemptOf()],
    usage: { inputTokens: 10, outputTokens: 3 },
    ...more,
  };
}
