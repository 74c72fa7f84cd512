import type { ClientLimits } from "../src/core/client_limits.ts";
import { Layout } from "./layout.tsx";
import { LimitBars, type WindowShown } from "./limit_bars.tsx";
import type { Markup } from "./markup.ts";
import { Badge, Countdown, Moment } from "./parts/badge.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { Pager, Table } from "./parts/table.tsx";
import { mayChange } from "./providers.tsx";
import { Switch } from "./parts/switch.tsx";
import type { View } from "./view.ts";

/** A client key as its pages show it: never its secret. */
export interface ClientKeyShown {
  readonly id: string;
  readonly name: string;
  readonly lastFour: string;
  readonly isEnabled: boolean;
  readonly expiresAtMs?: number;
  readonly createdAtMs: number;
  readonly targets: readonly string[];
  readonly models: readonly string[];
  readonly networks: readonly string[];
  readonly limits: ClientLimits;
  /** Set in the environment. */
  readonly isReadOnly: boolean;
  readonly lastUsedMs: number | null;
  /** Until when the secret before the last rotation is taken. */
  readonly previousUntilMs: number | null;
  readonly windows: readonly WindowShown[];
}

/** What was used in a stretch of time. */
export interface UsageShown {
  readonly requests: number;
  readonly failed: number;
  readonly tokens: number;
  readonly nanoDollars: number;
}

interface ClientKeysPageProps {
  readonly view: View;
  readonly clientKeys: readonly ClientKeyShown[];
  /** `after` of the next page. */
  readonly next: string | null;
  /** Whether callers without a client key are served, too. */
  readonly isOpenToAll: boolean;
  /** By id; without what was not used this month. */
  readonly usage: ReadonlyMap<string, { readonly month: UsageShown }>;
}

/** `/admin/client-keys` */
export function ClientKeysPage({ view, clientKeys, next, isOpenToAll, usage }: ClientKeysPageProps): Markup {
  const { clientKeys: texts } = view.messages;
  const { columns } = texts;
  const add = mayChange(view)
    ? <a class="button primary" href="/admin/client-keys/new">{texts.add}</a>
    : undefined;
  return (
    <Layout view={view} title={texts.title} lead={texts.lead} actions={add}>
      {isOpenToAll && <p class="flash fault">{texts.anonymous}</p>}
      {clientKeys.length === 0
        ? (
          <EmptyState title={texts.empty} hint={isOpenToAll ? texts.emptyHintOpen : texts.emptyHint}>
            {add}
          </EmptyState>
        )
        : (
          <>
            <Table
              caption={texts.title}
              columns={[
                { label: columns.clientKey },
                { label: columns.bounds },
                { label: columns.limits },
                { label: columns.month, isNumber: true },
                { label: columns.lastUsed },
                { label: columns.state },
              ]}
            >
              {clientKeys.map((each) => (
                <ClientKeyRow view={view} clientKey={each} month={usage.get(each.id)?.month} />
              ))}
            </Table>
            <Pager view={view} count={clientKeys.length} parameter="after" next={next} />
          </>
        )}
      <AsCurl
        view={view}
        method="POST"
        path="/admin/client-keys"
        body={{ name: "laptop", limits: { requestsPerMinute: 60, dollarsPerMonth: 20 } }}
      />
    </Layout>
  );
}

interface RowProps {
  readonly view: View;
  readonly clientKey: ClientKeyShown;
  readonly month: UsageShown | undefined;
}

function ClientKeyRow({ view, clientKey, month }: RowProps): Markup {
  const { clientKeys: texts } = view.messages;
  const { columns } = texts;
  const { id, name, lastFour, isReadOnly, limits, lastUsedMs } = clientKey;
  return (
    <tr>
      <th scope="row">
        <a href={`/admin/client-keys/${id}`}>{name}</a>
        <span class="sub">
          <code>{`…${lastFour}`}</code>
          {isReadOnly && ` · ${texts.fromEnvironment}`}
        </span>
      </th>
      <td data-label={columns.bounds} class="bounds-cell">
        <Bounds view={view} clientKey={clientKey} />
      </td>
      <td data-label={columns.limits} class="limits-cell">
        {Object.keys(limits).length === 0
          ? <span class="muted">{texts.noLimits}</span>
          : <LimitBars view={view} shown={clientKey} most={2} />}
      </td>
      <td data-label={columns.month} class="number">
        {month === undefined ? "–" : view.format.money(month.nanoDollars)}
        {month !== undefined && <span class="sub">{texts.requests(view.format.compact(month.requests))}
        </span>}
      </td>
      <td data-label={columns.lastUsed}>
        <Moment view={view} ms={lastUsedMs ?? undefined} />
      </td>
      <td data-label={columns.state}>
        {mayChange(view) && !isReadOnly
          ? <ClientKeySwitch view={view} clientKey={clientKey} />
          : <ClientKeyState view={view} clientKey={clientKey} />}
      </td>
    </tr>
  );
}

function Bounds({ view, clientKey }: { readonly view: View; readonly clientKey: ClientKeyShown }): Markup {
  const { bounds, everything } = view.messages.clientKeys;
  const { targets, models, networks } = clientKey;
  const parts = [
    ...(targets.length === 0
      ? []
      : [targets.length > 2 ? bounds.providers(targets.length) : targets.join(", ")]),
    ...(models.length === 0 ? [] : [models.length > 2 ? bounds.models(models.length) : models.join(", ")]),
    ...(networks.length === 0 ? [] : [bounds.networks(networks.length)]),
  ];
  return parts.length === 0
    ? <span class="muted">{everything}</span>
    : <div>{parts.map((part) => <span class="bound">{part}</span>)}</div>;
}

/** Whether it is taken now, and what will change that. */
export function ClientKeyState(
  { view, clientKey }: { readonly view: View; readonly clientKey: ClientKeyShown },
): Markup {
  const { states } = view.messages.clientKeys;
  const { isEnabled, expiresAtMs } = clientKey;
  const isExpired = expiresAtMs !== undefined && expiresAtMs <= view.nowMs;
  return (
    <span class="state">
      {isExpired
        ? <Badge label={states.expired} tone="bad" />
        : <Badge label={isEnabled ? states.on : states.off} tone={isEnabled ? "good" : "off"} />}
      <Ends view={view} clientKey={clientKey} />
    </span>
  );
}

/** Turns it on and off in its place; without htmx its page comes. */
export function ClientKeySwitch(
  { view, clientKey }: { readonly view: View; readonly clientKey: ClientKeyShown },
): Markup {
  const { clientKeys: texts } = view.messages;
  const { id, name, isEnabled, expiresAtMs } = clientKey;
  const isExpired = expiresAtMs !== undefined && expiresAtMs <= view.nowMs;
  return (
    <span class="state" id={`client-key-${id}`}>
      <Switch
        view={view}
        action={`/admin/client-keys/${id}`}
        isOn={isEnabled}
        label={isEnabled ? texts.turnOff(name) : texts.turnOn(name)}
        target={`#client-key-${id}`}
      />
      {isExpired && <Badge label={texts.states.expired} tone="bad" />}
      <Ends view={view} clientKey={clientKey} />
    </span>
  );
}

function Ends({ view, clientKey }: { readonly view: View; readonly clientKey: ClientKeyShown }): Markup {
  const { clientKeys: { endsIn, oldUntil }, parts } = view.messages;
  const { expiresAtMs, previousUntilMs } = clientKey;
  const isSoon = expiresAtMs !== undefined && expiresAtMs - view.nowMs < SOON_MS;
  return (
    <>
      {expiresAtMs !== undefined && expiresAtMs > view.nowMs && (
        <span class="reason">
          {isSoon ? `${endsIn} ` : parts.until(view.format.date(expiresAtMs))}
          {isSoon && <Countdown view={view} untilMs={expiresAtMs} />}
        </span>
      )}
      {previousUntilMs !== null && (
        <span class="reason">
          {`${oldUntil} `}
          <Countdown view={view} untilMs={previousUntilMs} />
        </span>
      )}
    </>
  );
}

/** Days are counted down from here on. */
const SOON_MS = 30 * 86_400_000;
