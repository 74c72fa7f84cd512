import assert from "node:assert/strict";
import { readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { LiveSettings } from "../../src/start/live_settings.ts";
import { setSettings } from "../../src/store/settings_store.ts";
import { withDatabase } from "../store/support.ts";

const createSilentLog = () => createLog("info", () => {}, (text) => text);

Deno.test("LiveSettings.load() takes over what another instance has set, into the objects that are held", () =>
  withDatabase(async (db) => {
    const one = new LiveSettings(readConfig({}), db, createSilentLog());
    const log = createSilentLog();
    const other = new LiveSettings(readConfig({ MAX_WAIT_SECONDS: "3" }), db, log);
    const { kept, policy } = other.config;
    const told: string[][] = [];
    other.onChange = (changed) => void told.push([...changed]);

    const changed = await one.set({ REQUEST_LOG_DAYS: 5, MAX_WAIT_SECONDS: 1, LOG_LEVEL: "warn" });
    await other.load();
    await other.load();

    assert.deepEqual([...changed].toSorted(), ["LOG_LEVEL", "MAX_WAIT_SECONDS", "REQUEST_LOG_DAYS"]);
    assert.deepEqual([kept.requestsForDays, log.level], [5, "warn"]);
    assert.equal(policy.maxWaitMs, 3000, "the environment wins");
    assert.deepEqual(told, [["REQUEST_LOG_DAYS", "LOG_LEVEL"]]);
  }));

Deno.test("LiveSettings.load() leaves out a stored value that cannot be taken, and takes the rest", () =>
  withDatabase(async (db) => {
    await setSettings(db, { "live:REQUEST_LOG_DAYS": "many", "live:DRAIN_SECONDS": "7" });
    const settings = new LiveSettings(readConfig({}), db, createSilentLog());

    await settings.load();

    assert.deepEqual([settings.config.kept.requestsForDays, settings.config.drainMs], [30, 7000]);
  }));
