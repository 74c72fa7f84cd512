import assert from "node:assert/strict";
import { createLog } from "../../src/log.ts";
import { closeAll } from "../../src/start/close_all.ts";

Deno.test("closeAll() goes on without a step that never ends, the last first, and each once", async () => {
  const steps: string[] = [];
  const logged: string[] = [];
  const log = createLog("info", (line) => void logged.push(line), (text) => text);
  const closers = [
    () => void steps.push("database"),
    () => new Promise<void>(() => steps.push("a store that is away")),
    async () => {
      await Promise.resolve();
      steps.push("recorder");
    },
  ];

  await closeAll(closers, log, 5);
  await closeAll(closers, log, 5);

  assert.deepEqual(steps, ["recorder", "a store that is away", "database"]);
  assert.equal(logged.filter((line) => line.includes("stop.step_left")).length, 1);
});
