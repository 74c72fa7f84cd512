import { cpus } from "node:os";
import type { Figures } from "./measure.ts";
import { LOAD_GENERATOR } from "./load_generator.ts";
import { NODE_RELAYS } from "./node_relays.ts";
import { KEYTURN, NGINX, NO_PROXY } from "./relays.ts";

const BEGIN = "<!-- figures: begin (deno task bench --write) -->";
const END = "<!-- figures: end -->";

/** The figures of a run as markdown: a table, and the two ratios that count. */
export function renderReport(figures: readonly Figures[]): string {
  const base = figures.find(({ name }) => name === NO_PROXY);
  const nginx = figures.find(({ name }) => name === NGINX);
  const keyturn = figures.find(({ name }) => name === KEYTURN);
  const fastest = figures.filter(({ name }) => NODE_RELAYS.some((relay) => relay === name))
    .toSorted((one, other) => other.requestsPerSecond - one.requestsPerSecond)[0];
  const lines = [
    `One core for the relay (${processor()}), the other for the load (${LOAD_GENERATOR}) and the canned upstream. Deno ${Deno.version.deno}.`,
    "",
    "| relay | requests/s | of nginx | CPU s per 1,000 | p50 / p99 added at 200/s | CPU µs a chunk | chunks/s a core | of nginx | memory idle | an open stream |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...figures.map((each) => row(each, base, nginx)),
    "",
  ];
  if (keyturn !== undefined && nginx !== undefined) {
    const rate = ratio(keyturn.requestsPerSecond, nginx.requestsPerSecond);
    const work = ratio(nginx.cpuSecondsPer1000, keyturn.cpuSecondsPer1000);
    lines.push(`- Keyturn / nginx: **${rate}** of its requests/s; ${work} by CPU time`);
  }
  if (keyturn !== undefined && fastest !== undefined) {
    const times = ratio(keyturn.requestsPerSecond, fastest.requestsPerSecond);
    const work = ratio(fastest.cpuSecondsPer1000, keyturn.cpuSecondsPer1000);
    lines.push(
      `- Keyturn / ${fastest.name} (the faster one from npm): **${times}** of its requests/s; ${work} by CPU time`,
    );
  }
  const against = figures.find(({ name }) => name === "against");
  if (keyturn !== undefined && against !== undefined) {
    const rate = ratio(keyturn.requestsPerSecond, against.requestsPerSecond);
    const work = ratio(against.cpuSecondsPer1000, keyturn.cpuSecondsPer1000);
    lines.push(`- Keyturn / against: **${rate}** of its requests/s; ${work} by CPU time`);
  }
  return lines.join("\n");
}

/** Puts the report between its two marks in docs/performance.md. */
export async function writeReport(report: string): Promise<void> {
  const path = new URL("../../docs/performance.md", import.meta.url);
  const text = await Deno.readTextFile(path);
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) {
    throw new Error("Cannot write the figures: docs/performance.md lacks the marks");
  }
  await Deno.writeTextFile(path, `${text.slice(0, begin + BEGIN.length)}\n\n${report}\n\n${text.slice(end)}`);
}

function row(each: Figures, base: Figures | undefined, nginx: Figures | undefined): string {
  const isBase = each === base;
  const cells = [
    each.name === KEYTURN ? `**${each.name}**` : each.name,
    thousands(each.requestsPerSecond),
    isBase ? "" : ratio(each.requestsPerSecond, nginx?.requestsPerSecond),
    each.cpuSecondsPer1000?.toFixed(3) ?? "",
    isBase ? "" : `${added(each.p50Ms, base?.p50Ms)} / ${added(each.p99Ms, base?.p99Ms)} ms`,
    each.cpuMicrosPerChunk?.toFixed(0) ?? "",
    each.cpuMicrosPerChunk === undefined ? "" : thousands(1e6 / each.cpuMicrosPerChunk),
    ratio(nginx?.cpuMicrosPerChunk, each.cpuMicrosPerChunk),
    each.idleBytes === undefined ? "" : `${Math.round(each.idleBytes / 1e6)} MB`,
    each.bytesPerStream === undefined ? "" : `${Math.round(each.bytesPerStream / 1000)} KB`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function ratio(one: number | undefined, other: number | undefined): string {
  return one === undefined || other === undefined || other === 0 ? "" : (one / other).toFixed(2);
}

function added(ms: number | undefined, baseMs: number | undefined): string {
  return ms === undefined || baseMs === undefined ? "?" : Math.max(0, ms - baseMs).toFixed(2);
}

function thousands(count: number): string {
  return (Math.round(count / 100) * 100).toLocaleString("en-US");
}

function processor(): string {
  return cpus()[0]?.model.replaceAll(/\((?:R|TM)\)/g, "").trim() ?? "unknown";
}
