import assert from "node:assert/strict";
import { createClient } from "@libsql/client";
import { runProgram, startProgram, withWorkingFolder } from "../cli/program.ts";
import { startDrill } from "./drill.ts";

Deno.test("drill: while another program has locked the database requests are served and changes wait, none lost", async () => {
  await using drill = await startDrill();
  const other = createClient({ url: drill.keyturn.config.databaseUrl, timeout: 1000, concurrency: 1 });
  const lock = await other.transaction("write");

  const adding = drill.addProvider();
  const durations: number[] = [];
  for (let calls = 0; calls < 20; calls++) {
    const startedMs = performance.now();
    await drill.call();
    durations.push(performance.now() - startedMs);
  }
  const isWaiting = await Promise.race([adding.then(() => false), Promise.resolve(true)]);
  await lock.rollback();
  other.close();
  const added = await adding;

  assert.ok(isWaiting, "the change is not acknowledged before it is written");
  assert.equal(added.status, 201, added.text);
  durations.sort((a, b) => a - b);
  assert.ok((durations[10] ?? Infinity) < 150, `half of the calls take ${durations[10]} ms`);
  await drill.assertNothingIsLost();
});

Deno.test("drill: a database that stays locked ends the start with one line", () =>
  withWorkingFolder(async (folder) => {
    await using first = startProgram(folder, []);
    await first.printed(/Keyturn listens/);
    await first.stop();
    const other = createClient({ url: `file:${folder}/data/keyturn.db`, timeout: 1000, concurrency: 1 });
    const lock = await other.transaction("write");

    const ended = await runProgram(folder, []);
    await lock.rollback();
    other.close();

    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /^keyturn: Cannot use the database: another program has locked it\n$/);
  }));

Deno.test("drill: a damaged database ends the start with one line, and is left as it is", () =>
  withWorkingFolder(async (folder) => {
    await using first = startProgram(folder, []);
    await first.printed(/Keyturn listens/);
    await first.stop();
    const path = `${folder}/data/keyturn.db`;
    const whole = await Deno.readFile(path);
    // The head of the file stays, so that it is still a database.
    const damaged = whole.map((byte, index) => index < 100 ? byte : byte ^ 0x5a);
    await Deno.writeFile(path, damaged);

    const ended = await runProgram(folder, []);

    assert.equal(ended.code, 1, ended.stderr);
    assert.match(
      ended.stderr,
      /^keyturn: Cannot \w+ (?:the )?database.*: (?:its|the) file is damaged; put a backup in its place\n$/,
    );
    assert.deepEqual(await Deno.readFile(path), damaged);
    await Deno.writeFile(path, whole);
    await using again = startProgram(folder, []);
    await again.printed(/Keyturn listens/);
  }));
