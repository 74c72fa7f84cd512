import assert from "node:assert/strict";
import { createLog } from "../../src/log.ts";
import type { Change, ChangesSince } from "../../src/store/change_store.ts";
import { noteChange } from "../../src/store/change_store.ts";
import { openKv } from "../../src/store/kv.ts";
import { ChangeWatcher } from "../../src/upkeep/change_watcher.ts";
import { Lookout } from "../../src/upkeep/lookout.ts";
import { withFolder } from "../store/support.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const PROVIDER: Change = { kind: "provider", ids: ["p1"] };

/** One instance: its own handle on the KV file, as another process would have it. */
async function openInstance(folder: string, instanceId: string) {
  const kv = await openKv({ kind: "file", path: `${folder}/test.kv` });
  const ticker = new ManualTicker();
  const seen: ChangesSince["changes"][] = [];
  const lines: string[] = [];
  const log = createLog("error", (line) => void lines.push(line), (text) => text);
  const state = { isKvBroken: false, isDatabaseBroken: false, untilReload: Promise.resolve() };
  // The true KV file behind a door that can be shut: a server that is out of reach for a while.
  const door = new Proxy(kv, {
    get(target, name) {
      if (state.isKvBroken) throw new Error("no route to host");
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const watcher = new ChangeWatcher({
    kv: door,
    ticker,
    log,
    instanceId,
    reload: async (changes) => {
      if (state.isDatabaseBroken) throw new Error("database is gone");
      await state.untilReload;
      seen.push(changes);
    },
  });
  await watcher.open();
  const close = async () => {
    await watcher.close();
    kv.close();
  };
  return { kv, ticker, log, watcher, seen, lines, state, [Symbol.asyncDispose]: close };
}

Deno.test("ChangeWatcher.catchUp() learns what others have changed since, once, and nothing of its own", () =>
  withFolder(async (folder) => {
    await using one = await openInstance(folder, "one");
    await using other = await openInstance(folder, "other");
    await one.watcher.note(PROVIDER);
    await one.watcher.note({ kind: "group", ids: [] });
    await other.watcher.note({ kind: "alias", ids: ["fast"] });

    await Promise.all([one, other, one, other].map(({ watcher }) => watcher.catchUp()));

    assert.deepEqual(one.seen, [[{ kind: "alias", ids: ["fast"] }]]);
    assert.deepEqual(other.seen, [[PROVIDER]]);
  }));

Deno.test("ChangeWatcher.open() leaves out what was changed before: the database has it", () =>
  withFolder(async (folder) => {
    await using one = await openInstance(folder, "one");
    await one.watcher.note(PROVIDER);
    await using late = await openInstance(folder, "late");

    await late.watcher.catchUp();

    assert.deepEqual(late.seen, []);
  }));

Deno.test("ChangeWatcher.catchUp() tries again what could not be reloaded, and tells the log once", () =>
  withFolder(async (folder) => {
    await using one = await openInstance(folder, "one");
    await using other = await openInstance(folder, "other");
    await one.watcher.note(PROVIDER);
    other.state.isDatabaseBroken = true;
    await other.watcher.catchUp();
    await other.watcher.catchUp();

    other.state.isDatabaseBroken = false;
    await other.watcher.catchUp();

    assert.deepEqual(other.seen, [[PROVIDER]]);
    assert.deepEqual(other.lines.map((line) => JSON.parse(line).event), ["changes.share_failed"]);
  }));

Deno.test("ChangeWatcher.note() tells later what could not be told", () =>
  withFolder(async (folder) => {
    await using one = await openInstance(folder, "one");
    await using other = await openInstance(folder, "other");
    one.state.isKvBroken = true;
    await one.watcher.note(PROVIDER);
    await one.watcher.note({ kind: "setting", ids: ["theme"] });
    await other.watcher.catchUp();
    const whileBroken = [...other.seen];

    one.state.isKvBroken = false;
    await one.watcher.catchUp();
    await other.watcher.catchUp();

    assert.deepEqual(whileBroken, []);
    assert.deepEqual(other.seen, [[PROVIDER, { kind: "setting", ids: ["theme"] }]]);
  }));

Deno.test("ChangeWatcher.note() does not wait for a reload that waits for the change to be told", () =>
  withFolder(async (folder) => {
    await using one = await openInstance(folder, "one");
    await using other = await openInstance(folder, "other");
    const turn = Promise.withResolvers<void>();
    other.state.untilReload = turn.promise;
    await one.watcher.note(PROVIDER);
    const learning = other.watcher.catchUp();

    await other.watcher.note({ kind: "provider_keys", ids: ["k1"] });
    await one.watcher.catchUp();
    turn.resolve();
    await learning;

    assert.deepEqual(one.seen, [[{ kind: "provider_keys", ids: ["k1"] }]]);
    assert.deepEqual(other.seen, [[PROVIDER]]);
  }));

Deno.test("Lookout looks again and again, and no more once it is closed", () =>
  withFolder(async (folder) => {
    await using one = await openInstance(folder, "one");
    const { kv, ticker, log } = one;
    let looks = 0;
    const look = () => Promise.resolve(void looks++);
    const lookout = new Lookout({ kv, ticker, log, isPushed: false, look });

    lookout.open();
    for (let beat = 0; beat < 3; beat++) {
      ticker.advance(200);
      await Promise.resolve();
      await Promise.resolve();
    }
    const whileOpen = looks;
    await lookout.close();
    ticker.advance(10_000);

    assert.equal(whileOpen, 3);
    assert.equal(looks, 3);
    assert.equal(ticker.watchedCount, 0);
  }));

Deno.test("Lookout looks at once where Deno KV pushes, without its clock going on", () =>
  withFolder(async (folder) => {
    await using one = await openInstance(folder, "one");
    await using other = await openInstance(folder, "other");
    const { kv, ticker, log, watcher } = other;
    const learned = Promise.withResolvers<void>();
    const look = async () => {
      await watcher.catchUp();
      if (other.seen.length > 0) learned.resolve();
    };
    // Within one process a file is pushed as a server is.
    const lookout = new Lookout({ kv, ticker, log, isPushed: true, look });
    lookout.open();

    await noteChange(one.kv, "one", PROVIDER);
    await learned.promise;
    await lookout.close();

    assert.deepEqual(other.seen, [[PROVIDER]]);
    assert.equal(ticker.watchedCount, 0);
  }));
