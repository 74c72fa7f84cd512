import assert from "node:assert/strict";
import { type DemoProvider, startDemoProviders } from "../src/demo/demo_cast.ts";

const ADMIN_PASSWORD = "smoke-admin-password";
const CLIENT_KEY = "kt_smoke_client_key_01";
/** A start that takes longer has failed. */
const PATIENCE_MS = 60_000;

/**
 * Starts a program, given as a command line, in an empty folder and takes one way through all of it: health, the
 * admin API, a request and a stream through simulated providers that run apart, a page with its style sheet, an
 * orderly end. Fails with what went wrong, and what the program had said.
 *
 *     deno run --allow-all .ci/smoke.ts dist/keyturn
 */
export async function smoke(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-smoke-" });
  const providers = startDemoProviders();
  const program = start(command, args, folder, variables);
  try {
    const url = await program.url();
    await takeTheWay(url, providers);
    await program.end();
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["data"], "nothing lies about");
  } catch (error) {
    throw new Error(`Smoke test failed; the program had said:\n${program.said()}`, { cause: error });
  } finally {
    await program.end().catch(() => undefined);
    for (const { simulated } of providers) await simulated.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function takeTheWay(url: string, providers: readonly DemoProvider[]): Promise<void> {
  const health = await fetch(`${url}/health`);
  assert.equal(health.status, 200, await health.text());
  for (const { slug, simulated, keys } of providers) {
    await post(`${url}/admin/providers`, {
      preset: slug,
      baseUrl: simulated.baseUrl,
      models: simulated.models,
    });
    await post(`${url}/admin/providers/${slug}/keys`, { keys: [...keys.keys()] });
  }
  const chat = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] };
  const answer = await ask(url, chat);
  assert.match(await answer.text(), /"object": ?"chat\.completion"/);
  const stream = await ask(url, { ...chat, stream: true });
  assert.match(await stream.text(), /data: \[DONE\]/);
  const page = await fetch(`${url}/admin/login`, { headers: { accept: "text/html" } });
  const html = await page.text();
  assert.match(html, /^<!DOCTYPE html>/i);
  const [, sheet = ""] = /<link[^>]* href="([^"]+\.css[^"]*)"/.exec(html) ?? [];
  const style = await fetch(new URL(sheet, page.url));
  assert.match(style.headers.get("content-type") ?? "", /^text\/css/);
  assert.ok((await style.text()).length > 100, "the style sheet is embedded");
}

async function ask(url: string, body: unknown): Promise<Response> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${CLIENT_KEY}` },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  return response;
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      "x-admin-key": ADMIN_PASSWORD,
    },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${url} answered ${response.status} ${await response.text()}`);
}

function start(
  command: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>>,
) {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd,
    env: {
      PORT: "0",
      ADMIN_PASSWORD,
      GLOBAL_PROXY_KEYS: CLIENT_KEY,
      ALLOW_PRIVATE_NETWORKS: "true",
      NO_COLOR: "1",
      ...variables,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  const follow = async (stream: ReadableStream<Uint8Array>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) text += part;
  };
  const over = Promise.all([child.status, follow(child.stdout), follow(child.stderr)]);
  let isOver = false;
  over.finally(() => isOver = true);
  const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  return {
    said: () => text,
    async url(): Promise<string> {
      for (;;) {
        const [, url] = /Keyturn listens on (http:\S+)/.exec(text) ?? [];
        if (url !== undefined) return url;
        assert.ok(!isOver, "it listens");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async end(): Promise<void> {
      // Windows has no SIGTERM: there the program is ended as by its task manager.
      if (!isOver) child.kill(Deno.build.os === "windows" ? "SIGKILL" : "SIGTERM");
      const [{ code }] = await over;
      clearTimeout(patience);
      if (Deno.build.os !== "windows") assert.equal(code, 0, "it ends in good order");
    },
  };
}

if (import.meta.main) {
  const [command, ...args] = Deno.args;
  if (command === undefined) throw new Error("Cannot test: name the program");
  await smoke(command.includes("/") ? await Deno.realPath(command) : command, args);
  Deno.stdout.writeSync(new TextEncoder().encode("smoke: as it should be\n"));
}
