import { LineChart, StackChart } from "./charts.tsx";
import type { Markup } from "./markup.ts";
import type { UsageMessages } from "./messages/usage.en.ts";
import type { View } from "./view.ts";

export type ChartMetric = keyof UsageMessages["metrics"];
export type Cause = keyof UsageMessages["causes"];

/** What was counted over time. */
export interface UsageCharts {
  readonly interval: "minute" | "hour" | "day";
  /** Where each column begins. */
  readonly startsMs: readonly number[];
  /** The largest ones; a name of "" is none. */
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** All the rest, where there is any. */
  readonly others: readonly number[] | undefined;
  readonly causes: readonly { readonly cause: Cause; readonly values: readonly number[] }[];
  /** In milliseconds; `undefined` where they are not kept for the filter. */
  readonly latencies: {
    readonly duration: readonly (number | undefined)[];
    readonly firstToken: readonly (number | undefined)[];
  } | undefined;
}

interface UsageChartsProps {
  readonly view: View;
  readonly charts: UsageCharts;
  readonly metric: ChartMetric;
}

/** One large chart of what was asked for, two small ones of what goes wrong and how long it takes. */
export function UsageChartsPart({ view, charts, metric }: UsageChartsProps): Markup {
  const { usage: texts } = view.messages;
  const { compact, number, elapsed, money } = view.format;
  const times = charts.startsMs.map((ms) => timeLabel(view, ms, charts));
  const formatValue = metric === "cost" ? money : compact;
  const { charts: words } = texts;
  return (
    <>
      <section class="card">
        <StackChart
          title={words.over(texts.metrics[metric], texts.per[charts.interval])}
          lines={[
            ...charts.lines.map(({ name, values }, index) => ({
              name: name === "" ? texts.none : name,
              values,
              tone: `tone-${index + 1}`,
            })),
            ...(charts.others === undefined
              ? []
              : [{ name: words.others, values: charts.others, tone: "others" }]),
          ]}
          times={times}
          formatValue={formatValue}
          emptyText={words.empty}
        />
      </section>
      <div class="pair">
        <section class="card">
          <StackChart
            title={words.errors}
            lines={charts.causes.map(({ cause, values }, index) => ({
              name: texts.causes[cause],
              values,
              tone: CAUSE_TONES[cause] ?? `tone-${index + 1}`,
            }))}
            times={times}
            formatValue={number}
            emptyText={words.empty}
          />
        </section>
        <section class="card">
          <LineChart
            title={words.latency}
            lines={[
              { name: words.duration, values: charts.latencies?.duration ?? [], tone: "tone-2" },
              { name: words.firstToken, values: charts.latencies?.firstToken ?? [], tone: "tone-1" },
            ]}
            times={times}
            formatValue={elapsed}
            emptyText={charts.latencies === undefined ? texts.cards.noLatency : words.empty}
          />
        </section>
      </div>
    </>
  );
}

/** The same colour for the same trouble, as the states of keys have it. */
const CAUSE_TONES: Readonly<Record<Cause, string>> = {
  keyLimited: "cooling",
  keyExhausted: "exhausted",
  keyDead: "rejected",
  modelDenied: "tone-2",
  requestTooBig: "tone-6",
  requestBad: "tone-5",
  providerDown: "tone-1",
  callerLeft: "disabled",
};

/** With days the date is enough; hours of several days need it, too. */
function timeLabel({ format }: View, ms: number, { interval, startsMs }: UsageCharts): string {
  if (interval === "day") return format.date(ms);
  const clock = format.clock(ms).slice(0, 5);
  const spanMs = (startsMs.at(-1) ?? 0) - (startsMs[0] ?? 0);
  return spanMs > 86_400_000 ? `${format.shortDate(ms)} ${clock}` : clock;
}
