import { STREAM_PREFIX } from "./canned_answers.ts";
import { freePort, PinnedProcess, RELAY_CORE, untilListening } from "./pinned_process.ts";

export const CLIENT_KEY = "kt_bench_0123456789abcdef0123456789abcdef";
const ADMIN_PASSWORD = "bench-admin-0123456789";
const PROVIDER_KEYS = 20;

/**
 * Keyturn as anyone runs it: `main.ts serve` from the checkout in `root`, a data folder of its own, one client
 * key, and two providers of 20 keys each that are made through the admin API.
 */
export async function startKeyturn(root: string, dataDir: string, plainPort: number, streamPort: number) {
  const port = freePort();
  await Deno.mkdir(dataDir, { recursive: true });
  const process = new PinnedProcess(
    Deno.execPath(),
    [
      "run",
      "--quiet",
      "--no-check",
      "--allow-all",
      "--config",
      `${root}/deno.json`,
      `${root}/main.ts`,
      "serve",
    ],
    {
      core: RELAY_CORE,
      cwd: dataDir,
      env: {
        PORT: String(port),
        HOST: "127.0.0.1",
        DATA_DIR: `${dataDir}/data`,
        GLOBAL_PROXY_KEYS: CLIENT_KEY,
        ADMIN_PASSWORD,
        LOG_LEVEL: "error",
        ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8",
      },
    },
  );
  await untilListening(port);
  await addProvider(port, "plain", plainPort, 1);
  // By its slug, so that the streams have an upstream of their own here too.
  await addProvider(port, STREAM_PREFIX.replace("/llm/", ""), streamPort, 2);
  return { port, process };
}

async function addProvider(
  port: number,
  slug: string,
  upstreamPort: number,
  priority: number,
): Promise<void> {
  await post(port, "/admin/providers", {
    slug,
    priority,
    dialect: "openai",
    baseUrl: `http://127.0.0.1:${upstreamPort}/v1`,
  });
  const keys = Array.from({ length: PROVIDER_KEYS }, (_, index) => `sk-${slug}-0123456789abcdef-${index}`);
  await post(port, `/admin/providers/${slug}/keys`, { keys });
}

async function post(port: number, path: string, body: unknown): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "x-admin-key": ADMIN_PASSWORD, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot prepare Keyturn: ${path} answered ${response.status} ${text}`);
}
