import type { Child } from "hono/jsx";
import type { Markup } from "./markup.ts";
import type { TallyShown } from "./keys_shown.ts";
import { Form } from "./parts/form.tsx";
import { hrefWith } from "./parts/table.tsx";
import type { View } from "./view.ts";

interface KeysFilterProps {
  readonly view: View;
  readonly providers: readonly { readonly slug: string; readonly name: string }[];
  readonly tags: readonly string[];
  readonly isMap: boolean;
}

const FIELDS = ["q", "provider", "tag", "account", "model", "reason", "age", "state", "fingerprint"] as const;

/** The filters of the list, all of them in the URL; and beside them the one that must not be there. */
export function KeysFilter({ view, providers, tags, isMap }: KeysFilterProps): Markup {
  const { keys: texts, parts } = view.messages;
  const { filter } = texts;
  const given = view.url.searchParams;
  const value = (name: string) => given.get(name) ?? "";
  const isSet = FIELDS.some((name) => value(name) !== "");
  const hasMore = ["account", "model", "reason", "age"].some((name) => value(name) !== "");
  return (
    <div class="keys-filter">
      <form
        method="get"
        action="/admin/keys"
        class="filter-bar"
        role="search"
        aria-label={filter.label}
        data-submit-on-change
        data-secrets-to="find-key"
      >
        <Labelled label={filter.text}>
          <input type="search" name="q" value={value("q")} data-search autocomplete="off" maxlength={200} />
        </Labelled>
        <Labelled label={filter.provider}>
          <Select
            name="provider"
            chosen={value("provider")}
            all={parts.all}
            choices={providers.map(({ slug, name }) => [slug, name])}
          />
        </Labelled>
        {(tags.length > 0 || value("tag") !== "") && (
          <Labelled label={filter.tag}>
            <Select
              name="tag"
              chosen={value("tag")}
              all={parts.all}
              choices={[...new Set([...tags, value("tag")])].filter((tag) => tag !== "").map((
                tag,
              ) => [tag, tag])}
            />
          </Labelled>
        )}
        {!isMap && (
          <Labelled label={filter.sort}>
            <Select
              name="sort"
              chosen={value("sort")}
              choices={Object.entries(texts.sorts).map((
                [sort, label],
              ) => [sort === "newest" ? "" : sort, label])}
            />
          </Labelled>
        )}
        {(["state", "fingerprint", "view"] as const).map((name) =>
          value(name) !== "" && <input type="hidden" name={name} value={value(name)} />
        )}
        <button type="submit">{parts.filter}</button>
        {isSet && <a class="button quiet" href={hrefWith(view.url, withoutFilters())}>{parts.clearFilter}</a>}
        <details class="more" open={hasMore}>
          <summary>{filter.more}</summary>
          <div class="filter-bar">
            <Labelled label={filter.account}>
              <input type="search" name="account" value={value("account")} autocomplete="off" />
            </Labelled>
            <Labelled label={filter.reason}>
              <input type="search" name="reason" value={value("reason")} autocomplete="off" />
            </Labelled>
            <Labelled label={filter.model}>
              <input type="search" name="model" value={value("model")} autocomplete="off" />
            </Labelled>
            <Labelled label={filter.age}>
              <Select
                name="age"
                chosen={value("age")}
                all={parts.all}
                choices={Object.entries(texts.ages)}
              />
            </Labelled>
          </div>
        </details>
      </form>
      <FindWhole view={view} />
    </div>
  );
}

/** A whole key is posted: an address is kept in histories and logs. */
function FindWhole({ view }: { readonly view: View }): Markup {
  const { whole } = view.messages.keys;
  return (
    <details class="find-whole">
      <summary>{whole.open}</summary>
      <Form view={view} action="/admin/keys/find" class="filter-bar" id="find-key">
        <Labelled label={whole.field}>
          <input type="password" name="key" autocomplete="off" aria-describedby="find-key-hint" />
        </Labelled>
        <button type="submit">{whole.find}</button>
        <p class="hint" id="find-key-hint">{whole.hint}</p>
      </Form>
    </details>
  );
}

interface StateTabsProps {
  readonly view: View;
  readonly counts: Readonly<
    Record<"total" | "ready" | "cooling" | "exhausted" | "rejected" | "disabled", number>
  >;
}

/** How many are in which state, each a filter. */
export function StateTabs({ view, counts }: StateTabsProps): Markup {
  const { keys: texts } = view.messages;
  const chosen = view.url.searchParams.get("state");
  const tabs = [
    [null, texts.allStates, counts.total],
    ["ready", texts.states.ready, counts.ready],
    ["cooling", texts.states.cooling, counts.cooling],
    ["exhausted", texts.states.exhausted, counts.exhausted],
    ["rejected", texts.states.rejected, counts.rejected],
    ["disabled", texts.states.disabled, counts.disabled],
    ["untested", texts.states.untested, undefined],
    ["model_rest", texts.states.model_rest, undefined],
  ] as const;
  return (
    <nav class="state-tabs" aria-label={texts.filter.state}>
      {tabs.map(([state, label, count]) => (
        <a
          href={hrefWith(view.url, { state, after: null })}
          class={state === null ? undefined : `of-${state}`}
          aria-current={state === chosen ? "true" : undefined}
        >
          {label}
          {count !== undefined && <strong>{view.format.number(count)}</strong>}
        </a>
      ))}
    </nav>
  );
}

interface WhyProps {
  readonly view: View;
  readonly reasons: readonly TallyShown[];
  readonly models: readonly TallyShown[];
}

/** What those that rest have in common, each a filter: one cause for many keys is seen here first. */
export function WhyTheyRest({ view, reasons, models }: WhyProps): Markup {
  const { keys: texts } = view.messages;
  return (
    <div class="why">
      {reasons.length > 0 && <Tallies view={view} label={texts.why} parameter="reason" tallies={reasons} />}
      {models.length > 0 && (
        <Tallies view={view} label={texts.restingFor} parameter="model" tallies={models} />
      )}
    </div>
  );
}

interface TalliesProps {
  readonly view: View;
  readonly label: string;
  readonly parameter: "reason" | "model";
  readonly tallies: readonly TallyShown[];
}

function Tallies({ view, label, parameter, tallies }: TalliesProps): Markup {
  return (
    <p class="chips">
      <span class="muted">{label}</span>
      {tallies.map(({ name, count }) => (
        <a class="chip" href={hrefWith(view.url, { [parameter]: name, after: null })}>
          <span class="code">{name}</span> <strong>{view.format.number(count)}</strong>
        </a>
      ))}
    </p>
  );
}

function Labelled({ label, children }: { readonly label: string; readonly children?: Child }): Markup {
  return (
    <label>
      <span>{label}</span>
      {children}
    </label>
  );
}

interface SelectProps {
  readonly name: string;
  readonly chosen: string;
  /** The choice for all, which stands first. */
  readonly all?: string;
  readonly choices: readonly (readonly [value: string, label: string])[];
}

function Select({ name, chosen, all, choices }: SelectProps): Markup {
  return (
    <select name={name}>
      {all !== undefined && <option value="">{all}</option>}
      {choices.map(([value, label]) => <option value={value} selected={value === chosen}>{label}</option>)}
    </select>
  );
}

function withoutFilters(): Record<string, null> {
  return { ...Object.fromEntries(FIELDS.map((name) => [name, null])), after: null, change: null };
}
