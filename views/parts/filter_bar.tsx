import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";
import type { Choice } from "./fields.tsx";

export type Filter =
  | {
    readonly kind: "text";
    readonly name: string;
    readonly label: string;
    /** "search" unless told; a moment is read as UTC. */
    readonly type?: "search" | "datetime-local";
    /** What is offered while one types. */
    readonly suggestions?: readonly string[];
  }
  | {
    readonly kind: "choice";
    readonly name: string;
    readonly label: string;
    /** Without the one for all, which stands first. */
    readonly choices: readonly Choice[];
    /** What that first one is called, where it is not "All". */
    readonly noneLabel?: string;
  };

interface FilterBarProps {
  readonly view: View;
  readonly filters: readonly Filter[];
  /** Folded away until one of them is set. */
  readonly more?: readonly Filter[];
  /** Parameters that stay as they are; no filters. */
  readonly kept?: readonly string[];
}

/**
 * The filters of a list. They live in the URL: the form is a GET of this very page, which begins at its first page
 * again. A choice applies at once.
 */
export function FilterBar({ view, filters, more = [], kept = [] }: FilterBarProps): Markup {
  const { parts } = view.messages;
  const given = view.url.searchParams;
  const isGiven = ({ name }: Filter) => (given.get(name) ?? "") !== "";
  return (
    <form method="get" action={view.url.pathname} class="filter-bar" role="search" data-submit-on-change>
      {kept.filter((name) => given.has(name)).map((name) => (
        <input type="hidden" name={name} value={given.get(name) ?? ""} />
      ))}
      {filters.map((filter) => <FilterField view={view} filter={filter} />)}
      {more.length > 0 && (
        <details class="filter-more" open={more.some(isGiven)}>
          <summary>{parts.moreFilters}</summary>
          <div class="filter-bar">
            {more.map((filter) => <FilterField view={view} filter={filter} />)}
          </div>
        </details>
      )}
      <button type="submit">{parts.filter}</button>
      {[...filters, ...more].some(isGiven) && (
        <a class="button quiet" href={hrefWithOnly(view.url, kept)}>{parts.clearFilter}</a>
      )}
    </form>
  );
}

function FilterField({ view, filter }: { readonly view: View; readonly filter: Filter }): Markup {
  const given = view.url.searchParams.get(filter.name) ?? "";
  if (filter.kind === "choice") {
    return (
      <label>
        <span>{filter.label}</span>
        <select name={filter.name}>
          <option value="">{filter.noneLabel ?? view.messages.parts.all}</option>
          {filter.choices.map(({ value, label }) => (
            <option value={value} selected={value === given}>{label}</option>
          ))}
        </select>
      </label>
    );
  }
  const { name, type = "search", suggestions = [] } = filter;
  const listId = suggestions.length > 0 ? `filter-${name}-list` : undefined;
  return (
    <label>
      <span>{filter.label}</span>
      <input
        type={type}
        name={name}
        value={given}
        data-search={type === "search" ? true : undefined}
        autocomplete="off"
        list={listId}
      />
      {listId !== undefined && (
        <datalist id={listId}>{suggestions.map((each) => <option value={each} />)}</datalist>
      )}
    </label>
  );
}

function hrefWithOnly(url: URL, kept: readonly string[]): string {
  const query = new URLSearchParams([...url.searchParams].filter(([name]) => kept.includes(name))).toString();
  return query === "" ? url.pathname : `${url.pathname}?${query}`;
}
