import assert from "node:assert/strict";
import { openDataFolder } from "../../src/store/data_folder.ts";
import { StoreError } from "../../src/store/store_error.ts";
import { readUntilKilled, startProgram, withFolder } from "./support.ts";

Deno.test("openDataFolder() makes the folder for its owner only", () =>
  withFolder(async (folder) => {
    const path = `${folder}/new/data 50%`;

    const data = await openDataFolder(path);

    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700);
    assert.equal(data.file("master.key"), `${path}/master.key`);
    await data.close();
  }));

Deno.test("openDataFolder() lets the next one in after close(), not before", () =>
  withFolder(async (folder) => {
    const first = await openDataFolder(folder);
    await assert.rejects(openDataFolder(folder), { fault: "in_use" });
    // A refused attempt must not have broken the lock of the first.
    await assert.rejects(openDataFolder(folder), { fault: "in_use" });
    await first.close();
    await first.close();

    const second = await openDataFolder(folder);

    await second.close();
  }));

Deno.test("openDataFolder() names folder and process of another owner, and takes over once that was killed", () =>
  withFolder(async (folder) => {
    const owner = startProgram("program_holds_folder.ts", folder);
    const refusals: unknown[] = [];
    const ready = Promise.withResolvers<void>();
    const output = readUntilKilled(owner, (lines) => {
      if (lines.length > 0) ready.resolve();
      return false;
    });
    await ready.promise;
    await openDataFolder(folder).catch((error: unknown) => refusals.push(error));
    owner.kill("SIGKILL");
    await output;

    const data = await openDataFolder(folder);

    const [refusal] = refusals;
    assert.ok(refusal instanceof StoreError);
    assert.equal(refusal.message, `Cannot open data folder ${folder}: process ${owner.pid} uses it`);
    await data.close();
  }));

Deno.test("openDataFolder() says what is wrong with a path that cannot be a folder", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");

    for (const path of [`${folder}/file`, "/proc/keyturn"]) {
      await assert.rejects(openDataFolder(path), { fault: "unavailable" });
    }
  }));
