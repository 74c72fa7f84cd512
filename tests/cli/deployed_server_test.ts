import assert from "node:assert/strict";
import { DeployedServer } from "../../src/cli/deployed_server.ts";
import { type Config, ConfigError, readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { storeCheapPassword } from "../support/cheap_password.ts";
import { withWorkingFolder } from "./program.ts";

const HTML = { headers: { accept: "text/html" } };

function deployed(read: () => Config) {
  const clock = { nowMs: 1_700_000_000_000 };
  const logged: string[] = [];
  let opened = 0;
  const server = new DeployedServer({
    readConfig: read,
    createLog: ({ logLevel }) => createLog(logLevel, (line) => void logged.push(line), (text) => text),
    onOpen: () => void opened++,
    nowMs: () => clock.nowMs,
  });
  const ask = async (path: string, init?: RequestInit) =>
    await server.serve(new Request(`http://127.0.0.1${path}`, init));
  return { server, clock, logged, ask, openedTimes: () => opened };
}

const LISTENING = { port: 0, shutdown: () => Promise.resolve(), abort: () => {} };

Deno.test("DeployedServer tries again ten seconds after a start that failed, and not before", () =>
  withWorkingFolder(async (folder) => {
    let tries = 0;
    const config = readConfig({
      DATA_DIR: folder,
      HEALTH_CHECK_INTERVAL_SECONDS: "0",
      MODEL_LIST_HOURS: "0",
    });
    await storeCheapPassword(config.databaseUrl, "test-admin-password");
    const { server, clock, ask, openedTimes } = deployed(() => {
      if (++tries === 1) throw new ConfigError(["MASTER_KEY: got nothing, takes a key"]);
      return config;
    });

    const first = await ask("/health");
    clock.nowMs += 9_999;
    const early = await ask("/health");
    clock.nowMs += 1;
    const [third, fourth] = await Promise.all([ask("/health"), ask("/health")]);
    await server.runUpkeep();
    await server.stop(LISTENING);

    assert.deepEqual([first.status, early.status, third.status, fourth.status], [503, 503, 200, 200]);
    assert.equal(tries, 2);
    assert.equal(openedTimes(), 1);
  }));

Deno.test("DeployedServer tells anybody that a store is away, and only the log which one", async () => {
  using gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = gone.addr;
  gone.close();
  const { server, ask, logged } = deployed(() =>
    readConfig({
      DENO_DEPLOY: "true",
      DATABASE_URL: `http://127.0.0.1:${port}`,
      MASTER_KEY: "NjQtNDU2Nzg5YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnc=",
    })
  );

  const page = await (await ask("/", HTML)).text();
  const answer = await ask("/v1/models");
  const { error } = await answer.json();
  const upkeep = await server.runUpkeep().catch((error: Error) => error.message);
  await server.stop(LISTENING);

  assert.match(page, /Cannot open database: the server does not answer, or refuses the token\./);
  assert.equal(answer.status, 503);
  assert.equal(
    error.message,
    "Keyturn is not ready yet: Cannot open database: the server does not answer, or refuses the token",
  );
  assert.match(String(upkeep), /^Cannot do the background work: Cannot open database/);
  assert.ok(!page.includes(String(port)));
  assert.ok(logged.some((line) => line.includes(String(port)) && line.includes("start.failed")));
});
