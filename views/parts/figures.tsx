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
