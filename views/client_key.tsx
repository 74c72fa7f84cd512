import { type ClientKeyShown, ClientKeyState, type UsageShown } from "./client_keys.tsx";
import { FirstUse } from "./first_run_use.tsx";
import { EMPTY_FORM } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import { LimitBars } from "./limit_bars.tsx";
import type { Markup } from "./markup.ts";
import { Moment } from "./parts/badge.tsx";
import { Confirm } from "./parts/confirm.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { SelectField } from "./parts/fields.tsx";
import { Facts, StatCard } from "./parts/figures.tsx";
import { Form } from "./parts/form.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

interface ClientKeyPageProps {
  readonly view: View;
  readonly clientKey: ClientKeyShown;
  /** `undefined` when it was not used this month. */
  readonly usage: { readonly month: UsageShown; readonly today: UsageShown } | undefined;
  /** One that it may ask for. */
  readonly model: string;
}

/** `/admin/client-keys/:id` */
export function ClientKeyPage({ view, clientKey, usage, model }: ClientKeyPageProps): Markup {
  const { clientKeys: texts } = view.messages;
  const { id, name, isReadOnly, limits } = clientKey;
  const isChangeable = mayChange(view) && !isReadOnly;
  return (
    <Layout
      view={view}
      title={name}
      {...(isReadOnly && { lead: texts.fromEnvironmentText })}
      actions={isChangeable
        ? <Actions view={view} clientKey={clientKey} requests={usage?.month.requests ?? 0} />
        : undefined}
    >
      <section class="card" aria-labelledby="limits-title">
        <h2 id="limits-title">{texts.limits}</h2>
        {Object.keys(limits).length === 0 ? <p class="muted">{texts.noLimitsText}</p> : (
          <>
            <LimitBars view={view} shown={clientKey} />
            <p class="hint">{texts.limitsHint}</p>
          </>
        )}
      </section>
      <section aria-labelledby="usage-title" class="stack">
        <div class="card-head">
          <h2 id="usage-title">{texts.usage}</h2>
          <span class="actions">
            <a href={`/admin/requests?clientKey=${encodeURIComponent(id)}`}>{texts.seeRequests}</a>
            <a href={`/admin/usage?clientKey=${encodeURIComponent(id)}`}>{texts.seeUsage}</a>
          </span>
        </div>
        <div class="grid">
          <Used view={view} label={texts.usageToday} used={usage?.today ?? NOTHING} />
          <Used view={view} label={texts.usageMonth} used={usage?.month ?? NOTHING} />
        </div>
      </section>
      <section class="card">
        <ClientKeyFacts view={view} clientKey={clientKey} />
      </section>
      {isChangeable && <Rotation view={view} clientKey={clientKey} />}
      <section class="card" aria-labelledby="use-title">
        <h2 id="use-title">{texts.use}</h2>
        <FirstUse view={view} model={model} clientKey={undefined} />
      </section>
      <AsCurl view={view} method="GET" path={`/admin/client-keys/${id}`} />
    </Layout>
  );
}

const NOTHING: UsageShown = { requests: 0, failed: 0, tokens: 0, nanoDollars: 0 };

function Used(
  { view, label, used }: { readonly view: View; readonly label: string; readonly used: UsageShown },
): Markup {
  const { clientKeys: texts } = view.messages;
  const { format } = view;
  const notes = [
    texts.tokens(format.compact(used.tokens)),
    format.money(used.nanoDollars),
    ...(used.failed > 0 ? [texts.failed(format.number(used.failed))] : []),
  ];
  return (
    <StatCard label={label} value={texts.requests(format.number(used.requests))} note={notes.join(" · ")} />
  );
}

/** What it is bound to; also beside a new secret. */
export function ClientKeyFacts(
  { view, clientKey }: { readonly view: View; readonly clientKey: ClientKeyShown },
): Markup {
  const { clientKeys: { facts: labels }, parts } = view.messages;
  const { targets, models, networks, expiresAtMs } = clientKey;
  return (
    <Facts
      facts={[
        { label: labels.state, value: <ClientKeyState view={view} clientKey={clientKey} /> },
        { label: labels.lastFour, value: <code>{`…${clientKey.lastFour}`}</code> },
        { label: labels.lastUsed, value: <Moment view={view} ms={clientKey.lastUsedMs ?? undefined} /> },
        { label: labels.targets, value: targets.length === 0 ? labels.all : targets.join(", ") },
        { label: labels.models, value: models.length === 0 ? labels.all : models.join(", ") },
        { label: labels.networks, value: networks.length === 0 ? labels.anywhere : networks.join(", ") },
        {
          label: labels.expires,
          value: expiresAtMs === undefined ? parts.never : `${view.format.time(expiresAtMs)} UTC`,
        },
        ...(clientKey.isReadOnly
          ? []
          : [{ label: labels.created, value: `${view.format.time(clientKey.createdAtMs)} UTC` }]),
        { label: labels.id, value: <code>{clientKey.id}</code> },
      ]}
    />
  );
}

interface ActionsProps {
  readonly view: View;
  readonly clientKey: ClientKeyShown;
  readonly requests: number;
}

function Actions({ view, clientKey, requests }: ActionsProps): Markup {
  const { clientKeys: texts, parts } = view.messages;
  const path = `/admin/client-keys/${clientKey.id}`;
  return (
    <>
      <a class="button" href={`${path}/edit`}>{parts.edit}</a>
      <Confirm
        view={view}
        id="delete"
        label={parts.delete}
        title={texts.deleteTitle(clientKey.name)}
        text={texts.deleteText(clientKey.lastFour, texts.requests(view.format.number(requests)))}
        action={path}
        method="DELETE"
      />
    </>
  );
}

const GRACES = [0, 3600, 86400, 604800, 2592000] as const;

function Rotation({ view, clientKey }: { readonly view: View; readonly clientKey: ClientKeyShown }): Markup {
  const { clientKeys: texts } = view.messages;
  return (
    <section class="card" aria-labelledby="rotate-title">
      <h2 id="rotate-title">{texts.rotate}</h2>
      <p class="muted">{texts.rotateText}</p>
      <Form view={view} action={`/admin/client-keys/${clientKey.id}/rotate`} class="inline-fields">
        <SelectField
          form={{ ...EMPTY_FORM, values: { graceSeconds: "86400" } }}
          name="graceSeconds"
          label={texts.grace}
          choices={GRACES.map((seconds) => ({ value: String(seconds), label: texts.graces[seconds] }))}
        />
        <button type="submit">{texts.rotate}</button>
      </Form>
    </section>
  );
}
