import { DIALECTS } from "../src/core/provider.ts";
import { includesRole } from "../src/core/role.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Capacity, type PoolShown } from "./parts/capacity.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { FilterBar } from "./parts/filter_bar.tsx";
import { Switch } from "./parts/switch.tsx";
import { Table } from "./parts/table.tsx";
import type { View } from "./view.ts";

/** What the list shows of a provider. */
export interface ProviderShown {
  readonly slug: string;
  readonly name: string;
  readonly dialect: string;
  readonly baseUrl: string;
  readonly isEnabled: boolean;
  readonly counts: PoolShown;
}

interface ProvidersPageProps {
  readonly view: View;
  readonly providers: readonly ProviderShown[];
  /** Whether there may be more than these. */
  readonly isFiltered: boolean;
}

/** `/admin/providers`: every provider with how its pool stands, kept up to date while it is looked at. */
export function ProvidersPage({ view, providers, isFiltered }: ProvidersPageProps): Markup {
  const { providers: texts } = view.messages;
  const add = mayChange(view)
    ? <a class="button primary" href="/admin/providers/new">{texts.add}</a>
    : undefined;
  return (
    <Layout view={view} title={texts.title} lead={texts.lead} actions={add}>
      {(providers.length > 0 || isFiltered) && (
        <FilterBar
          view={view}
          filters={[
            { kind: "text", name: "q", label: texts.filter.text },
            {
              kind: "choice",
              name: "dialect",
              label: texts.filter.dialect,
              choices: DIALECTS.map((dialect) => ({ value: dialect, label: dialect })),
            },
          ]}
        />
      )}
      {providers.length === 0
        ? (
          <EmptyState
            title={isFiltered ? texts.noMatch : texts.empty}
            {...(!isFiltered && { hint: texts.emptyHint })}
          >
            {isFiltered ? undefined : add}
          </EmptyState>
        )
        : <ProvidersTable view={view} providers={providers} />}
      <AsCurl view={view} method="GET" path={view.url.pathname + view.url.search} />
    </Layout>
  );
}

function ProvidersTable({ view, providers }: Omit<ProvidersPageProps, "isFiltered">): Markup {
  const { columns, title } = view.messages.providers;
  return (
    <div hx-sse:connect={`/admin/live/providers${view.url.search}`} hx-swap="none">
      <Table
        caption={title}
        columns={[
          { label: columns.provider },
          { label: columns.dialect },
          { label: columns.capacity },
          { label: columns.inFlight, isNumber: true },
          { label: columns.enabled },
        ]}
      >
        {providers.map((provider) => <ProviderRow view={view} provider={provider} />)}
      </Table>
    </div>
  );
}

/** One row: in the page, after its switch was turned, and whenever its pool changes. */
export function ProviderRow(
  { view, provider }: { readonly view: View; readonly provider: ProviderShown },
): Markup {
  const { slug, name, dialect, baseUrl, isEnabled, counts } = provider;
  const { providers: texts, parts } = view.messages;
  const { columns } = texts;
  return (
    <tr id={`provider-${slug}`} class={isEnabled ? undefined : "off"}>
      <th scope="row">
        <a href={`/admin/providers/${slug}`}>{name}</a>
        <span class="sub code">{baseUrl}</span>
      </th>
      <td data-label={columns.dialect}>{dialect}</td>
      <td data-label={columns.capacity}>
        <Capacity view={view} counts={counts} />
      </td>
      <td data-label={columns.inFlight} class="number">{view.format.number(counts.inFlight)}</td>
      <td data-label={columns.enabled}>
        {mayChange(view)
          ? (
            <Switch
              view={view}
              action={`/admin/providers/${slug}`}
              isOn={isEnabled}
              label={isEnabled ? texts.turnOff(name) : texts.turnOn(name)}
              target={`#provider-${slug}`}
            />
          )
          : isEnabled
          ? parts.on
          : parts.off}
      </td>
    </tr>
  );
}

/** Whether to show what only operators and owners may do. The server asks again. */
export function mayChange({ who }: View): boolean {
  return who !== undefined && includesRole(who.role, "operator");
}
