import type { Markup } from "./markup.ts";
import { type ColumnShown, FAILURE_SCOPES, type FiguresShown, type RangeName } from "./overview_shown.ts";
import type { View } from "./view.ts";

interface ChartProps {
  readonly view: View;
  readonly figures: FiguresShown;
  readonly range: RangeName;
}

/** A part of a column. */
interface Piece {
  readonly name: string;
  readonly count: number;
  /** Class of its colour. */
  readonly tone: string;
  readonly href: string;
}

/** What callers asked for, and what of it they got. */
export function RequestsChart({ view, figures, range }: ChartProps): Markup {
  const { figures: texts } = view.messages.overview;
  const pieces = ({ requests, succeeded, startMs, endMs }: ColumnShown): Piece[] => {
    const span = `from=${startMs}&to=${endMs}`;
    return [
      { name: texts.succeeded, count: succeeded, tone: "tone-1", href: `/admin/requests?${span}` },
      {
        name: texts.failed,
        count: requests - succeeded,
        tone: "rejected",
        href: `/admin/requests?outcome=failed&${span}`,
      },
    ];
  };
  return (
    <Chart
      view={view}
      range={range}
      columns={figures.columns}
      title={texts.requestsTitle}
      empty={texts.none}
      pieces={pieces}
      legend={pieces({ ...wholeOf(figures), requests: figures.requests, succeeded: figures.succeeded })}
    />
  );
}

/** Failed attempts, stacked by what they were about. */
export function FailuresChart({ view, figures, range }: ChartProps): Markup {
  const { figures: texts } = view.messages.overview;
  const pieces = ({ failures, startMs, endMs }: ColumnShown): Piece[] =>
    FAILURE_SCOPES.map((scope) => ({
      name: texts.scopes[scope],
      count: failures[scope],
      tone: `scope-${scope}`,
      href: `/admin/requests?scope=${scope}&from=${startMs}&to=${endMs}`,
    }));
  return (
    <Chart
      view={view}
      range={range}
      columns={figures.columns}
      title={texts.failuresTitle}
      empty={texts.noFailures}
      pieces={pieces}
      legend={pieces(wholeOf(figures))}
    />
  );
}

/** All columns as one. */
function wholeOf({ columns, fromMs, toMs }: FiguresShown): ColumnShown {
  const failures = { key: 0, key_model: 0, account: 0, upstream: 0, egress: 0, request: 0, client: 0 };
  for (const column of columns) {
    for (const scope of FAILURE_SCOPES) failures[scope] += column.failures[scope];
  }
  return { startMs: fromMs, endMs: toMs, requests: 0, succeeded: 0, failures };
}

interface ColumnsProps {
  readonly view: View;
  readonly range: RangeName;
  readonly title: string;
  /** In the place of a chart without any column. */
  readonly empty: string;
  readonly columns: readonly ColumnShown[];
  readonly pieces: (column: ColumnShown) => readonly Piece[];
  /** Of all columns together. Those that are 0 are left out. */
  readonly legend: readonly Piece[];
}

const HEIGHT = 40;

/**
 * Columns of pieces, each a link to the requests that it counts. The legend has the same links for the keyboard and for
 * those who do not see it; the pieces themselves would be hundreds of stops.
 */
function Chart({ view, range, title, empty, columns, pieces, legend }: ColumnsProps): Markup {
  const shown = legend.filter(({ count }) => count > 0);
  const sums = columns.map((column) => pieces(column).reduce((sum, { count }) => sum + count, 0));
  const highest = Math.max(1, ...sums);
  const width = 100 / columns.length;
  return (
    <figure class="overview-chart">
      <figcaption>
        <h3>{title}</h3>
        <ul class="overview-legend">
          {shown.map(({ name, count, tone, href }) => (
            <li>
              <a href={href}>
                <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                  <rect class={`bar ${tone}`} width="10" height="10" rx="2" />
                </svg>
                {name} <span class="muted">{view.format.compact(count)}</span>
              </a>
            </li>
          ))}
        </ul>
      </figcaption>
      {shown.length === 0 ? <p class="muted overview-no-chart">{empty}</p> : (
        <>
          <p class="overview-highest muted" aria-hidden="true">{view.format.compact(highest)}</p>
          <svg
            class="overview-columns"
            viewBox={`0 0 100 ${HEIGHT}`}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            {columns.map((column, index) => (
              <Column
                view={view}
                range={range}
                startMs={column.startMs}
                x={index * width}
                width={width}
                highest={highest}
                pieces={pieces(column)}
              />
            ))}
          </svg>
          <Axis view={view} range={range} columns={columns} />
        </>
      )}
    </figure>
  );
}

interface ColumnProps {
  readonly view: View;
  readonly range: RangeName;
  readonly startMs: number;
  readonly x: number;
  readonly width: number;
  readonly highest: number;
  readonly pieces: readonly Piece[];
}

function Column({ view, range, startMs, x, width, highest, pieces }: ColumnProps): Markup {
  const { figures: texts } = view.messages.overview;
  let y = HEIGHT;
  return (
    <>
      {pieces.filter(({ count }) => count > 0).map(({ name, count, tone, href }) => {
        const height = count / highest * HEIGHT;
        y -= height;
        return (
          <a href={href} tabindex={-1}>
            <rect
              class={`bar ${tone}`}
              x={(x + width * 0.1).toFixed(2)}
              y={y.toFixed(2)}
              width={(width * 0.8).toFixed(2)}
              height={height.toFixed(2)}
            >
              <title>{texts.column(timeOf(view, range, startMs), name, count)}</title>
            </rect>
          </a>
        );
      })}
    </>
  );
}

function Axis(
  { view, range, columns }: {
    readonly view: View;
    readonly range: RangeName;
    readonly columns: readonly ColumnShown[];
  },
): Markup {
  const { figures: texts } = view.messages.overview;
  const middle = columns[Math.floor(columns.length / 2)];
  return (
    <p class="overview-axis muted" aria-hidden="true">
      <span>{axisTime(view, range, columns[0]?.startMs ?? 0)}</span>
      <span>{axisTime(view, range, middle?.startMs ?? 0)}</span>
      <span>{texts.now}</span>
    </p>
  );
}

/** On the axis: within a day the time, beyond it the date. */
function axisTime(view: View, range: RangeName, ms: number): string {
  return range === "7d" ? view.format.date(ms) : timeOf(view, range, ms);
}

/** Of a column: within a day its time, beyond its date, and both where a day has some columns. */
function timeOf({ format, messages }: View, range: RangeName, ms: number): string {
  const time = `${new Date(ms).toISOString().slice(11, 16)} ${messages.overview.figures.utc}`;
  if (range === "1h" || range === "24h") return time;
  return range === "7d" ? `${format.date(ms)} ${time}` : format.date(ms);
}
