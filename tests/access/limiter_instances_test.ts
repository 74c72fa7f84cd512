import assert from "node:assert/strict";
import { startProgram } from "../store/support.ts";
import type { Admission } from "../../src/access/admission.ts";
import { clientKey, mostWithin, withLimiters } from "./limiters.ts";

const MINUTE_MS = 60_000;

Deno.test("three limiters on one KV file let in no more than the limit in any minute, and nearly all of it", () =>
  withLimiters(3, async (limiters, ticker) => {
    const limit = 300;
    const key = clientKey({ requestsPerMinute: limit });
    const admittedMs: number[] = [];
    const startMs = ticker.now();

    // The first burst falls into the middle of a minute, as the worst case of a window with two buckets does.
    ticker.advance(41_300);
    for (let step = 0; step < 500; step++) {
      // Uneven demand, about four times of what is allowed, then steady.
      const counts = step < 250 ? [step % 7, 3, step % 3] : [3, 3, 2];
      const admitted = await Promise.all(
        limiters.map((each, index) => each.admitMany(key, counts[index] ?? 0)),
      );
      for (const _ of admitted.flat()) admittedMs.push(ticker.now());
      for (const each of limiters) await each.quiet();
      ticker.advance(400);
    }

    const most = mostWithin(admittedMs, MINUTE_MS);
    const steady = admittedMs.filter((timeMs) => timeMs >= startMs + 41_300 + 80_000).length;
    assert.ok(most <= limit, `${most} in one minute`);
    assert.ok(steady >= 0.9 * limit * 2, `${steady} in two minutes`);
  }));

Deno.test("three limiters share a token budget that is reserved and settled", () =>
  withLimiters(3, async (limiters, ticker) => {
    const limit = 100_000;
    const key = clientKey({ tokensPerMinute: limit });
    const used: { readonly timeMs: number; readonly tokens: number }[] = [];
    const open: { readonly admission: Admission; readonly tokens: number; readonly endMs: number }[] = [];
    let seed = 7;
    const random = () => (seed = seed * 48271 % 0x7fffffff) / 0x7fffffff;

    for (let step = 0; step < 400; step++) {
      for (const each of limiters) {
        for (const admission of await each.admitMany(key, 2, { tokens: 2_000, nanoDollars: 0 })) {
          const tokens = Math.round(random() * 2_000);
          used.push({ timeMs: ticker.now(), tokens });
          open.push({ admission, tokens, endMs: ticker.now() + random() * 5_000 });
        }
      }
      for (const each of limiters) await each.quiet();
      ticker.advance(500);
      for (const { admission, tokens, endMs } of open) {
        if (endMs <= ticker.now()) admission.settle({ tokens });
      }
    }

    const within = (toMs: number) =>
      used.reduce(
        (sum, { timeMs, tokens }) => timeMs <= toMs && timeMs > toMs - MINUTE_MS ? sum + tokens : sum,
        0,
      );
    const most = Math.max(...used.map(({ timeMs }) => within(timeMs)));
    assert.ok(most <= limit, `${most} in one minute`);
    assert.ok(most >= 0.9 * limit, `${most} in the fullest minute`);
  }));

Deno.test("three processes hammer one client key: overshoot below 5%, and one killed with -9 loses its slice only", async () => {
  await withLimiters(1, async ([own], _ticker, path) => {
    assert.ok(own);
    const limit = 2_000;
    const programs = ["x", "y", "z"].map((name) =>
      startProgram("../access/program_admits.ts", path, name, String(limit))
    );

    const outputs = await Promise.all(programs.map(async (program, index) => {
      let admitted = 0;
      let isKilled = false;
      for await (const chunk of program.stdout.pipeThrough(new TextDecoderStream())) {
        admitted += [...chunk].filter((character) => character === "\n").length;
        // What it had told before is still in the pipe.
        if (index === 0 && admitted > 100 && !isKilled) isKilled = true, program.kill("SIGKILL");
      }
      await program.status;
      return admitted;
    }));

    const total = outputs.reduce((sum, each) => sum + each, 0);
    assert.ok(total <= 1.05 * limit, `${total} of ${limit}: ${outputs}`);
    assert.ok(total >= 0.9 * limit, `${total} of ${limit}: ${outputs}`);
    assert.ok(outputs.every((each) => each > 0), `each had some: ${outputs}`);
  });
});
