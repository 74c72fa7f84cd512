/**
 * Keyturn beside nginx and two relays from npm, all with the same canned upstream, in alternated rounds of one
 * run: `deno task bench [--quick] [--write] [--only=Keyturn,nginx] [--against=FOLDER]`. Under four minutes;
 * `--quick` under one. `--write` puts the figures into docs/performance.md, `--against` measures a second
 * checkout beside this one. What is not installed is left out.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { renderReport, writeReport } from "./bench_report.ts";
import { measure } from "./measure.ts";
import { startBench } from "./relays.ts";

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      "plain-only": { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      against: { type: "string" },
    },
  });
  const folder = await mkdtemp(`${tmpdir()}/keyturn-bench-`);
  try {
    const bench = await startBench({
      folder,
      cacheFolder: `${tmpdir()}/keyturn-bench-relays`,
      only: values.only === undefined ? undefined : new Set(values.only.split(",")),
      against: values.against,
    });
    const giveUp = () => bench.stop().finally(() => process.exit(130));
    process.once("SIGINT", giveUp).once("SIGTERM", giveUp);
    try {
      const figures = await measure(bench.relays, {
        folder,
        rounds: Number(values.rounds ?? (values.quick ? 2 : 4)),
        seconds: values.quick ? 1 : 2,
        isPlainOnly: values["plain-only"],
        say: (line) => process.stderr.write(line + "\n"),
      });
      const report = renderReport(figures);
      process.stdout.write(report + "\n");
      if (values.write) await writeReport(report);
    } finally {
      await bench.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
