import type { Child } from "hono/jsx";
import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";

export interface Column {
  readonly label: string;
  /** Numbers stand right, under each other. */
  readonly isNumber?: boolean;
  /** For the eye the column needs no heading; a screen reader reads this one. */
  readonly isHidden?: boolean;
}

interface TableProps {
  /** Read to those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The `<tr>`s. On a phone a cell shows its `data-label` beside it. */
  readonly children?: Child;
}

/** A table that turns into cards on a phone. */
export function Table({ caption, columns, children }: TableProps): Markup {
  return (
    <div class="table-wrap" tabindex={0} role="region" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, isNumber, isHidden }) => (
              <th scope="col" class={isNumber === true ? "number" : undefined}>
                {isHidden === true ? <span class="unseen">{label}</span> : label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface PagerProps {
  readonly view: View;
  /** Rows on this page. */
  readonly count: number;
  /** The query parameter that the next page begins with: `after`, `before`. */
  readonly parameter: string;
  /** Its value for the next page; `null` on the last one. */
  readonly next: string | null;
}

/** Forward through a list by keyset: however long it is, each page costs the same. */
export function Pager({ view, count, parameter, next }: PagerProps): Markup {
  const { parts } = view.messages;
  const isFirst = !view.url.searchParams.has(parameter);
  return (
    <nav class="pager" aria-label={parts.pager}>
      <span>{parts.shown(count)}</span>
      {!isFirst && <a class="button" href={hrefWith(view.url, { [parameter]: null })}>{parts.first}</a>}
      {next !== null && (
        <a class="button" rel="next" href={hrefWith(view.url, { [parameter]: next })}>{parts.next}</a>
      )}
    </nav>
  );
}

/** This page with other query parameters; `null` takes one away. */
export function hrefWith(url: URL, changes: Readonly<Record<string, string | null>>): string {
  const changed = new URLSearchParams(url.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) changed.delete(name);
    else changed.set(name, value);
  }
  const query = changed.toString();
  return query === "" ? url.pathname : `${url.pathname}?${query}`;
}
