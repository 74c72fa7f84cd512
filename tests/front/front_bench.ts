import { EMPTY_BODY } from "../../src/core/http.ts";
import { startFront } from "../../src/front/front.ts";
import { createLog } from "../../src/log.ts";
import { type Answer, toResponse } from "../../src/proxy/answer.ts";
import { fromRequest, type Incoming } from "../../src/proxy/incoming.ts";
import { SystemTicker } from "../../src/ticker.ts";

/**
 * CPU time a request of the front and of `Deno.serve`, each with the same trivial relay: a chat request of
 * 1 KB, an answer of 1 KB. Needs wrk and Linux.
 *
 *     deno run --allow-all tests/front/front_bench.ts [seconds] [rounds]
 */
const ANSWER = new TextEncoder().encode(JSON.stringify({ choices: ["x".repeat(1_000)] }));
const TICKS_PER_SECOND = 100;
const CONNECTIONS = 32;

async function relay(incoming: Incoming): Promise<Answer> {
  const bytes = incoming.method === "POST" ? await incoming.bytes() : EMPTY_BODY;
  const headers: [string, string][] = [["content-type", "application/json"]];
  headers.push(["x-request-id", "req_0123456789abcdef"], ["x-content-type-options", "nosniff"]);
  headers.push(["content-security-policy", "sandbox"], ["x-proxy-provider", "openai"]);
  headers.push(["x-proxy-attempts", "1"], ["x-proxy-response-time", `${bytes.length}ms`]);
  return { status: 200, headers, body: ANSWER };
}

function serve(kind: string | undefined): number {
  const address = { hostname: "127.0.0.1", port: 0 };
  if (kind === "serve") {
    const server = Deno.serve(
      { ...address, onListen: () => {} },
      (request, info) => relay(fromRequest(request, info)).then(toResponse),
    );
    return server.addr.port;
  }
  const ticker = new SystemTicker();
  const log = createLog("silent", () => {}, (line) => line);
  const fallback = () => new Response(null, { status: 404 });
  return startFront({ ...address, relay, isProxyPath: () => true, fallback, ticker, log }).port;
}

async function measure(kind: string, seconds: number, script: string): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", import.meta.filename ?? "", "--as", kind],
    stdout: "piped",
  }).spawn();
  try {
    const reader = child.stdout.getReader();
    const port = new TextDecoder().decode((await reader.read()).value).trim();
    await reader.cancel();
    await load(port, 2, script);
    const before = await cpuSeconds(child.pid);
    const requests = await load(port, seconds, script);
    return (await cpuSeconds(child.pid) - before) * 1e6 / requests;
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

async function load(port: string, seconds: number, script: string): Promise<number> {
  const { stdout } = await new Deno.Command("wrk", {
    args: [
      "-t1",
      `-c${CONNECTIONS}`,
      `-d${seconds}s`,
      "-s",
      script,
      `http://127.0.0.1:${port}/v1/chat/completions`,
    ],
  }).output();
  return Number(/(\d+) requests in/.exec(new TextDecoder().decode(stdout))?.[1]);
}

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

if (import.meta.main) {
  if (Deno.args[0] === "--as") {
    say(`${serve(Deno.args[1])}`);
  } else {
    const [seconds = "4", rounds = "3"] = Deno.args;
    const script = await Deno.makeTempFile({ suffix: ".lua" });
    await Deno.writeTextFile(
      script,
      `wrk.method = "POST"
wrk.body = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"${"a".repeat(900)}"}]}'
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ktn_0123456789abcdef0123456789abcdef"
wrk.headers["user-agent"] = "OpenAI/JS 7.55.0"
wrk.headers["accept"] = "application/json"
wrk.headers["x-stainless-lang"] = "js"
`,
    );
    for (let round = 0; round < Number(rounds); round++) {
      const own = await measure("front", Number(seconds), script);
      const platform = await measure("serve", Number(seconds), script);
      const share = Math.round(100 * own / platform);
      say(`front ${own.toFixed(1)} us, Deno.serve ${platform.toFixed(1)} us of CPU a request: ${share}%`);
    }
    await Deno.remove(script);
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
