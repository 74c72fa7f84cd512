import { fileUrl } from "../../src/core/file_url.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { sumLatencies } from "../../src/store/latency_query.ts";
import { migrate } from "../../src/store/migrations.ts";
import { findRequest, listRequests } from "../../src/store/request_log_query.ts";
import { addRequests, deleteOldestRequests, placeAt } from "../../src/store/request_log_store.ts";
import { KEY_USAGE, LATENCY, USAGE } from "../../src/store/usage_family.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { rollUp } from "../../src/store/usage_rollup.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { requestOf } from "../store/request_samples.ts";
import { latencyOf, usageOf } from "../store/usage_samples.ts";

/**
 * How long the statistics take with ten million logged requests: thirty days of 5 providers with 10 keys each, 15
 * models and 20 client keys. `deno run -A tests/bench/usage_scale_bench.ts [rows]`
 */

const ROWS = Number(Deno.args[0] ?? 10_000_000);
const NOW_MS = Math.floor(Date.now() / 86_400_000) * 86_400_000 + 43_200_000;
const HOUR = Math.floor(NOW_MS / 3_600_000);
const MINUTE = HOUR * 60;
const DAYS = 30;
const ROUNDS = 9;

/** What a table of a page shows. */
const SHOWN = [
  "requests",
  "succeeded",
  "attempts",
  "failures",
  "inputTokens",
  "outputTokens",
  "costNanoDollars",
  "unpriced",
] as const;

/** Failures by what they were about. */
const CAUSES = [
  "requests",
  "keyDead",
  "keyLimited",
  "keyExhausted",
  "modelDenied",
  "requestBad",
  "providerDown",
  "egressRefused",
  "callerLeft",
] as const;

const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));

const folder = await Deno.makeTempDir({ prefix: "keyturn-usage-bench-" });
try {
  const db = await openDatabase({ url: fileUrl(`${folder}/bench.db`) });
  await migrate(db);
  await fill(db);
  const { size } = await Deno.stat(`${folder}/bench.db`);
  say(
    `\n${ROWS.toLocaleString("en")} requests, ${
      (size / 1e9).toFixed(1)
    } GB with ${DAYS} days of statistics\n`,
  );
  say("| question | median ms | longest ms |\n| --- | --- | --- |");
  await measureSums(db);
  await measureLog(db);
  await measureWrites(db);
  await db.close();
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function measure(what: string, ask: () => Promise<unknown>, rounds = ROUNDS): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    await ask();
    times.push(performance.now() - startedMs);
  }
  times.sort((one, other) => one - other);
  const shown = [times[times.length >> 1] ?? 0, times.at(-1) ?? 0].map((ms) => ms.toFixed(1));
  say(`| ${what} | ${shown.join(" | ")} |`);
}

async function measureSums(db: Database): Promise<void> {
  const day = { fromMinute: MINUTE - 1440 + 17, toMinute: MINUTE + 17 };
  const month = { fromMinute: MINUTE - DAYS * 1440, toMinute: MINUTE + 17 };
  const all = { ...day, by: [], counts: SHOWN };
  await measure("24 h, everything", () => sumUsage(db, all));
  await measure("24 h by provider", () => sumUsage(db, { ...all, by: ["providerId"] }));
  await measure("24 h by model", () => sumUsage(db, { ...all, by: ["model"] }));
  await measure("24 h by client key", () => sumUsage(db, { ...all, by: ["clientKeyId"] }));
  await measure(
    "24 h by hour: requests and failures by scope",
    () => sumUsage(db, { ...all, counts: CAUSES, interval: "hour" }),
  );
  await measure(
    "top 10 client keys by cost",
    () => sumUsage(db, { ...all, by: ["clientKeyId"], largestBy: "costNanoDollars", limit: 10 }),
  );
  await measure("24 h, quantiles by provider", () => sumLatencies(db, { ...day, by: ["providerId"] }));
  await measure(
    "30 days by day and model",
    () => sumUsage(db, { ...month, by: ["model"], interval: "day", counts: SHOWN }),
  );
  await measure(
    "30 days, one client key by day",
    () => sumUsage(db, { ...month, by: [], only: { clientKeyId: ["c3"] }, interval: "day" }),
  );
  await measure(
    "24 h of one provider key by hour",
    () => sumUsage(db, { ...all, only: { providerKeyId: ["k7"] }, interval: "hour" }),
  );
  await measure("24 h by provider key (all 50)", () => sumUsage(db, { ...all, by: ["providerKeyId"] }));
}

async function measureLog(db: Database): Promise<void> {
  const page = (filter: Parameters<typeof listRequests>[1]) => () => listRequests(db, filter, 50);
  const middle = placeAt(NOW_MS - 15 * 86_400_000);
  await measure("log: newest page", page({}));
  await measure("log: a page from the middle", page({ before: middle }));
  await measure("log: one client key", page({ clientKeyId: "c3", before: middle }));
  await measure(
    "log: one provider key and failed (1 in 50,000)",
    page({ providerKeyId: "k7", outcome: "failed" }),
  );
  await measure("log: one model, 5xx", page({ model: "m7", statusClass: 5 }));
  await measure("log: key_dead (1 in 1,000)", page({ kind: "key_dead" }));
  await measure("log: a group, row by row", page({ group: "g1" }));
  await measure("log: nothing matches, 20,000 rows looked at", page({ group: "nobody" }));
  await measure("log: by id", () => findRequest(db, "req_0123456789ab4999999"));
}

async function measureWrites(db: Database): Promise<void> {
  let number = 0;
  const requests = () => Array.from({ length: 32 }, () => requestOf(20_000_000 + number++));
  const usage = () =>
    Array.from(
      { length: 32 },
      (_, index) =>
        usageOf({
          minute: MINUTE + 17,
          providerKeyId: `k${index}`,
          clientKeyId: `c${index % 20}`,
          model: `m${index % 15}`,
        }),
    );
  const latencies = [3, 9, 20].map((bucket) => latencyOf(bucket, { minute: MINUTE + 17 }));
  await measure("write 32 rows of the log", () => addRequests(db, requests(), NOW_MS), 60);
  await measure("write 32 rows of counts", () => addUsage(db, { usage: usage(), latencies }), 60);
  await measure("roll 64 rows up", () => rollUp(db, KEY_USAGE, "hours", MINUTE + 16, 64), 60);
  await measure("delete the 40 oldest, writes going on", async () => {
    await Promise.all([deleteOldestRequests(db, Infinity, 40), addRequests(db, requests(), NOW_MS)]);
  }, 60);
}

/** Rows made by SQL itself, without the indexes, which come after. */
async function fill(db: Database): Promise<void> {
  await db.write([{
    sql: "INSERT OR IGNORE INTO names (name) SELECT value FROM json_each(?)",
    args: [JSON.stringify([
      ...count(5, "p"),
      ...count(50, "k"),
      ...count(20, "c"),
      ...count(15, "m"),
      ...count(4, "g"),
    ])],
  }]);
  const ids = new Map(
    (await db.read("SELECT id, name FROM names")).map(({ id, name }) => [String(name), Number(id)]),
  );
  const first = (name: string) => ids.get(name) ?? 0;
  const indexes = await db.read(
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'request_log'",
  );
  await db.write(indexes.map(({ name }) => ({ sql: `DROP INDEX ${name}` })));
  const startedMs = performance.now();
  const CHUNK = 100_000;
  const step = DAYS * 86_400_000 / ROWS;
  for (let from = 0; from < ROWS; from += CHUNK) {
    await db.write([{
      sql: fillLog(first),
      args: [from, Math.min(CHUNK, ROWS - from), placeAt(NOW_MS - DAYS * 86_400_000), step],
    }]);
  }
  await db.write([{ sql: "UPDATE request_log_size SET rows = ?", args: [ROWS] }]);
  say(`rows: ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  for (const { sql } of indexes) await db.write([{ sql: String(sql) }]);
  say(`indexes: ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  await fillSums(db, first);
  say(`statistics: ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
}

function fillLog(first: (name: string) => number): string {
  // A cheap shuffle: the same for every run.
  const random = (salt: number, most: number) => `(((i + ${salt}) * 2654435761) >> 8) % ${most}`;
  return `INSERT INTO request_log
    WITH RECURSIVE numbers (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < ?1 + ?2)
    SELECT ?3 + CAST(i * ?4 * 2048 AS INTEGER), printf('req_0123456789ab%06d', i), (i * 2654435761) & 4294967295,
      (?3 / 2048) + CAST(i * ?4 AS INTEGER) - 900,
      ${first("c0")} + ${random(1, 20)}, iif(${random(2, 10)} = 0, ${first("g0")} + ${random(3, 4)}, 0),
      ${first("m0")} + ${random(4, 15)}, ${first("p0")} + ${random(4, 15)} / 3,
      ${first("k0")} + 10 * (${random(4, 15)} / 3) + ${random(5, 10)},
      iif(${random(6, 1000)} = 0, 503, 200), iif(${random(6, 1000)} = 0, 1, 0), iif(${
    random(6, 1000)
  } < 3, 1, 0),
      iif(${random(6, 1000)} = 0, 256, iif(${random(6, 1000)} = 1, 4, 0)), iif(${random(6, 1000)} < 3, 2, 0),
      i & 1, 1, ${random(7, 100000)}, 0,
      printf('{"d":%d,"f":50,"i":0,"u":[%d,%d],"a":[[2,40,200,0,0,"status.2xx"]]}', ${random(8, 5000)}, ${
    random(9, 4000)
  }, ${random(10, 900)})
    FROM numbers`;
}

/** Every combination in every hour of the month, in every minute of the last day, and the days of all that. */
async function fillSums(db: Database, first: (name: string) => number): Promise<void> {
  const levels = [["minutes", MINUTE - 1440, MINUTE + 17, 1], ["hours", HOUR - DAYS * 24, HOUR, 60], [
    "days",
    HOUR / 24 - DAYS,
    HOUR / 24,
    1440,
  ]] as const;
  for (const [level, from, to] of levels) {
    const some = level === "minutes" ? "AND (at + c.n * 7 + m.n) % 4 = 0" : "";
    for (let at = Math.floor(from); at < to; at += 24) {
      const span = `(SELECT ${at} + n AS at FROM (${numbers(24)}) WHERE n + ${at} < ${Math.floor(to)})`;
      const pairs = `${span}, (${numbers(20)}) AS c, (${numbers(15)}) AS m`;
      const place = `at, ${first("c0")} + c.n, ${first("p0")} + m.n / 3, 0, ${first("m0")} + m.n`;
      const counts = USAGE.sums.map((_, index) =>
        index % 3 === 0 ? "1000 + c.n" : index % 3 === 1 ? "m.n" : "0"
      );
      await db.write([
        {
          sql: `INSERT INTO usage_${level} SELECT ${place}, 2, 1, ${
            counts.join(", ")
          } FROM ${pairs} WHERE true ${some}`,
        },
        {
          sql: `INSERT INTO latency_${level} SELECT ${place}, 0, ${
            LATENCY.sums.map((_, bucket) => bucket > 20 && bucket < 40 ? "c.n" : "0").join(", ")
          }
            FROM ${pairs} WHERE true ${some}`,
        },
        {
          sql: `INSERT INTO key_usage_${level}
            SELECT at, ${first("k0")} + 10 * (m.n / 3) + k.n, ${first("p0")} + m.n / 3, ${
            first("c0")
          } + c.n, 0,
              ${first("m0")} + m.n, 2, 1, ${counts.join(", ")}
            FROM ${pairs}, (${numbers(10)}) AS k WHERE true ${some} ${
            level === "minutes" ? "AND k.n = at % 10" : ""
          }`,
        },
      ]);
    }
  }
  for (const { name } of [USAGE, KEY_USAGE, LATENCY]) {
    await db.write([
      {
        sql: "UPDATE rollups SET at = ?, open_at = ? WHERE family = ? AND level = 'hours'",
        args: [MINUTE, MINUTE, name],
      },
      {
        sql: "UPDATE rollups SET at = ? WHERE family = ? AND level = 'days'",
        args: [Math.floor(HOUR / 24) * 24, name],
      },
    ]);
  }
}

function numbers(most: number): string {
  return `SELECT value AS n FROM json_each('${
    JSON.stringify(Array.from({ length: most }, (_, index) => index))
  }')`;
}

function count(most: number, prefix: string): string[] {
  return Array.from({ length: most }, (_, index) => `${prefix}${index}`);
}
