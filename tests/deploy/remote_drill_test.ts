import assert from "node:assert/strict";
import { createClient } from "@libsql/client";
import { listHealth } from "../../src/store/health_store.ts";
import { type KvTarget, openKv } from "../../src/store/kv.ts";
import { withWorkingFolder } from "../cli/program.ts";
import { findSqld } from "../store/sqld.ts";
import { until } from "../support/keyturn_under_test.ts";
import { type Drill, startDrill } from "./drill.ts";

const sqld = await findSqld();
const withoutSqld = "reason" in sqld ? ` (skipped: no libSQL server, ${sqld.reason})` : "";
const denokv = Deno.env.get("KEYTURN_TEST_DENOKV") ?? "";
const withoutDenokv = denokv === "" ? " (skipped: KEYTURN_TEST_DENOKV names no denokv program)" : "";

/** A server on one port that can be killed and started again with what it has stored. `await using` ends it. */
class RestartableServer {
  readonly url: string;
  readonly #start: () => Deno.Command;
  #child: Deno.ChildProcess | undefined;

  constructor(command: string, args: (address: string) => string[]) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const address = `127.0.0.1:${listener.addr.port}`;
    this.url = `http://${address}`;
    this.#start = () => new Deno.Command(command, { args: args(address), stdout: "null", stderr: "null" });
  }

  /** Resolves once it answers, whatever it answers. */
  async start(): Promise<void> {
    this.#child = this.#start().spawn();
    await until(() =>
      fetch(this.url).then((response) => response.body?.cancel().then(() => true) ?? true, () => false)
    );
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

Deno.test({
  name:
    `drill: libSQL's server goes and comes back: requests are served, changes refused in words, nothing lost${withoutSqld}`,
  ignore: withoutSqld !== "",
  fn: () =>
    withWorkingFolder(async (folder) => {
      await using server = new RestartableServer("path" in sqld ? sqld.path : "", (address) => [
        ...["--db-path", `${folder}/sqld`, "--http-listen-addr", address, "--no-welcome"],
      ]);
      await server.start();
      await using drill = await startDrill({ databaseUrl: server.url });
      await drill.call();
      await drill.addProvider();

      await server.kill();
      const refused = await drill.addProvider();
      for (let calls = 0; calls < 20; calls++) await drill.call();
      await drill.untilLogged(/"usage\.flush_failed".*its server does not answer/);
      await server.start();
      const accepted = await drill.addProvider();
      await drill.call();

      drill.assertRefused(refused, /^Cannot use the database: its server does not answer$/);
      assert.equal(accepted.status, 201, accepted.text);
      await drill.assertNothingIsLost();
    }),
});

Deno.test({
  name:
    `drill: Deno KV's server goes and comes back: requests are served, and health seen meanwhile is kept${withoutDenokv}`,
  ignore: withoutDenokv !== "",
  fn: () =>
    withoutKvFor(20, async (drill, server) => {
      await server.start();

      await until(() => hasRestingKey({ kind: "url", url: server.url }));
      await drill.assertNothingIsLost();
    }),
});

Deno.test({
  name:
    `drill: a stop ends while Deno KV's server is away, and what the database takes is written${withoutDenokv}`,
  ignore: withoutDenokv !== "",
  fn: () =>
    withoutKvFor(5, async (drill) => {
      await drill.assertNothingIsLost();
      assert.ok(drill.keyturn.logged.some((line) => line.includes("stop.step_left")));
    }),
});

/** So many calls, one of which meets a limit, while Deno KV's server has gone; it is down when the test takes over. */
function withoutKvFor(
  calls: number,
  test: (drill: Drill, server: RestartableServer) => Promise<void>,
): Promise<void> {
  return withWorkingFolder(async (folder) => {
    await using server = denokvServer(folder);
    await server.start();
    await using drill = await startDrill({ kvUrl: server.url });
    await drill.call();
    await server.kill();
    drill.limitKey();
    for (let call = 0; call < calls; call++) await drill.call();
    await test(drill, server);
  });
}

/** A KV Connect server, from the crate denokv. */
function denokvServer(folder: string): RestartableServer {
  const token = "test-access-token-0001";
  // The runtime reads it itself.
  Deno.env.set("DENO_KV_ACCESS_TOKEN", token);
  return new RestartableServer(denokv, (address) => [
    ...["--sqlite-path", `${folder}/denokv.db`, "serve", "--addr", address, "--access-token", token],
  ]);
}

/** Whether Deno KV knows of a key that rests for most of an hour. */
async function hasRestingKey(target: KvTarget): Promise<boolean> {
  const kv = await openKv(target);
  try {
    const leastMs = Date.now() + 3_000_000;
    return (await listHealth(kv)).some(({ health }) => (health.untilMs ?? 0) > leastMs);
  } finally {
    kv.close();
  }
}

Deno.test("drill: a Deno KV file that another program has locked: requests are served, and health seen meanwhile is kept", async () => {
  await using drill = await startDrill();
  const { kvUrl = "" } = drill.keyturn.config;
  await drill.call();
  const other = createClient({ url: `file:${kvUrl}`, timeout: 1000, concurrency: 1 });
  const lock = await other.transaction("write");

  drill.limitKey();
  for (let calls = 0; calls < 20; calls++) await drill.call();
  await lock.rollback();
  other.close();

  await until(() => hasRestingKey({ kind: "file", path: kvUrl }));
  await drill.assertNothingIsLost();
});
