import type { Config } from "../config.ts";
import { fileUrl } from "../core/file_url.ts";
import { parseNetworkList } from "../core/network_list.ts";
import { Secret } from "../core/secret.ts";
import { type DemoProvider, startDemoProviders } from "../demo/demo_cast.ts";
import { startDemoLoad } from "../demo/demo_load.ts";
import { renderDemoTable } from "../demo/demo_table.ts";
import type { Log } from "../log.ts";
import { type Listen, ListenError, type Server, startServer } from "./serve.ts";

export interface DemoOptions {
  readonly config: Config;
  readonly log: Log;
  readonly listen: Listen;
  readonly say: (text: string) => void;
  /** Resolves when a person wants the demo to end. */
  readonly stopped: Promise<void>;
  /** Ends the demo by itself after this time. */
  readonly seconds: number | undefined;
}

const TABLE_PERIOD_MS = 5_000;
const CLIENT_KEY = "kt_demo_client_key";

/**
 * Starts simulated providers on loopback ports, a server in front of them that is filled through its own
 * admin API, and a gentle load; shows how the keys fare until it is stopped. Leaves nothing behind.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-demo-" });
  const providers = startDemoProviders();
  const password = new Secret(`demo-${crypto.randomUUID()}`);
  const server = await startOnFreePort(options, demoConfig(options.config, folder, password));
  try {
    await enter(server.url, password, providers);
    options.say(introduce(server.url, options.config.adminUsername, password));
    const load = startDemoLoad(server.url, CLIENT_KEY);
    const table = setInterval(
      () => options.say(renderDemoTable(server.keyturn.live, providers, load.counts)),
      TABLE_PERIOD_MS,
    );
    await untilEnd(options);
    clearInterval(table);
    await load.stop();
    options.say(renderDemoTable(server.keyturn.live, providers, load.counts));
  } finally {
    await server.stop();
    for (const { simulated } of providers) await simulated.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function demoConfig(config: Config, folder: string, adminPassword: Secret): Config {
  return {
    ...config,
    logLevel: "warn",
    dataDir: folder,
    databaseUrl: fileUrl(`${folder}/keyturn.db`),
    kvUrl: `${folder}/keyturn.kv`,
    masterKeyFile: `${folder}/master.key`,
    adminPassword,
    clientKeys: [new Secret(CLIENT_KEY)],
    keySeeds: new Map(),
    // The simulated providers listen on this machine.
    privateNetworks: parseNetworkList(["127.0.0.0/8"]).networks,
    policy: { ...config.policy, cooldownBaseMs: Math.min(config.policy.cooldownBaseMs, 5_000) },
  };
}

/** The usual port, or any other when something listens there already. */
async function startOnFreePort({ log, listen }: DemoOptions, config: Config): Promise<Server> {
  try {
    return await startServer(config, log, listen);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    return await startServer({ ...config, port: 0 }, log, listen);
  }
}

/** Enters the simulated providers as an operator would: through the admin API. */
async function enter(url: string, password: Secret, providers: readonly DemoProvider[]): Promise<void> {
  for (const { slug, simulated, keys } of providers) {
    await post(`${url}/admin/providers`, password, {
      preset: slug,
      baseUrl: simulated.baseUrl,
      models: simulated.models,
    });
    await post(`${url}/admin/providers/${slug}/keys`, password, { keys: [...keys.keys()] });
  }
}

async function post(url: string, password: Secret, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-admin-key": password.reveal() },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`Cannot enter the demo's providers: ${url} answered ${response.status} ${text}`);
  }
}

function introduce(url: string, owner: string, password: Secret): string {
  return `
Keyturn demo: three simulated providers on loopback ports, nothing leaves this machine.

  Dashboard   ${url}/admin   (name: ${owner}, password and X-Admin-Key: ${password.reveal()})
  Client key  ${CLIENT_KEY}

Try, in another terminal:

  curl ${url}/v1/chat/completions -H 'Authorization: Bearer ${CLIENT_KEY}' -H 'Content-Type: application/json' -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello from OpenAI"}]}'

  curl -N ${url}/v1/messages -H 'x-api-key: ${CLIENT_KEY}' -H 'anthropic-version: 2023-06-01' -H 'Content-Type: application/json' -d '{"model":"claude-sonnet-4-5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"Hello from Anthropic"}]}'

  curl ${url}/v1beta/models/gemini-2.5-flash:generateContent -H 'x-goog-api-key: ${CLIENT_KEY}' -H 'Content-Type: application/json' -d '{"contents":[{"role":"user","parts":[{"text":"Hello from Gemini"}]}]}'

A gentle load runs beside. The table shows the keys every ${TABLE_PERIOD_MS / 1000} seconds; Ctrl+C ends.
`;
}

function untilEnd({ stopped, seconds }: DemoOptions): Promise<void> {
  if (seconds === undefined) return stopped;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1000);
  return Promise.race([stopped, promise]).finally(() => clearTimeout(timer));
}
