import { withFolder } from "../store/support.ts";
import { actAsOne } from "./scenario.ts";
import { WITHOUT_SQLD, withThreeInstances } from "./shared_stores.ts";

const denokv = Deno.env.get("KEYTURN_TEST_DENOKV") ?? "";
const skipped = denokv === "" ? " (skipped: KEYTURN_TEST_DENOKV names no denokv program)" : WITHOUT_SQLD;

const TOKEN = "test-access-token-0001";

/** A KV Connect server on a port of its own, from the crate denokv; ended when it resolves. */
async function withDenokv(
  folder: string,
  token: string,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  listener.close();
  const server = new Deno.Command(denokv, {
    args: ["--sqlite-path", `${folder}/denokv.db`, "serve", "--addr", address, "--access-token", token],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await untilItListens(address);
    await test(`http://${address}`);
  } finally {
    server.kill("SIGKILL");
    await server.status;
  }
}

async function untilItListens(address: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      // Whatever it answers, it answers.
      await (await fetch(`http://${address}/`)).body?.cancel();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("denokv does not answer");
}

Deno.test({
  name: `three processes on a KV Connect server and one libSQL server act as one${skipped}`,
  ignore: skipped !== "",
  fn: (t) =>
    withFolder((folder) =>
      withDenokv(folder, TOKEN, (url) =>
        withThreeInstances(
          (instances) => actAsOne(t, instances, 400),
          { url, env: { DENO_KV_ACCESS_TOKEN: TOKEN } },
        ))
    ),
});
