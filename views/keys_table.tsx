import type { Markup } from "./markup.ts";
import { type KeyShown, maskOf } from "./keys_shown.ts";
import { Countdown, Moment, StateBadge } from "./parts/badge.tsx";
import { hrefWith, Table } from "./parts/table.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

/** The rows, kept up to date while they are looked at. */
export function KeysTable(
  { view, keys }: { readonly view: View; readonly keys: readonly KeyShown[] },
): Markup {
  const { columns, title } = view.messages.keys;
  const ids = keys.map(({ id }) => id).join(",");
  return (
    <div class="keys-table" hx-sse:connect={`/admin/live/keys?since=${view.nowMs}&ids=${ids}`} hx-swap="none">
      <Table
        caption={title}
        columns={[
          ...(mayChange(view) ? [{ label: columns.choose, isHidden: true }] : []),
          { label: columns.key },
          { label: columns.state },
          { label: columns.tags },
          { label: columns.used },
          { label: columns.today, isNumber: true },
          { label: columns.weight, isNumber: true },
        ]}
      >
        {keys.map((row) => <KeyRow view={view} id={row.id} row={row} />)}
      </Table>
    </div>
  );
}

interface KeyRowProps {
  readonly view: View;
  readonly id: string;
  /** `undefined` for a key that is no more. */
  readonly row: KeyShown | undefined;
}

/** One row: in the page, and whenever its key changes. */
export function KeyRow({ view, id, row }: KeyRowProps): Markup {
  if (row === undefined) return <tr id={`key-${id}`} class="gone" />;
  const { keys: texts } = view.messages;
  const { columns } = texts;
  return (
    <tr id={`key-${id}`} class={row.isActive ? undefined : "off"}>
      {mayChange(view) && (
        <td class="choose">
          <input type="checkbox" name="ids" value={id} form="bulk" aria-label={texts.choose(maskOf(row))} />
        </td>
      )}
      <th scope="row">
        <KeyName view={view} row={row} />
      </th>
      <td data-label={columns.state} class="key-state">
        <KeyState view={view} row={row} />
      </td>
      <td data-label={columns.tags}>{row.tags.length > 0 && <Tags view={view} tags={row.tags} />}</td>
      <td data-label={columns.used}>
        <Moment view={view} ms={row.lastUsedMs} />
      </td>
      <td data-label={columns.today} class="number">
        <Today view={view} row={row} />
      </td>
      <td data-label={columns.weight} class="number">
        <span aria-label={texts.weightLabel(row.weight, row.priority)}>
          {texts.weightText(row.weight, row.priority)}
        </span>
      </td>
    </tr>
  );
}

function KeyName({ view, row }: { readonly view: View; readonly row: KeyShown }): Markup {
  const { id, provider, account, note } = row;
  return (
    <>
      <a
        href={`/admin/keys/${id}`}
        hx-get={`/admin/keys/${id}`}
        hx-target="#drawer-body"
        hx-swap="innerHTML"
        class="code"
      >
        {maskOf(row)}
      </a>{" "}
      <a class="key-provider" href={listHref(view, { provider })}>{provider}</a>
      {(account !== undefined || note !== undefined) && (
        <span class="sub">{[account, note].filter((text) => text !== undefined).join(" · ")}</span>
      )}
    </>
  );
}

function Tags({ view, tags }: { readonly view: View; readonly tags: readonly string[] }): Markup {
  return (
    <span class="chips">
      {tags.slice(0, SHOWN_TAGS).map((tag) => <a class="chip" href={listHref(view, { tag })}>{tag}</a>)}
      {tags.length > SHOWN_TAGS && (
        <span class="muted">{view.messages.keys.moreModels(tags.length - SHOWN_TAGS)}</span>
      )}
    </span>
  );
}

/** The list with one more filter; a row that came live has another address than the page. */
function listHref({ url }: View, changes: Readonly<Record<string, string>>): string {
  return url.pathname === "/admin/keys"
    ? hrefWith(url, { ...changes, after: null, change: null })
    : `/admin/keys?${new URLSearchParams(changes)}`;
}

const SHOWN_TAGS = 4;
const SHOWN_MODELS = 3;

/** State, reason and countdown; the models that it rests for; and what went wrong last, when that is over. */
export function KeyState({ view, row }: { readonly view: View; readonly row: KeyShown }): Markup {
  const { keys: texts } = view.messages;
  const { state, reason, untilMs, models, lastFault } = row;
  return (
    <>
      <StateBadge view={view} state={state} {...(untilMs !== undefined && { untilMs })} />
      {reason !== undefined && <span class="sub" title={row.rule}>{cut(reason)}</span>}
      {reason === undefined && models.length === 0 && lastFault !== undefined && (
        <span class="sub">
          {texts.lastFault(view.format.relative(lastFault.atMs, view.nowMs), cut(lastFault.text))}
        </span>
      )}
      {models.length > 0 && (
        <span class="chips">
          {models.slice(0, SHOWN_MODELS).map(({ model, untilMs, reason }) => (
            <span class="chip wait" title={reason}>
              <span class="unseen">{texts.modelRest("")}</span>
              {cut(model, 40)} <Countdown view={view} untilMs={untilMs} />
            </span>
          ))}
          {models.length > SHOWN_MODELS && (
            <span class="muted">{texts.moreModels(models.length - SHOWN_MODELS)}</span>
          )}
        </span>
      )}
    </>
  );
}

function Today({ view, row: { today } }: { readonly view: View; readonly row: KeyShown }): Markup {
  const { keys: texts } = view.messages;
  const { compact, money } = view.format;
  if (today.requests === 0 && today.failures === 0) return <span class="muted">–</span>;
  return (
    <>
      <span>
        {texts.today(compact(today.requests))}
        {today.failures > 0 && <span class="failed">{` · ${texts.failures(compact(today.failures))}`}</span>}
      </span>
      <span class="sub">{texts.todayMore(compact(today.tokens), money(today.costNanoDollars))}</span>
    </>
  );
}

/** What a provider has said may be long; the whole of it stands in the drawer. */
function cut(text: string, most = 90): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
