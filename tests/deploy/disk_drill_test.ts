import assert from "node:assert/strict";
import { runProgram, withWorkingFolder } from "../cli/program.ts";
import { filesIn, startDrill } from "./drill.ts";
import { SmallDisk } from "./small_disk.ts";

const canMount = await (async () => {
  await using disk = await SmallDisk.mount(1);
  return disk !== undefined;
})();
const skipped = canMount ? "" : " (skipped: only root can mount a small disk)";

Deno.test({
  name:
    `drill: with a full disk requests are served, changes are refused in words, and nothing is lost${skipped}`,
  ignore: !canMount,
  async fn() {
    await using disk = await SmallDisk.mount(8);
    assert.ok(disk !== undefined);
    await using drill = await startDrill(filesIn(disk.path));
    await drill.call();
    await drill.addProvider();

    await disk.fill();
    let refused = await drill.addProvider();
    // What the log of the database has already may still take some.
    for (let tries = 0; refused.status === 201 && tries < 500; tries++) refused = await drill.addProvider();
    for (let calls = 0; calls < 20; calls++) await drill.call();
    await drill.untilLogged(/"usage\.flush_failed".*its disk is full/);
    await disk.empty();
    const accepted = await drill.addProvider();
    await drill.call();

    drill.assertRefused(refused, /^Cannot use the database: its disk is full$/);
    assert.equal(accepted.status, 201, accepted.text);
    await drill.assertNothingIsLost();
  },
});

Deno.test({
  name: `drill: a data folder on a read-only disk ends the start with one line${skipped}`,
  ignore: !canMount,
  fn: () =>
    withWorkingFolder(async (folder) => {
      await using disk = await SmallDisk.mount(8);
      assert.ok(disk !== undefined);
      await Deno.mkdir(`${disk.path}/data`);
      await disk.makeReadOnly();

      const whole = await runProgram(folder, [], { DATA_DIR: `${disk.path}/data` });
      const missing = await runProgram(folder, [], { DATA_DIR: `${disk.path}/other` });

      assert.deepEqual([whole.code, missing.code], [1, 1]);
      assert.match(whole.stderr, /^keyturn: Cannot open data folder \S+: it is not writable\n$/);
      assert.match(
        missing.stderr,
        /^keyturn: Cannot open data folder \S+: it cannot be made or is no folder\n$/,
      );
    }),
});
