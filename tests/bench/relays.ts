import { freePort, LOAD_CORE, PinnedProcess, RELAY_CORE, untilListening } from "./pinned_process.ts";
import { nginx, nginxProxy, nginxUpstream, startNginx } from "./nginx.ts";
import { installNodeRelays, node, NODE_RELAYS, programPath } from "./node_relays.ts";
import { startKeyturn } from "./keyturn_relay.ts";

/** Something that requests are sent to, and measured by. */
export interface Relay {
  readonly name: string;
  readonly port: number;
  /** `port` unless streams go elsewhere, as without a proxy. */
  readonly streamPort: number;
  /** `undefined` for the upstream itself. */
  readonly process: PinnedProcess | undefined;
}

export interface Bench {
  readonly relays: readonly Relay[];
  stop(): Promise<void>;
}

export const NO_PROXY = "no proxy";
export const KEYTURN = "Keyturn";
export const NGINX = "nginx";

export interface BenchOptions {
  /** Holds what the run writes; removed by the caller. */
  readonly folder: string;
  /** Where the relays from npm stay installed between runs. */
  readonly cacheFolder: string;
  /** Names of the relays to start; all without. */
  readonly only: ReadonlySet<string> | undefined;
  /** Another checkout of Keyturn to measure beside this one. */
  readonly against: string | undefined;
}

/** Starts the upstreams and every relay that is installed here. */
export async function startBench(options: BenchOptions): Promise<Bench> {
  const started: PinnedProcess[] = [];
  const stop = async () => {
    for (const process of started.splice(0).reverse()) await process.stop();
  };
  try {
    return { relays: await startRelays(options, started), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startRelays(options: BenchOptions, started: PinnedProcess[]): Promise<Relay[]> {
  const { folder, only } = options;
  const isWanted = (name: string) => only === undefined || only.has(name);
  const [plainPort, streamPort] = await startUpstreams(folder, started);
  const relays: Relay[] = [];
  const add = (name: string, port: number, process: PinnedProcess | undefined) => {
    if (process !== undefined) started.push(process);
    relays.push({ name, port, streamPort: process === undefined ? streamPort : port, process });
  };

  if (isWanted(NO_PROXY)) add(NO_PROXY, plainPort, undefined);
  if (nginx !== undefined && isWanted(NGINX)) {
    const port = freePort();
    const config = nginxProxy(port, plainPort, streamPort);
    add(NGINX, port, await startNginx(nginx, config, `${folder}/nginx`, RELAY_CORE));
  }
  const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
  for (const [name, from] of [[KEYTURN, root], ["against", options.against]] as const) {
    if (from === undefined || (name === KEYTURN && !isWanted(name))) continue;
    const { port, process } = await startKeyturn(from, `${folder}/${name}`, plainPort, streamPort);
    add(name, port, process);
  }
  const wanted = node === undefined ? [] : NODE_RELAYS.filter(isWanted);
  if (node !== undefined && wanted.length > 0) {
    await installNodeRelays(options.cacheFolder);
    for (const name of wanted) {
      const port = freePort();
      const args = [programPath(options.cacheFolder, name), port, plainPort, streamPort].map(String);
      const env = { NODE_ENV: "production" };
      add(name, port, new PinnedProcess(node, args, { core: RELAY_CORE, cwd: options.cacheFolder, env }));
    }
  }
  for (const { port } of relays) await untilListening(port);
  return relays;
}

/** One for plain answers (nginx, where it is installed) and one for streams, on the load generator's core. */
async function startUpstreams(folder: string, started: PinnedProcess[]): Promise<[number, number]> {
  const streamPort = freePort();
  const program = `${import.meta.dirname}/canned_upstream.ts`;
  const args = ["run", "--quiet", "--no-check", "--allow-net", program, String(streamPort)];
  started.push(new PinnedProcess(Deno.execPath(), args, { core: LOAD_CORE }));
  await untilListening(streamPort);
  if (nginx === undefined) return [streamPort, streamPort];
  const plainPort = freePort();
  started.push(await startNginx(nginx, nginxUpstream(plainPort), `${folder}/upstream`, LOAD_CORE));
  await untilListening(plainPort);
  return [plainPort, streamPort];
}
