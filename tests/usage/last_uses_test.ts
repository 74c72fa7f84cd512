import assert from "node:assert/strict";
import { createLog } from "../../src/log.ts";
import { type LastUse, LastUses } from "../../src/usage/last_uses.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function start(write: (uses: readonly LastUse[]) => Promise<void>) {
  const ticker = new ManualTicker(1000);
  const logged: string[] = [];
  const log = createLog("error", (line) => void logged.push(line), (text) => text);
  return { ticker, logged, uses: new LastUses(write, ticker, log) };
}

Deno.test("LastUses writes the last use of each client key once every five seconds, and the rest when it ends", async () => {
  const written: (readonly LastUse[])[] = [];
  const { ticker, uses } = start((batch) => Promise.resolve(void written.push(batch)));

  uses.note(undefined, 1000);
  uses.note("env-1", 1000);
  uses.note("a", 1000);
  uses.note("b", 1001);
  uses.note("a", 1002);
  ticker.advance(4_999);
  const early = written.length;
  ticker.advance(1);
  await settled();
  uses.note("b", 7000);
  await uses.close();

  assert.equal(early, 0);
  assert.deepEqual(written, [
    [{ id: "a", lastUsedMs: 1002 }, { id: "b", lastUsedMs: 1001 }],
    [{ id: "b", lastUsedMs: 7000 }],
  ]);
  assert.equal(ticker.watchedCount, 0);
});

Deno.test("LastUses keeps what could not be written for the next time, later uses first", async () => {
  const written: (readonly LastUse[])[] = [];
  let isBroken = true;
  const { ticker, logged, uses } = start((batch) => {
    if (isBroken) return Promise.reject(new Error("Cannot write"));
    written.push(batch);
    return Promise.resolve();
  });

  uses.note("a", 1000);
  uses.note("b", 1000);
  ticker.advance(5_000);
  uses.note("b", 6000);
  await settled();
  isBroken = false;
  ticker.advance(5_000);
  await settled();
  await uses.close();

  assert.deepEqual(written, [[{ id: "a", lastUsedMs: 1000 }, { id: "b", lastUsedMs: 6000 }]]);
  assert.equal(logged.length, 1);
  assert.equal(ticker.watchedCount, 0);
});
