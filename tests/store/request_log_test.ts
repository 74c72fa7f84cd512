import assert from "node:assert/strict";
import type { RequestRecord } from "../../src/core/request_record.ts";
import type { Database } from "../../src/store/database.ts";
import {
  findRequest,
  listRequests,
  MAX_SCANNED,
  type RequestFilter,
} from "../../src/store/request_log_query.ts";
import {
  addRequests,
  countRequests,
  deleteOldestRequests,
  timeOfPlace,
} from "../../src/store/request_log_store.ts";
import { attemptOf, requestOf } from "./request_samples.ts";
import { NOW_MS, withDatabase } from "./support.ts";

async function idsOf(db: Database, filter: RequestFilter, limit = 100): Promise<number[]> {
  const { requests } = await listRequests(db, filter, limit);
  return requests.map(({ id }) => Number(id.slice(-6)));
}

const WHOLE: RequestRecord = requestOf(7, {
  upstreamDialect: "gemini",
  groupSlug: "team",
  providerModel: "models/gpt-5",
  isStream: true,
  waitedMs: 12,
  status: 502,
  outcome: "interrupted",
  usage: { inputTokens: 0, outputTokens: 5, cachedTokens: 0, imageOutputTokens: 9 },
  usageSource: "estimated",
  costNanoDollars: 1_234_567_890_123,
  priceVersion: "own-1",
  attempts: [
    attemptOf({
      providerKeyId: "k1",
      status: 429,
      kind: "key_limited",
      scope: "account",
      rule: "x",
      untilMs: 9e12,
    }),
    attemptOf({
      providerId: "q",
      providerKeyId: "k2",
      status: undefined,
      kind: "provider_down",
      scope: "egress",
    }),
    attemptOf({ untilMs: 8e12 }),
  ],
});

Deno.test("addRequests() keeps all that was recorded of a request, an explicit zero as zero", () =>
  withDatabase(async (db) => {
    await addRequests(db, [requestOf(1), WHOLE], NOW_MS);

    const found = await findRequest(db, WHOLE.id);

    assert.ok(found !== undefined);
    const { seq, ...kept } = found;
    const attempts = WHOLE.attempts.map((attempt) => ({ ...attempt, scope: attempt.scope ?? "request" }));
    assert.deepEqual(kept, { ...WHOLE, attempts });
    assert.equal(timeOfPlace(seq), NOW_MS);
    assert.equal(await findRequest(db, "req_nobody"), undefined);
  }));

Deno.test("addRequests() keeps apart what is not known from what is nothing", () =>
  withDatabase(async (db) => {
    const nothing = requestOf(1, {
      clientKeyId: undefined,
      model: undefined,
      firstByteMs: undefined,
      attempts: [],
      usage: undefined,
      status: 401,
      outcome: "refused",
    });
    await addRequests(db, [nothing], NOW_MS);

    const found = await findRequest(db, nothing.id);

    assert.deepEqual(
      [
        found?.clientKeyId,
        found?.model,
        found?.firstByteMs,
        found?.usage,
        found?.usageSource,
        found?.attempts,
      ],
      [undefined, undefined, undefined, undefined, "none", []],
    );
    assert.equal(found?.costNanoDollars, undefined);
  }));

Deno.test("listRequests() finds by every filter, alone and together, the latest first", () =>
  withDatabase(async (db) => {
    const failed = { status: 503, outcome: "failed", costNanoDollars: undefined } as const;
    await addRequests(db, [
      requestOf(1),
      requestOf(2, { clientKeyId: undefined, costNanoDollars: 5 }),
      requestOf(3, { model: "o3", groupSlug: "team", isStream: true }),
      requestOf(4, {
        ...failed,
        attempts: [attemptOf({ status: 503, kind: "provider_down", scope: "egress" })],
      }),
      requestOf(5, {
        attempts: [
          attemptOf({ providerKeyId: "dead", status: 401, kind: "key_dead", rule: "r" }),
          attemptOf(),
        ],
      }),
      requestOf(6, { attempts: [attemptOf({ providerId: "q", providerKeyId: "kq" })], model: "o3" }),
    ], NOW_MS);
    const cases: readonly (readonly [RequestFilter, readonly number[]])[] = [
      [{}, [6, 5, 4, 3, 2, 1]],
      [{ clientKeyId: "" }, [2]],
      [{ clientKeyId: "c", model: "o3" }, [6, 3]],
      [{ model: "o3", providerId: "q" }, [6]],
      [{ model: "nobody's" }, []],
      [{ group: "team" }, [3]],
      [{ providerId: "p", statusClass: 5 }, [4]],
      [{ providerKeyId: "dead" }, [5]],
      [{ providerKeyId: "k" }, [5, 4, 3, 2, 1]],
      [{ statusClass: 2, outcome: "succeeded" }, [6, 5, 3, 2, 1]],
      [{ outcome: "failed" }, [4]],
      [{ kind: "key_dead" }, [5]],
      [{ kind: "succeeded", model: "o3" }, [6, 3]],
      [{ scope: "egress" }, [4]],
      [{ scope: "key" }, [5]],
      [{ isStream: true }, [3]],
      [{ isUnpriced: true, model: "o3" }, [6, 3]],
      [{ id: "req_0123456789ab000002" }, [2]],
      [{ id: "req_0123456789ab" }, [6, 5, 4, 3, 2, 1]],
      [{ id: "req_012345678%" }, []],
      [{ fromMs: NOW_MS + 1 }, []],
      [{ toMs: NOW_MS + 1 }, [6, 5, 4, 3, 2, 1]],
    ];

    for (const [filter, ids] of cases) assert.deepEqual(await idsOf(db, filter), ids, JSON.stringify(filter));
  }));

Deno.test("listRequests() pages through the log without a gap, while requests are added", () =>
  withDatabase(async (db) => {
    for (let batch = 0; batch < 5; batch++) {
      const requests = Array.from({ length: 20 }, (_, index) => requestOf(batch * 20 + index));
      await addRequests(db, requests, NOW_MS + batch * 500);
    }

    const seen: number[] = [];
    for (let before: number | undefined = Number.MAX_SAFE_INTEGER; before !== undefined;) {
      const page = await listRequests(db, { before }, 30);
      seen.push(...page.requests.map(({ id }) => Number(id.slice(-6))));
      before = page.next;
      await addRequests(db, [requestOf(1000 + seen.length)], NOW_MS + 9000);
    }

    assert.deepEqual(seen, Array.from({ length: 100 }, (_, index) => 99 - index));
  }));

Deno.test("listRequests() reads no more than it may, and says where to go on", () =>
  withDatabase(async (db) => {
    const rare = requestOf(0, { groupSlug: "rare" });
    await addRequests(db, [rare], NOW_MS);
    // A row's copies, because adding them one by one takes a while.
    const columns = (await db.read("SELECT name FROM pragma_table_info('request_log') WHERE name <> 'seq'"))
      .map(({ name }) => String(name));
    const copied = columns.map((column) => column === "grp" ? "0" : column).join(", ");
    await db.write([{
      sql: `INSERT INTO request_log (seq, ${columns.join(", ")})
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
        SELECT request_log.seq + n, ${copied} FROM numbers, (SELECT * FROM request_log LIMIT 1) AS request_log`,
      args: [MAX_SCANNED + 10],
    }]);

    const first = await listRequests(db, { group: "rare" }, 50);
    const second = await listRequests(db, { group: "rare", before: first.next ?? 0 }, 50);

    assert.deepEqual(first.requests, []);
    assert.ok(first.next !== undefined);
    assert.deepEqual(second.requests.map(({ id }) => id), [rare.id]);
    assert.equal(second.next, undefined);
  }));

Deno.test("deleteOldestRequests() deletes the oldest, no more than told, and the count follows", () =>
  withDatabase(async (db) => {
    const tried = [attemptOf({ providerKeyId: "dead", kind: "key_dead" }), attemptOf()];
    for (let batch = 0; batch < 4; batch++) {
      const requests = Array.from(
        { length: 10 },
        (_, index) => requestOf(batch * 10 + index, { attempts: tried }),
      );
      await addRequests(db, requests, NOW_MS + batch * 1000);
    }

    const byAge = await deleteOldestRequests(db, NOW_MS + 1000, 4);
    const rest = await deleteOldestRequests(db, NOW_MS + 1000, 100);
    const none = await deleteOldestRequests(db, NOW_MS + 1000, 100);
    const byRows = await deleteOldestRequests(db, Infinity, 7);

    assert.deepEqual([byAge, rest, none, byRows], [4, 6, 0, 7]);
    assert.equal(await countRequests(db), 23);
    const left = await idsOf(db, {});
    assert.deepEqual(left, Array.from({ length: 23 }, (_, index) => 39 - index));
    assert.deepEqual(await idsOf(db, { providerKeyId: "dead" }), left);
    const [tries] = await db.read("SELECT count(*) AS rows FROM request_log_tries");
    assert.equal(tries?.["rows"], 23);
  }));
