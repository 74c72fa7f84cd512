import assert from "node:assert/strict";
import type { AttemptRecord, RequestRecord } from "../../src/core/request_record.ts";
import type { UsageMinute } from "../../src/core/usage.ts";
import { createLog, type Log } from "../../src/log.ts";
import { addUsage, sumUsage } from "../../src/store/usage_store.ts";
import { UsageRecorder } from "../../src/usage/recorder.ts";
import { withDatabase } from "../store/support.ts";

const MINUTE = 30_000_000;
const SILENT = createLog("silent", () => {}, (text) => text);

function attempt(providerKeyId: string, more: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    providerId: "p1",
    providerKeyId,
    startedMs: MINUTE * 60_000 + 59_999,
    durationMs: 5,
    status: 200,
    kind: "succeeded",
    rule: "status.2xx",
    ...more,
  };
}

function request(attempts: readonly AttemptRecord[], more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: "r1",
    startedMs: MINUTE * 60_000,
    durationMs: 10,
    firstByteMs: 5,
    dialect: "openai",
    clientKeyId: "c1",
    model: "gpt-5",
    status: 200,
    outcome: "succeeded",
    attempts,
    usage: { inputTokens: 10, outputTokens: 3 },
    ...more,
  };
}

/** A recorder whose writes are kept, and fail as often as told. The timer is left to `close()`. */
function recorderInto(batches: (readonly UsageMinute[])[], failures = 0, log: Log = SILENT): UsageRecorder {
  let left = failures;
  return new UsageRecorder(
    async (minutes) => {
      if (left-- > 0) throw new Error("disk full");
      batches.push(minutes.map((minute) => ({ ...minute })));
    },
    log,
    60_000,
  );
}

const total = (
  batches: readonly (readonly UsageMinute[])[],
  count: "requests" | "attempts" | "inputTokens",
) => batches.flat().reduce((sum, minute) => sum + minute[count], 0);

Deno.test("UsageRecorder.record() folds requests of one minute, key, caller and model into one row", async () => {
  const batches: UsageMinute[][] = [];
  const recorder = recorderInto(batches);

  for (let number = 0; number < 100; number++) recorder.record(request([attempt("k1")]));
  recorder.record(request([attempt("k1")], { clientKeyId: undefined, model: undefined, usage: undefined }));
  recorder.record(request([attempt("k1", { startedMs: (MINUTE + 1) * 60_000 })]));
  await recorder.close();

  assert.equal(batches.length, 1);
  assert.deepEqual(
    batches[0]?.map((
      { minute, clientKeyId, model, requests, inputTokens },
    ) => [minute, clientKeyId, model, requests, inputTokens]),
    [[MINUTE, "c1", "gpt-5", 100, 1000], [MINUTE, "", "", 1, 0], [MINUTE + 1, "c1", "gpt-5", 1, 10]],
  );
});

Deno.test("UsageRecorder.record() counts each attempt, and the request with its tokens for the last one", async () => {
  const batches: UsageMinute[][] = [];
  const recorder = recorderInto(batches);

  recorder.record(request([
    attempt("k1", { kind: "key_limited", status: 429 }),
    attempt("k2", { kind: "provider_down", status: undefined }),
    attempt("k3"),
  ]));
  recorder.record(request([], { status: 503, outcome: "refused" }));
  await recorder.close();

  assert.deepEqual(
    batches.flat().map((
      { providerKeyId, attempts, requests, failures, inputTokens, outputTokens },
    ) => [providerKeyId, attempts, requests, failures, inputTokens, outputTokens]),
    [["k1", 1, 0, 1, 0, 0], ["k2", 1, 0, 1, 0, 0], ["k3", 1, 1, 0, 10, 3]],
  );
});

Deno.test("UsageRecorder.record() holds no more of a model's name than a row takes", async () => {
  const batches: UsageMinute[][] = [];
  const recorder = recorderInto(batches);

  recorder.record(request([attempt("k1")], { model: "m".repeat(100_000) }));
  await recorder.close();

  assert.equal(batches[0]?.[0]?.model.length, 200);
});

Deno.test("UsageRecorder.flush() keeps the counts of a failed write, and adds what came meanwhile", async () => {
  const batches: UsageMinute[][] = [];
  const lines: string[] = [];
  const recorder = recorderInto(
    batches,
    1,
    createLog("error", (line) => void lines.push(line), (text) => text),
  );
  recorder.record(request([attempt("k1")]));

  const failing = recorder.flush();
  recorder.record(request([attempt("k1")]));
  await failing;
  const afterFailure = batches.length;
  await recorder.flush();
  await recorder.close();

  assert.equal(afterFailure, 0);
  assert.deepEqual([total(batches, "requests"), total(batches, "inputTokens")], [2, 20]);
  assert.equal(JSON.parse(lines[0] ?? "").event, "usage.flush_failed");
});

Deno.test("UsageRecorder.close() writes what is left, also when the first try fails, and leaves no timer", async () => {
  const batches: UsageMinute[][] = [];
  const recorder = recorderInto(batches, 1);
  recorder.record(request([attempt("k1")]));

  await recorder.close();

  assert.equal(total(batches, "requests"), 1);
});

Deno.test("UsageRecorder.close() gives up on a store that stays away, and leaves no timer", async () => {
  const batches: UsageMinute[][] = [];
  const recorder = recorderInto(batches, 100);
  recorder.record(request([attempt("k1")]));

  await recorder.close();

  assert.deepEqual(batches, []);
});

Deno.test("UsageRecorder adds up in the database over many flushes", () =>
  withDatabase(async (db) => {
    const recorder = new UsageRecorder((minutes) => addUsage(db, minutes), SILENT, 60_000);

    for (let round = 0; round < 5; round++) {
      for (let number = 0; number < 20; number++) recorder.record(request([attempt(`k${number % 4}`)]));
      await recorder.flush();
    }
    await recorder.close();

    const range = { fromMinute: 0, toMinute: Number.MAX_SAFE_INTEGER };
    const [all] = await sumUsage(db, range, []);
    const byKey = await sumUsage(db, range, ["providerKeyId"]);
    assert.deepEqual([all?.requests, all?.inputTokens, all?.outputTokens], [100, 1000, 300]);
    assert.deepEqual(byKey.map(({ requests }) => requests), [25, 25, 25, 25]);
  }));
