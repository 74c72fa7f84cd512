import { CHAT_PATH, chatRequest, type Pace, STREAM_PREFIX } from "./canned_answers.ts";
import { CLIENT_KEY } from "./keyturn_relay.ts";
import type { LoadResult } from "./load_program.ts";
import { findProgram, LOAD_CORE, runPinned } from "./pinned_process.ts";

const wrk = findProgram("wrk");

/** What generates the closed load, for the report. */
export const LOAD_GENERATOR = wrk === undefined ? "own generator (Deno)" : "wrk";

/** What is asked for: a plain answer, or a stream at some pace. */
export type Kind = "plain" | Pace;

/** As many requests as the relay can take, over so many connections. */
export async function closedLoad(
  port: number,
  kind: Kind,
  connections: number,
  seconds: number,
  folder: string,
): Promise<LoadResult> {
  if (wrk === undefined) return await runProgram("closed", port, kind, connections, seconds);
  const script = `${folder}/${kind}.lua`;
  await Deno.writeTextFile(script, luaScript(kind));
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script];
  const printed = await runPinned(wrk, [...args, `http://127.0.0.1:${port}${pathOf(kind)}`], {
    core: LOAD_CORE,
  });
  const line = printed.split("\n").find((each) => each.startsWith("{"));
  if (line === undefined) throw new Error(`Cannot read what wrk printed: ${printed}`);
  return readResult(line);
}

/** Requests at even distances; p50 and p99 of their answers. */
export function rateLoad(port: number, requestsPerSecond: number, seconds: number): Promise<LoadResult> {
  return runProgram("rate", port, "plain", requestsPerSecond, seconds);
}

/** Streams that stay open for so many seconds after the last one has begun. */
export function heldStreams(port: number, streams: number, seconds: number): Promise<LoadResult> {
  return runProgram("hold", port, "held", streams, seconds);
}

async function runProgram(mode: string, port: number, kind: Kind, number: number, seconds: number) {
  const program = `${import.meta.dirname}/load_program.ts`;
  const args = ["run", "--quiet", "--no-check", "--allow-all", program];
  const load = [mode, port, pathOf(kind), bodyOf(kind), number, seconds].map(String);
  return readResult(await runPinned(Deno.execPath(), [...args, ...load], { core: LOAD_CORE }));
}

function pathOf(kind: Kind): string {
  return kind === "plain" ? CHAT_PATH : `${STREAM_PREFIX}${CHAT_PATH}`;
}

function bodyOf(kind: Kind): string {
  return kind === "plain" ? chatRequest() : chatRequest(kind);
}

function luaScript(kind: Kind): string {
  return `
wrk.method = "POST"
wrk.body = [[${bodyOf(kind)}]]
wrk.headers["authorization"] = "Bearer ${CLIENT_KEY}"
wrk.headers["content-type"] = "application/json"
wrk.headers["accept"] = "application/json"
wrk.headers["user-agent"] = "OpenAI/JS 7.55.0"
function done(summary, latency, requests)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format('{"requests":%d,"failures":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f}', summary.requests,
    failures, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`;
}

function readResult(line: string): LoadResult {
  const { requests, failures, seconds, p50Ms, p99Ms } = JSON.parse(line);
  return {
    requests: Number(requests),
    failures: Number(failures),
    seconds: Number(seconds),
    p50Ms: Number(p50Ms),
    p99Ms: Number(p99Ms),
  };
}
