import assert from "node:assert/strict";
import { createLog } from "../../src/log.ts";
import { openKv } from "../../src/store/kv.ts";
import { type Job, Scheduler } from "../../src/upkeep/scheduler.ts";
import { withFolder } from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const PERIOD_MS = 60_000;

interface World {
  readonly ticker: ManualTicker;
  readonly logged: string[];
  /** Another instance on the same KV file; one that stands still has a clock of its own. */
  open(clock?: ManualTicker): Promise<Scheduler>;
}

async function withWorld(test: (world: World) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const ticker = new ManualTicker();
    const logged: string[] = [];
    const log = createLog("debug", (line) => void logged.push(line), (text) => text);
    const opened: { readonly kv: Deno.Kv; readonly scheduler: Scheduler }[] = [];
    const open = async (clock = ticker) => {
      const kv = await openKv({ kind: "file", path: `${folder}/kv.db` });
      const scheduler = new Scheduler({ kv, ticker: clock, log, random: () => 0 });
      opened.push({ kv, scheduler });
      return scheduler;
    };
    try {
      await test({ ticker, logged, open });
    } finally {
      for (const { kv, scheduler } of opened) {
        await scheduler.close();
        kv.close();
      }
    }
    assert.equal(ticker.watchedCount, 0);
  });
}

function jobOf(run: Job["run"], more: Partial<Job> = {}): Job {
  return { name: "job", periodMs: PERIOD_MS, jitter: 0.1, runsOn: "one_instance", run, ...more };
}

/** Lets time pass, and what is due then come to its end. */
async function pass(ticker: ManualTicker, ms: number, ...schedulers: readonly Scheduler[]): Promise<void> {
  ticker.advance(ms);
  for (const scheduler of schedulers) await scheduler.settled();
}

Deno.test("Scheduler runs a job at the start and then once a period", () =>
  withWorld(async ({ ticker, open }) => {
    const scheduler = await open();
    const runs: number[] = [];
    const beganMs = ticker.now();
    scheduler.add(jobOf(async () => void runs.push(ticker.now() - beganMs)));

    for (let step = 0; step < 12; step++) await pass(ticker, step === 0 ? 0 : 15_000, scheduler);

    assert.deepEqual(runs, [0, 60_000, 120_000]);
  }));

Deno.test("Scheduler lets one of several instances run a job, and a failed run may be taken up by another", () =>
  withWorld(async ({ ticker, open }) => {
    const [one, two] = [await open(), await open()];
    const runs: string[] = [];
    let isBroken = false;
    const add = (scheduler: Scheduler, name: string) =>
      scheduler.add(jobOf(async () => {
        runs.push(name);
        if (isBroken && name === "one") throw new Error("broken");
      }));
    add(one, "one");
    await pass(ticker, 0, one);
    add(two, "two");

    await pass(ticker, 0, two);
    const atStart = [...runs];
    for (let step = 0; step < 8; step++) await pass(ticker, 15_000, one, two);
    const inTwoPeriods = runs.length - 1;
    runs.length = 0;
    isBroken = true;
    for (let step = 0; step < 20; step++) await pass(ticker, 15_000, one, two);

    assert.deepEqual(atStart, ["one"]);
    assert.equal(inTwoPeriods, 2);
    assert.ok(runs.includes("two"), runs.join());
  }));

Deno.test("Scheduler runs a job of every instance on each, without a lease", () =>
  withWorld(async ({ ticker, open }) => {
    const [one, two] = [await open(), await open()];
    let runs = 0;
    const job = jobOf(async () => void runs++, { runsOn: "every_instance" });
    one.add(job);
    two.add(job);

    await pass(ticker, 0, one, two);

    assert.equal(runs, 2);
  }));

Deno.test("Scheduler never runs a job beside itself, and renews its lease while it runs", () =>
  withWorld(async ({ ticker, open }) => {
    const [one, two] = [await open(), await open()];
    const { promise: isEnding, resolve: end } = Promise.withResolvers<void>();
    const { promise: hasBegun, resolve: begin } = Promise.withResolvers<void>();
    let underWay = 0;
    let most = 0;
    const run = async () => {
      most = Math.max(most, ++underWay);
      begin();
      await isEnding;
      underWay--;
    };
    one.add(jobOf(run));
    ticker.advance(0);
    await hasBegun;
    two.add(jobOf(run));

    for (let step = 0; step < 20; step++) {
      ticker.advance(10_000);
      // The renewal of the first instance has come back from Deno KV, and the second waits for its next try.
      await ticker.watches(2);
    }
    end();
    await one.settled();

    assert.equal(most, 1);
  }));

Deno.test("Scheduler takes over the job of an instance that died, once its lease is over", () =>
  withWorld(async ({ ticker, open }) => {
    // Its clock stands, as that of a machine that sleeps: it renews nothing.
    const sleeping = new ManualTicker(ticker.now());
    const [dead, alive] = [await open(sleeping), await open()];
    const { promise: hasBegun, resolve: begin } = Promise.withResolvers<void>();
    let wasAborted = false;
    dead.add(jobOf(async (signal) => {
      begin();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      wasAborted = true;
    }));
    sleeping.advance(0);
    await hasBegun;
    let runs = 0;
    alive.add(jobOf(async () => void runs++, { periodMs: 20_000 }));

    await pass(ticker, 29_000, alive);
    const early = runs;
    await pass(ticker, 1_000, alive);
    const late = runs;
    sleeping.advance(30_000);
    await dead.settled();

    assert.deepEqual([early, late], [0, 1]);
    assert.equal(wasAborted, true);
    await dead.close();
    assert.equal(sleeping.watchedCount, 0);
  }));

Deno.test("Scheduler logs a failure, tries again and backs off", () =>
  withWorld(async ({ ticker, logged, open }) => {
    const scheduler = await open();
    const runs: number[] = [];
    const beganMs = ticker.now();
    scheduler.add(jobOf(async () => {
      runs.push((ticker.now() - beganMs) / 60_000);
      throw new Error("no way");
    }, { periodMs: 3600_000 }));

    for (let minute = 0; minute <= 20; minute++) await pass(ticker, minute === 0 ? 0 : 60_000, scheduler);

    assert.deepEqual(runs, [0, 1, 3, 7, 15]);
    assert.match(logged.join("\n"), /"event":"job.failed".*"failuresInRow":5.*no way/);
  }));

Deno.test("Scheduler.runSoon() runs a job at the next tick, and once more after the run under way", () =>
  withWorld(async ({ ticker, open }) => {
    const scheduler = await open();
    let runs = 0;
    const job = jobOf(
      async () => {
        if (++runs === 1) scheduler.runSoon("job");
      },
      { runsOn: "every_instance" },
    );
    scheduler.add(job);

    await pass(ticker, 0, scheduler);
    await pass(ticker, 1, scheduler);
    const afterOwn = runs;
    scheduler.runSoon("job");
    scheduler.runSoon("of nobody");
    await pass(ticker, 1, scheduler);
    await pass(ticker, 1, scheduler);

    assert.equal(afterOwn, 2);
    assert.equal(runs, 3);
  }));

Deno.test("Scheduler.close() tells what runs to end, and waits for it", () =>
  withWorld(async ({ ticker, logged, open }) => {
    const scheduler = await open();
    let hasEnded = false;
    const { promise: hasBegun, resolve: begin } = Promise.withResolvers<void>();
    scheduler.add(jobOf(async (signal) => {
      begin();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      hasEnded = true;
    }));
    ticker.advance(0);
    await hasBegun;

    await scheduler.close();
    ticker.advance(PERIOD_MS * 3);

    assert.equal(hasEnded, true);
    assert.doesNotMatch(logged.join("\n"), /job.not_ended/);
  }));

Deno.test("Scheduler.close() does not wait for ever for a job that does not listen", () =>
  withWorld(async ({ ticker, logged, open }) => {
    const scheduler = await open();
    const { promise: never, resolve: end } = Promise.withResolvers<void>();
    scheduler.add(jobOf(() => never, { runsOn: "every_instance" }));
    ticker.advance(0);

    const closing = scheduler.close(1000);
    ticker.advance(1000);
    await closing;
    end();
    await scheduler.settled();

    assert.match(logged.join("\n"), /job.not_ended/);
  }));

Deno.test("Scheduler.runAll() runs at once what no other instance did, and resolves once it is done", () =>
  withWorld(async ({ ticker, open }) => {
    const [one, two] = [await open(), await open()];
    const runs: string[] = [];
    for (const [name, scheduler] of [["one", one], ["two", two]] as const) {
      scheduler.add(jobOf(async () => void runs.push(`${name} shared`)));
      scheduler.add(
        jobOf(async () => void runs.push(`${name} own`), { name: "own", runsOn: "every_instance" }),
      );
    }

    await one.runAll();
    await two.runAll();
    const afterFirst = [...runs];
    ticker.advance(PERIOD_MS);
    await one.settled();
    await two.settled();
    await one.close();
    await one.runAll();

    assert.deepEqual(afterFirst.toSorted(), ["one own", "one shared", "two own"]);
    assert.equal(runs.filter((run) => run === "one own").length, 2, "the clock goes on from the run");
    assert.equal(runs.filter((run) => run.endsWith("shared")).length, 2);
  }));
