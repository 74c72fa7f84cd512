import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";
import type { Choice } from "./fields.tsx";

export type Filter =
  | { readonly kind: "text"; readonly name: string; readonly label: string }
  | {
    readonly kind: "choice";
    readonly name: string;
    readonly label: string;
    /** Without the one for all, which stands first. */
    readonly choices: readonly Choice[];
  };

/**
 * The filters of a list. They live in the URL: the form is a GET of this very page, which begins at its first page
 * again. A choice applies at once.
 */
export function FilterBar(
  { view, filters }: { readonly view: View; readonly filters: readonly Filter[] },
): Markup {
  const { parts } = view.messages;
  const given = view.url.searchParams;
  const isSet = filters.some(({ name }) => (given.get(name) ?? "") !== "");
  return (
    <form method="get" action={view.url.pathname} class="filter-bar" role="search" data-submit-on-change>
      {filters.map((filter) => (
        <label>
          <span>{filter.label}</span>
          {filter.kind === "text"
            ? (
              <input
                type="search"
                name={filter.name}
                value={given.get(filter.name) ?? ""}
                data-search
                autocomplete="off"
              />
            )
            : (
              <select name={filter.name}>
                <option value="">{parts.all}</option>
                {filter.choices.map(({ value, label }) => (
                  <option value={value} selected={value === given.get(filter.name)}>{label}</option>
                ))}
              </select>
            )}
        </label>
      ))}
      <button type="submit">{parts.filter}</button>
      {isSet && <a class="button quiet" href={view.url.pathname}>{parts.clearFilter}</a>}
    </form>
  );
}
