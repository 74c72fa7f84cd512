import assert from "node:assert/strict";
import {
  createSetting,
  deleteSetting,
  findSetting,
  listSettings,
  setSettings,
} from "../../src/store/settings_store.ts";
import { withDatabase } from "./support.ts";

Deno.test("setSettings() adds and replaces", () =>
  withDatabase(async (db) => {
    await setSettings(db, { language: "en", theme: "dark" });
    await setSettings(db, { language: "zh" });

    assert.deepEqual([...await listSettings(db)], [["language", "zh"], ["theme", "dark"]]);
  }));

Deno.test("createSetting() lets the first value stand", () =>
  withDatabase(async (db) => {
    const values = await Promise.all(["a", "b", "c"].map((value) => createSetting(db, "instance", value)));

    assert.deepEqual(values, ["a", "a", "a"]);
  }));

Deno.test("findSetting() gives undefined for what was never set, or deleted", () =>
  withDatabase(async (db) => {
    await setSettings(db, { language: "en" });
    await deleteSetting(db, "language");

    assert.equal(await findSetting(db, "language"), undefined);
    assert.equal(await findSetting(db, "constructor"), undefined);
  }));
