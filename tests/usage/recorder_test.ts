import assert from "node:assert/strict";
import type { RequestRecord } from "../../src/core/request_record.ts";
import type { UsageCount } from "../../src/core/usage.ts";
import { createLog, type Log } from "../../src/log.ts";
import { countRequests } from "../../src/store/request_log_store.ts";
import { addRequests } from "../../src/store/request_log_store.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { LOG_QUEUE_BOUNDS, type LogQueueBounds } from "../../src/usage/log_queue.ts";
import { type UsagePiece, UsageRecorder, type UsageSink } from "../../src/usage/recorder.ts";
import { attemptOf, requestOf } from "../store/request_samples.ts";
import { NOW_MS, withDatabase } from "../store/support.ts";

const SILENT = createLog("silent", () => {}, (text) => text);
const BOUNDS: LogQueueBounds = { perFlush: 3, perFlushNotable: 2, inAll: 8 };

/** Keeps what is written, and fails as often as told. */
class Written implements UsageSink {
  readonly pieces: UsagePiece[] = [];
  readonly requests: RequestRecord[] = [];
  #failures: number;

  constructor(failures = 0) {
    this.#failures = failures;
  }

  addUsage(piece: UsagePiece): Promise<void> {
    if (this.#failures-- > 0) return Promise.reject(new Error("disk full"));
    this.pieces.push(structuredClone(piece));
    return Promise.resolve();
  }

  addRequests(requests: readonly RequestRecord[]): Promise<void> {
    if (this.#failures-- > 0) return Promise.reject(new Error("disk full"));
    this.requests.push(...requests);
    return Promise.resolve();
  }

  total(count: UsageCount): number {
    return this.pieces.flatMap(({ usage }) => usage).reduce((sum, { counts }) => sum + counts[count], 0);
  }
}

/** A recorder whose timer is left to `close()`. */
function recorderInto(sink: UsageSink, log: Log = SILENT, logBounds = LOG_QUEUE_BOUNDS): UsageRecorder {
  return new UsageRecorder(sink, log, { periodMs: 60_000, logBounds });
}

Deno.test("UsageRecorder writes counts and rows of the log, in pieces that are short", async () => {
  const written = new Written();
  const recorder = recorderInto(written);

  for (let number = 0; number < 200; number++) {
    recorder.record(requestOf(number, { attempts: [attemptOf({ providerKeyId: `k${number % 120}` })] }));
  }
  await recorder.close();

  assert.equal(written.total("requests"), 200);
  assert.equal(written.requests.length, 200);
  assert.ok(written.pieces.length >= 3 && written.pieces.every(({ usage }) => usage.length <= 32));
});

Deno.test("UsageRecorder.flush() keeps what a failed write left, and adds what came meanwhile", async () => {
  const written = new Written(2);
  const lines: string[] = [];
  const log = createLog("error", (line) => void lines.push(line), (text) => text);
  const recorder = recorderInto(written, log);
  recorder.record(requestOf(1));

  const failing = recorder.flush();
  recorder.record(requestOf(2));
  await failing;
  const afterFailure = recorder.state();
  await recorder.flush();
  await recorder.close();

  assert.equal(afterFailure.failedFlushes, 2);
  assert.ok(afterFailure.waitingCounts > 0);
  assert.deepEqual([written.total("requests"), written.total("inputTokens")], [2, 20]);
  assert.deepEqual(written.requests.map(({ id }) => id.slice(-1)), ["1", "2"]);
  assert.deepEqual(lines.map((line) => JSON.parse(line).event), ["usage.flush_failed", "usage.flush_failed"]);
});

Deno.test("UsageRecorder drops rows of the log when there are too many, the smooth ones first, and never counts", async () => {
  const written = new Written();
  const recorder = recorderInto(written, SILENT, BOUNDS);

  for (let number = 0; number < 10; number++) recorder.record(requestOf(number));
  for (let number = 10; number < 20; number++) {
    recorder.record(requestOf(number, { outcome: "failed", status: 502 }));
  }
  const { droppedRequests } = recorder.state();
  await recorder.flush();
  recorder.record(requestOf(20));
  await recorder.close();

  assert.equal(droppedRequests, 15);
  assert.deepEqual(written.requests.map(({ id }) => Number(id.slice(-2))), [0, 1, 2, 10, 11, 20]);
  assert.equal(written.total("requests"), 21);
});

Deno.test("UsageRecorder holds no more rows than told while the database is away", async () => {
  const recorder = recorderInto(new Written(1000), SILENT, BOUNDS);

  for (let round = 0; round < 10; round++) {
    for (let number = 0; number < 3; number++) recorder.record(requestOf(round * 3 + number));
    await recorder.flush();
  }
  const { waitingRequests, droppedRequests, waitingCounts } = recorder.state();
  await recorder.close();

  assert.deepEqual([waitingRequests, droppedRequests], [8, 22]);
  assert.ok(waitingCounts <= 3, "counts fold into each other");
});

Deno.test("UsageRecorder.close() writes what is left, also when the first try fails, and leaves no timer", async () => {
  const written = new Written(1);
  const recorder = recorderInto(written);
  recorder.record(requestOf(1));

  await recorder.close();

  assert.equal(written.total("requests"), 1);
  assert.equal(written.requests.length, 1);
});

Deno.test("UsageRecorder.close() gives up on a store that stays away, and says what is lost", async () => {
  const lines: string[] = [];
  const recorder = recorderInto(
    new Written(100),
    createLog("error", (line) => void lines.push(line), (text) => text),
  );
  recorder.record(requestOf(1));

  await recorder.close();

  assert.equal(JSON.parse(lines.at(-1) ?? "").event, "usage.lost");
});

Deno.test("UsageRecorder tells each count once to who observes, whether it can be written or not", async () => {
  let requests = 0;
  const recorder = new UsageRecorder(new Written(2), SILENT, {
    periodMs: 60_000,
    observe: ({ usage }) => requests += usage.reduce((sum, { counts }) => sum + counts.requests, 0),
  });
  recorder.record(requestOf(1));

  await recorder.flush();
  recorder.record(requestOf(2));
  await recorder.close();

  assert.equal(requests, 2);
});

Deno.test("UsageRecorder adds up in the database over many flushes", () =>
  withDatabase(async (db) => {
    const sink = {
      addUsage: (piece: UsagePiece) => addUsage(db, piece),
      addRequests: (requests: readonly RequestRecord[]) => addRequests(db, requests, NOW_MS),
    };
    const recorder = recorderInto(sink);

    for (let round = 0; round < 5; round++) {
      for (let number = 0; number < 20; number++) {
        recorder.record(requestOf(number, { attempts: [attemptOf({ providerKeyId: `k${number % 4}` })] }));
      }
      await recorder.flush();
    }
    await recorder.close();

    const range = { fromMinute: 0, toMinute: 1e9 };
    const [all] = await sumUsage(db, { ...range, by: [] });
    const byKey = await sumUsage(db, { ...range, by: ["providerKeyId"] });
    assert.deepEqual([all?.requests, all?.inputTokens, all?.outputTokens], [100, 1000, 300]);
    assert.deepEqual(byKey.map(({ requests }) => requests), [25, 25, 25, 25]);
    assert.equal(await countRequests(db), 100);
  }));
