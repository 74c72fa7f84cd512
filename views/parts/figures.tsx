import type { Child } from "hono/jsx";
import type { Markup } from "../markup.ts";

interface StatCardProps {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
  readonly children?: Child;
}

/** One figure with what it means. */
export function StatCard({ label, value, note, children }: StatCardProps): Markup {
  return (
    <div class="stat">
      <p class="stat-label">{label}</p>
      <p class="stat-value">{value}</p>
      {note !== undefined && <p class="stat-note">{note}</p>}
      {children}
    </div>
  );
}

export interface Share {
  readonly label: string;
  readonly count: number;
  /** Class of its colour: `ready`, `cooling`, `exhausted`, `rejected`, `disabled`, or `tone-1` to `tone-6`. */
  readonly tone: string;
}

interface StackBarProps {
  /** Read to those who do not see it: "41 of 60 ready". */
  readonly label: string;
  readonly shares: readonly Share[];
}

/** How a whole is made up: widths are attributes of SVG, because the page allows no inline style. */
export function StackBar({ label, shares }: StackBarProps): Markup {
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  let at = 0;
  return (
    <svg class="stack-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="bar-ground" x="0" y="0" width="100" height="8" />
      {total > 0 && shares.filter(({ count }) => count > 0).map(({ count, tone, label: name }) => {
        const width = count / total * 100;
        const x = at;
        at += width;
        return (
          <rect class={`bar ${tone}`} x={x.toFixed(3)} y="0" width={width.toFixed(3)} height="8">
            <title>{`${name}: ${count}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** A line through values in the order of time, scaled to its own highest; 0 is the ground. */
export function Sparkline(
  { label, values }: { readonly label: string; readonly values: readonly number[] },
): Markup {
  const highest = Math.max(1, ...values);
  const step = values.length > 1 ? 100 / (values.length - 1) : 0;
  const points = values.map((value, index) =>
    `${(index * step).toFixed(2)},${(29 - value / highest * 28).toFixed(2)}`
  );
  return (
    <svg class="sparkline" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label={label}>
      {points.length > 0 && <polygon class="spark-area" points={`0,30 ${points.join(" ")} 100,30`} />}
      {points.length > 0 && <polyline class="spark-line" points={points.join(" ")} />}
    </svg>
  );
}

/** Columns side by side, each with its title: what a chart says before a person looks closer. */
export function BarChart(
  { label, bars }: { readonly label: string; readonly bars: readonly Share[] },
): Markup {
  const highest = Math.max(1, ...bars.map(({ count }) => count));
  const width = 100 / Math.max(1, bars.length);
  return (
    <svg class="bar-chart" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label={label}>
      {bars.map(({ label: name, count, tone }, index) => {
        const height = count / highest * 39;
        return (
          <rect
            class={`bar ${tone}`}
            x={(index * width + width * 0.1).toFixed(3)}
            y={(40 - height).toFixed(3)}
            width={(width * 0.8).toFixed(3)}
            height={height.toFixed(3)}
          >
            <title>{`${name}: ${count}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** How far long work has come. */
export function ProgressBar(
  { id, label, value, max }: {
    readonly id: string;
    readonly label: string;
    readonly value: number;
    readonly max: number;
  },
): Markup {
  return (
    <div class="progress" id={id}>
      <label for={`${id}-bar`}>{label}</label>
      <progress id={`${id}-bar`} value={value} max={Math.max(1, max)} />
    </div>
  );
}

/** Names with their values. */
export function Facts(
  { facts }: { readonly facts: readonly { readonly label: string; readonly value: Child }[] },
): Markup {
  return (
    <dl class="facts">
      {facts.map(({ label, value }) => (
        <div>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
