import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { FilterBar } from "./parts/filter_bar.tsx";
import { Pager, Table } from "./parts/table.tsx";
import type { View } from "./view.ts";

interface EntryShown {
  readonly id: string;
  readonly atMs: number;
  readonly actor: string;
  readonly actorKind: string;
  readonly action: string;
  readonly target: string;
  readonly address: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

interface AuditPageProps {
  readonly view: View;
  readonly entries: readonly EntryShown[];
  /** The `before` of the next page. */
  readonly next: string | null;
}

/** `/admin/audit` */
export function AuditPage({ view, entries, next }: AuditPageProps): Markup {
  const { audit: texts } = view.messages;
  const isFiltered = view.url.search !== "";
  return (
    <Layout view={view} title={texts.title} lead={texts.lead}>
      <FilterBar
        view={view}
        filters={[
          { kind: "text", name: "actor", label: texts.filter.actor },
          { kind: "text", name: "action", label: texts.filter.action },
          { kind: "text", name: "target", label: texts.filter.target },
        ]}
      />
      {entries.length === 0
        ? (
          <EmptyState
            title={isFiltered ? texts.noMatch : texts.empty}
            {...(!isFiltered && { hint: texts.emptyHint })}
          />
        )
        : (
          <>
            <Table
              caption={texts.title}
              columns={Object.values(texts.columns).map((label) => ({ label }))}
            >
              {entries.map((entry) => <EntryRow view={view} entry={entry} />)}
            </Table>
            <Pager view={view} count={entries.length} parameter="before" next={next} />
          </>
        )}
      <AsCurl view={view} method="GET" path={view.url.pathname + view.url.search} />
    </Layout>
  );
}

function EntryRow({ view, entry }: { readonly view: View; readonly entry: EntryShown }): Markup {
  const { columns, by } = view.messages.audit;
  const kinds: Readonly<Record<string, string>> = by;
  return (
    <tr>
      <td data-label={columns.time}>
        <time datetime={new Date(entry.atMs).toISOString()}>{view.format.time(entry.atMs)}</time>
      </td>
      <td data-label={columns.who}>
        {entry.actor}
        <span class="sub">{kinds[entry.actorKind] ?? entry.actorKind}</span>
      </td>
      <td data-label={columns.action}>
        <code>{entry.action}</code>
      </td>
      <td data-label={columns.target} class="code">{entry.target}</td>
      <td data-label={columns.address} class="code">{entry.address}</td>
      <td data-label={columns.detail} class="code wide">{describe(entry.detail)}</td>
    </tr>
  );
}

/** Short and plain: what was sent, or what the action told. */
function describe(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail).map(([name, value]) =>
    `${name}: ${Array.isArray(value) ? value.join(", ") : String(value)}`
  ).join("; ");
}
