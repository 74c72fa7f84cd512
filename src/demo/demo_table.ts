import type { LiveProviders } from "../pool/live_providers.ts";
import type { DemoProvider } from "./demo_cast.ts";
import type { LoadCounts } from "./demo_load.ts";

/** The keys of the demo with what they are, how they stand and how many requests they saw, as text. */
export function renderDemoTable(
  live: LiveProviders,
  providers: readonly DemoProvider[],
  counts: Readonly<LoadCounts>,
): string {
  const lines = [
    "",
    `${
      new Date().toLocaleTimeString("en-GB")
    }  ${counts.sent} sent, ${counts.succeeded} succeeded, ${counts.failed} failed`,
    row("provider", "key", "is really", "state", "requests", "what the provider said"),
  ];
  for (const { slug, simulated, keys } of providers) {
    const pool = live.find(slug)?.pool;
    const listed = pool?.entries(0, keys.size) ?? [];
    [...keys].forEach(([secret, nature], index) => {
      const health = listed[index]?.health;
      const wait = health?.untilMs === undefined
        ? ""
        : ` ${Math.max(0, Math.ceil((health.untilMs - Date.now()) / 1000))}s`;
      const requests = simulated.served.get(secret)?.requests ?? 0;
      lines.push(
        row(
          slug,
          `…${secret.slice(-4)}`,
          nature,
          `${health?.state ?? "?"}${wait}`,
          String(requests),
          health?.reason ?? "",
        ),
      );
    });
  }
  return lines.join("\n") + "\n";
}

const WIDTHS = [10, 6, 14, 16, 9] as const;

function row(...cells: readonly string[]): string {
  return "  " +
    cells.map((cell, index) => index < WIDTHS.length ? cell.padEnd(WIDTHS[index] ?? 0) : cell.slice(0, 60))
      .join(" ").trimEnd();
}
