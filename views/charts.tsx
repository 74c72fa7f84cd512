import type { Child } from "hono/jsx";
import type { Markup } from "./markup.ts";

/** One colour of a chart: a value for each point of time. */
export interface ChartLine {
  readonly name: string;
  /** Class of its colour: `tone-1` to `tone-6`, `others`. */
  readonly tone: string;
  /** `undefined` where nothing is known. */
  readonly values: readonly (number | undefined)[];
}

interface ChartProps {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  /** Of each point, as they are read: "14:05". */
  readonly times: readonly string[];
  readonly formatValue: (value: number) => string;
  /** Instead of a chart where all is zero. */
  readonly emptyText: string;
}

/** Columns over time, made up of their parts. */
export function StackChart(props: ChartProps): Markup {
  const { lines, times, formatValue } = props;
  const totals = times.map((_, point) => sum(lines.map(({ values }) => values[point] ?? 0)));
  const top = niceTop(Math.max(0, ...totals));
  const width = 1000 / Math.max(1, times.length);
  const gap = Math.min(2, width * 0.15);
  return (
    <ChartFrame {...props} top={top} isEmpty={totals.every((total) => total === 0)}>
      {times.map((time, point) => {
        if (totals[point] === 0) return undefined;
        let y = 200;
        return (
          <g>
            <title>
              {[
                time,
                ...lines.filter(({ values }) => (values[point] ?? 0) > 0)
                  .map(({ name, values }) => `${name}: ${formatValue(values[point] ?? 0)}`),
              ].join("\n")}
            </title>
            {lines.map(({ tone, values }) => {
              const height = (values[point] ?? 0) / top * 200;
              if (height === 0) return undefined;
              y -= height;
              return (
                <rect
                  class={`bar ${tone}`}
                  x={(point * width + gap / 2).toFixed(2)}
                  y={y.toFixed(2)}
                  width={(width - gap).toFixed(2)}
                  height={height.toFixed(2)}
                />
              );
            })}
          </g>
        );
      })}
    </ChartFrame>
  );
}

/** Lines over time; a point where nothing is known is a gap, a lone one a dot. */
export function LineChart(props: ChartProps): Markup {
  const { lines, times } = props;
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const top = niceTop(Math.max(0, ...known));
  const width = 1000 / Math.max(1, times.length);
  return (
    <ChartFrame {...props} top={top} isEmpty={known.length === 0}>
      {lines.map(({ tone, values }) => (
        <g class={`line ${tone}`}>
          {runsOf(values).map((run) => (
            <polyline
              points={run.map(({ point, value }) =>
                `${((point + 0.5) * width).toFixed(2)},${(200 - value / top * 200).toFixed(2)}`
              ).concat(run.length === 1 ? lonePoint(run[0], width, top) : []).join(" ")}
            />
          ))}
        </g>
      ))}
    </ChartFrame>
  );
}

function ChartFrame(
  { title, lines, times, formatValue, emptyText, top, isEmpty, children }: ChartProps & {
    readonly top: number;
    readonly isEmpty: boolean;
    readonly children?: Child;
  },
): Markup {
  const marks = [top, top / 2, 0];
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        {!isEmpty && (
          <ul class="legend">
            {lines.map(({ name, tone }) => (
              <li>
                <span class={`swatch ${tone}`} aria-hidden="true" />
                {name}
              </li>
            ))}
          </ul>
        )}
      </figcaption>
      {isEmpty ? <p class="chart-empty muted">{emptyText}</p> : (
        <div class="chart-body">
          <div class="chart-scale" aria-hidden="true">
            {marks.map((mark) => <span>{formatValue(mark)}</span>)}
          </div>
          <svg
            viewBox="0 0 1000 200"
            preserveAspectRatio="none"
            role="img"
            aria-label={summaryOf(title, lines, formatValue)}
          >
            {[0, 100, 200].map((y) => <line class="axis-line" x1="0" x2="1000" y1={y} y2={y} />)}
            {children}
          </svg>
          <div class="chart-times" aria-hidden="true">
            {timeMarks(times).map((time) => <span>{time}</span>)}
          </div>
        </div>
      )}
    </figure>
  );
}

/** What the picture shows, for those who do not see it: each line with its highest value. */
function summaryOf(
  title: string,
  lines: readonly ChartLine[],
  formatValue: (value: number) => string,
): string {
  const parts = lines.map(({ name, values }) =>
    `${name} ≤ ${formatValue(Math.max(0, ...values.map((value) => value ?? 0)))}`
  );
  return `${title}: ${parts.join("; ")}`;
}

/** A few times that fit side by side on a phone, the first and the last included. */
function timeMarks(times: readonly string[]): string[] {
  if (times.length <= 4) return [...times];
  return [0, 1 / 3, 2 / 3, 1].map((part) => times[Math.round(part * (times.length - 1))] ?? "");
}

interface KnownPoint {
  readonly point: number;
  readonly value: number;
}

function runsOf(values: readonly (number | undefined)[]): KnownPoint[][] {
  const runs: KnownPoint[][] = [];
  let run: KnownPoint[] = [];
  for (const [point, value] of values.entries()) {
    if (value !== undefined) run.push({ point, value });
    else if (run.length > 0) {
      runs.push(run);
      run = [];
    }
  }
  return run.length > 0 ? [...runs, run] : runs;
}

/** A short stroke, because a line of one point is not seen. */
function lonePoint(known: KnownPoint | undefined, width: number, top: number): string[] {
  if (known === undefined) return [];
  return [
    `${((known.point + 0.5) * width + Math.min(6, width / 2)).toFixed(2)},${
      (200 - known.value / top * 200).toFixed(2)
    }`,
  ];
}

/** The next number above that reads well: 1, 2 or 5 with zeros. */
function niceTop(highest: number): number {
  if (!(highest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const factor = [1, 2, 4, 5, 10].find((each) => each * power >= highest) ?? 10;
  return factor * power;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0);
}
