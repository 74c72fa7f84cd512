import { STREAM_PREFIX } from "./canned_answers.ts";
import { findProgram, runPinned } from "./pinned_process.ts";

/** Node, or `undefined` when it is not installed. */
export const node = findProgram("node");

/** The relays from npm that are measured beside, by the name of their package. */
export const NODE_RELAYS = ["@fastify/reply-from", "http-proxy"] as const;
export type NodeRelay = (typeof NODE_RELAYS)[number];

/** Pinned, and installed by the benchmark alone: nothing of the project depends on them. */
const PACKAGES = ["@fastify/reply-from@12.6.5", "fastify@5.12.8", "http-proxy@1.18.1"];

/** Installs the relays into `folder`, unless they are there already, and writes their programs beside them. */
export async function installNodeRelays(folder: string): Promise<void> {
  const npm = findProgram("npm");
  if (npm === undefined) throw new Error("Cannot install the relays from npm: npm is not installed");
  await Deno.mkdir(folder, { recursive: true });
  for (const relay of NODE_RELAYS) await Deno.writeTextFile(programPath(folder, relay), PROGRAMS[relay]);
  const installed = `${folder}/installed`;
  const wanted = PACKAGES.join(" ");
  if (await readIfThere(installed) === wanted) return;
  await Deno.writeTextFile(`${folder}/package.json`, `{"private":true}\n`);
  await runPinned(npm, ["install", "--silent", "--no-audit", "--no-fund", ...PACKAGES], {
    core: 1,
    cwd: folder,
  });
  await Deno.writeTextFile(installed, wanted);
}

export function programPath(folder: string, relay: NodeRelay): string {
  return `${folder}/${relay.replace("@fastify/", "")}.cjs`;
}

const SHARED = `
const [port, plainPort, streamPort] = process.argv.slice(2).map(Number);
const origin = (url) => "http://127.0.0.1:" + (url.startsWith("${STREAM_PREFIX}/") ? streamPort : plainPort);
const rest = (url) => url.startsWith("${STREAM_PREFIX}/") ? url.slice(${STREAM_PREFIX.length}) : url;
const authorization = "Bearer sk-canned-0123456789abcdef0123456789abcdef";
`;

/** Each as its own documentation shows it: kept connections, body passed on unread, the key put in. */
const PROGRAMS: Readonly<Record<NodeRelay, string>> = {
  "@fastify/reply-from": `${SHARED}
const app = require("fastify")({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
app.register(require("@fastify/reply-from"), { undici: { connections: 1024, pipelining: 1 } });
app.all("/*", (request, reply) =>
  reply.from(origin(request.url) + rest(request.url), {
    rewriteRequestHeaders: (_request, headers) => ({ ...headers, authorization }),
  }));
app.listen({ host: "127.0.0.1", port });
`,
  "http-proxy": `${SHARED}
const http = require("node:http");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1024, maxFreeSockets: 1024 });
const proxy = require("http-proxy").createProxyServer({ agent });
proxy.on("error", (_error, _request, response) => response.destroy?.());
http.createServer((request, response) => {
  const target = origin(request.url);
  request.url = rest(request.url);
  proxy.web(request, response, { target, headers: { authorization } });
}).listen(port, "127.0.0.1");
`,
};

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    // The first run.
    return undefined;
  }
}
