import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { withWorkingFolder } from "../cli/program.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { findSqld, untilItAnswers, withSqld } from "../store/sqld.ts";
import { startDeployed } from "./deployed_program.ts";

const sqld = await findSqld();
const skipped = "reason" in sqld ? ` (skipped: no libSQL server, ${sqld.reason})` : "";

const HTML = { accept: "text/html,application/xhtml+xml" };
const MASTER_KEY = "NjQtNDU2Nzg5YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnc=";
const ADMIN_LINE = /Admin key, shown this once: (\S+)/;

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

/** Waits for the port, and gives the first answer. */
async function firstAnswer(url: string, headers: Record<string, string> = {}): Promise<Response> {
  for (let tries = 0;; tries++) {
    try {
      return await fetch(url, { headers });
    } catch (error) {
      // The program is on its way.
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

Deno.test("main.ts on Deno Deploy with nothing set answers with a page that says what is missing", () =>
  withWorkingFolder(async (folder) => {
    await Deno.mkdir(`${folder}/work`);
    await using deployed = await startDeployed(`${folder}/work`, `${folder}/kv`, {
      PUBLIC_URL: "planted value that is no URL",
    });

    const page = await firstAnswer(deployed.url, HTML);
    const html = await page.text();
    const again = await (await fetch(deployed.url, { headers: HTML })).text();
    const call = await fetch(`${deployed.url}/v1/chat/completions`, { method: "POST", body: "{}" });
    const answer = await call.json();
    const ended = await deployed.program.stop();

    assert.equal(page.status, 503);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.deepEqual([...html.matchAll(/<code>(\w+)<\/code>/g)].map(([, name]) => name), [
      "PUBLIC_URL",
      "DATABASE_URL",
      "MASTER_KEY",
    ]);
    assert.match(html, /libSQL server/);
    const styles = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? "";
    const hash = createHash("sha256").update(styles).digest("base64");
    assert.match(
      page.headers.get("content-security-policy") ?? "",
      new RegExp(`'sha256-${RegExp.escape(hash)}'`),
    );
    const made = [html, again].map((text) => /<pre>([\w+/]{43}=)<\/pre>/.exec(text)?.[1]);
    assert.equal(new Set(made).size, 2, "each page has a master key of its own");
    assert.equal(Number(made.includes(undefined)), 0);
    assert.ok(!html.includes("planted"), "values are for the log only");
    assert.equal(call.status, 503);
    assert.equal(call.headers.get("retry-after"), "10");
    assert.equal(answer.error.code, "not_ready");
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /"event":"start\.failed".*MASTER_KEY: got nothing/);
    assert.deepEqual(await names(`${folder}/work`), []);
  }));

Deno.test({
  name:
    `main.ts on Deno Deploy serves from remote libSQL, writes no file, and works on when cron asks${skipped}`,
  ignore: skipped !== "",
  fn: () =>
    withWorkingFolder((folder) =>
      withSqld("path" in sqld ? sqld.path : "", folder, async (databaseUrl) => {
        await untilItAnswers(databaseUrl);
        await Deno.mkdir(`${folder}/work`);
        await using upstream = new ScriptedUpstream(() => Response.json({ hello: "caller" }));
        const variables = {
          DATABASE_URL: databaseUrl,
          MASTER_KEY,
          GLOBAL_PROXY_KEYS: "client-key-of-a-test",
        };

        await using first = await startDeployed(`${folder}/work`, `${folder}/kv`, variables);
        const [, adminKey = ""] = await first.program.printed(ADMIN_LINE);
        const post = async (path: string, body: unknown) => {
          const headers = { "content-type": "application/json", "x-admin-key": adminKey };
          const response = await fetch(first.url + path, {
            method: "POST",
            headers,
            body: JSON.stringify(body),
          });
          assert.equal(response.status, 201, await response.text());
        };
        await post("/admin/providers", { slug: "one", dialect: "rest", baseUrl: upstream.url });
        await post("/admin/keys", { provider: "one", apiKey: "provider-key-0001" });
        const page = await fetch(`${first.url}/admin/setup`, { headers: HTML });
        const styles = await fetch(
          first.url + (/\/static\/\w+\/app\.css/.exec(await page.text())?.[0] ?? ""),
        );
        await styles.body?.cancel();
        Deno.kill(first.program.pid, "SIGUSR2");
        await first.program.printed(/cron keyturn upkeep is done/);
        const firstEnd = await first.program.stop("SIGINT");

        await using second = await startDeployed(`${folder}/work`, `${folder}/kv`, variables);
        const call = await firstAnswer(`${second.url}/proxy/one/x`, {
          authorization: "Bearer client-key-of-a-test",
        });
        const answer = await call.json();
        const secondEnd = await second.program.stop("SIGINT");

        assert.match(firstEnd.stdout, /cron {"name":"keyturn upkeep","schedule":"\*\/5 \* \* \* \*"}/);
        assert.match(firstEnd.stdout, /Keyturn listens on https:\/\/my-app\.acme\.deno\.net/);
        assert.equal(page.status, 200);
        assert.equal(styles.headers.get("content-type"), "text/css; charset=utf-8");
        assert.deepEqual([firstEnd.code, secondEnd.code], [0, 0], firstEnd.stderr + secondEnd.stderr);
        assert.deepEqual([call.status, answer], [200, { hello: "caller" }]);
        assert.ok(!ADMIN_LINE.test(secondEnd.stdout), "the second instance makes no other password");
        assert.deepEqual(await names(`${folder}/work`), []);
      })
    ),
});
