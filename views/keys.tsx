import { Layout } from "./layout.tsx";
import { FollowedChange } from "./keys_changes.tsx";
import { KeysFilter, StateTabs, WhyTheyRest } from "./keys_filter.tsx";
import { KeysMap } from "./keys_map.tsx";
import type { KeyChangeShown, KeyShown, TallyShown } from "./keys_shown.ts";
import { KeysTable } from "./keys_table.tsx";
import type { Markup } from "./markup.ts";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { StackBar } from "./parts/figures.tsx";
import { hrefWith, Pager } from "./parts/table.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

interface KeysPageProps {
  readonly view: View;
  readonly keys: readonly KeyShown[];
  readonly cells: readonly { readonly lastFour: string; readonly state: string; readonly reason: string }[];
  readonly next: string | null;
  readonly matched: number;
  readonly counts: Readonly<Record<typeof STATES[number] | "total", number>>;
  readonly reasons: readonly TallyShown[];
  readonly models: readonly TallyShown[];
  readonly tags: readonly string[];
  readonly change: KeyChangeShown | null;
  readonly isMap: boolean;
  readonly providers: readonly { readonly slug: string; readonly name: string }[];
  /** Whether there is any key at all. */
  readonly hasKeys: boolean;
}

const STATES = ["ready", "cooling", "exhausted", "rejected", "disabled"] as const;

/** `/admin/keys`: every provider key, as a list or as a heat map. */
export function KeysPage(props: KeysPageProps): Markup {
  const { view, counts, matched, isMap, hasKeys, change, reasons, models } = props;
  const { keys: texts, parts } = view.messages;
  const add = mayChange(view) ? <a class="button primary" href="/admin/imports">{texts.add}</a> : undefined;
  return (
    <Layout
      view={view}
      title={texts.title}
      lead={texts.lead}
      actions={
        <>
          <a class="button" href="/admin/keys/changes">{texts.recent}</a>
          {add}
        </>
      }
    >
      {change !== null && <FollowedChange view={view} change={change} />}
      {!hasKeys ? <EmptyState title={texts.empty} hint={texts.emptyHint}>{add}</EmptyState> : (
        <>
          <KeysFilter {...props} />
          <div class="keys-summary">
            <StackBar
              label={STATES.map((state) => `${view.format.number(counts[state])} ${parts.states[state]}`)
                .join(", ")}
              shares={STATES.map((state) => ({
                label: parts.states[state],
                count: counts[state],
                tone: state,
              }))}
            />
            <StateTabs view={view} counts={counts} />
            {reasons.length + models.length > 0 && (
              <WhyTheyRest view={view} reasons={reasons} models={models} />
            )}
          </div>
          <div class="list-head">
            <p>
              <strong>{texts.matching(matched)}</strong>
            </p>
            <nav class="view-switch" aria-label={texts.views.label}>
              <a
                href={hrefWith(view.url, { view: null, after: null })}
                aria-current={isMap ? undefined : "true"}
              >
                {texts.views.list}
              </a>
              <a
                href={hrefWith(view.url, { view: "map", after: null })}
                aria-current={isMap ? "true" : undefined}
              >
                {texts.views.map}
              </a>
            </nav>
          </div>
          {matched === 0
            ? <EmptyState title={texts.noMatch} hint={texts.noMatchHint} />
            : isMap
            ? <Map {...props} />
            : <List {...props} />}
        </>
      )}
      <AsCurl view={view} method="GET" path={view.url.pathname + view.url.search} />
      <dialog class="drawer" id="drawer" data-drawer aria-labelledby="drawer-title">
        <div id="drawer-body" />
      </dialog>
    </Layout>
  );
}

function List({ view, keys, next, matched }: KeysPageProps): Markup {
  return (
    <>
      {mayChange(view) && <BulkBar view={view} matched={matched} />}
      <KeysTable view={view} keys={keys} />
      <Pager view={view} count={keys.length} parameter="after" next={next} />
    </>
  );
}

function Map({ view, cells, next }: KeysPageProps): Markup {
  return (
    <>
      <KeysMap view={view} cells={cells} />
      <Pager view={view} count={cells.length} parameter="after" next={next} />
    </>
  );
}

const FILTERS = ["provider", "state", "reason", "model", "tag", "account", "age", "q", "fingerprint"];

/** What is to be done with those that are chosen below, or with all that match: counted on the page that comes next. */
function BulkBar({ view, matched }: { readonly view: View; readonly matched: number }): Markup {
  const { bulk, chooseAll } = view.messages.keys;
  const given = view.url.searchParams;
  return (
    <form method="get" action="/admin/keys/bulk" id="bulk" class="bulk-bar" aria-label={bulk.label}>
      {FILTERS.map((name) =>
        (given.get(name) ?? "") !== "" && <input type="hidden" name={name} value={given.get(name) ?? ""} />
      )}
      <label class="check-all" data-with-script-only>
        <input type="checkbox" data-check-all="ids" /> {chooseAll}
      </label>
      <label class="bulk-action">
        <span class="unseen">{bulk.action}</span>
        <select name="action">
          {Object.entries(bulk.actions).map(([action, label]) => <option value={action}>{label}…</option>)}
        </select>
      </label>
      <button type="submit" name="scope" value="chosen">{bulk.chosen}</button>
      <button type="submit" name="scope" value="all">{bulk.all(matched)}</button>
    </form>
  );
}
