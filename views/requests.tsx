import type { RequestOutcome } from "../src/core/request_record.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { type Filter, FilterBar } from "./parts/filter_bar.tsx";
import { hrefWith, Pager, Table } from "./parts/table.tsx";
import { keyLabel, type LogShown, OUTCOME_TONES, type RequestShown, VERDICT_TONES } from "./request_shown.ts";
import { spanChoices } from "./spans.ts";
import type { View } from "./view.ts";

interface RequestsPageProps {
  readonly view: View;
  readonly log: LogShown;
  /** Whether the page follows the log. */
  readonly isLive: boolean;
  readonly choices: {
    readonly providers: readonly string[];
    readonly groups: readonly string[];
    readonly clientKeys: readonly { readonly id: string; readonly name: string }[];
  };
}

/** `/admin/requests`: the log, the latest first. */
export function RequestsPage({ view, log, isLive, choices }: RequestsPageProps): Markup {
  const { requests: texts } = view.messages;
  const { main, more } = filters(view, choices);
  return (
    <Layout
      view={view}
      title={texts.title}
      lead={texts.lead}
      actions={<LiveSwitch view={view} isLive={isLive} />}
    >
      <FilterBar view={view} filters={main} more={more} kept={["live"]} />
      {isLive
        ? (
          <div hx-sse:connect={`/admin/live/requests${view.url.search}`} hx-swap="none">
            <LogPart view={view} log={log} />
          </div>
        )
        : <LogPart view={view} log={log} />}
      <AsCurl view={view} method="GET" path={view.url.pathname + view.url.search} />
    </Layout>
  );
}

/** A switch that is a link: it stands in the URL like every filter. */
function LiveSwitch({ view, isLive }: { readonly view: View; readonly isLive: boolean }): Markup {
  const { requests: texts } = view.messages;
  return (
    <a
      class={isLive ? "button live-switch is-live" : "button live-switch"}
      href={hrefWith(view.url, { live: isLive ? null : "true", before: null })}
      aria-current={isLive ? "true" : undefined}
      title={texts.liveHint}
    >
      <span class="live-dot" aria-hidden="true" />
      {isLive ? texts.liveOn : texts.live}
    </a>
  );
}

/** What changes while one looks: the rows and what stands under them. */
export function LogPart({ view, log }: { readonly view: View; readonly log: LogShown }): Markup {
  const { requests: texts } = view.messages;
  const { columns } = texts;
  return (
    <div id="request-log" class="stack">
      {log.requests.length === 0 ? <NoRows view={view} log={log} /> : (
        <Table
          caption={texts.title}
          columns={[
            { label: columns.time },
            { label: columns.model },
            { label: columns.by },
            { label: columns.clientKey },
            { label: columns.outcome },
            { label: columns.duration, isNumber: true },
            { label: columns.tokens, isNumber: true },
            { label: columns.cost, isNumber: true },
          ]}
        >
          {log.requests.map((request) => <RequestRow view={view} request={request} />)}
        </Table>
      )}
      {log.requests.length > 0 && (
        <Pager
          view={view}
          count={log.requests.length}
          parameter="before"
          next={log.next === null ? null : String(log.next)}
        />
      )}
    </div>
  );
}

/** Nothing at all, nothing that matches, or nothing in the part of the log that was looked at. */
function NoRows({ view, log }: { readonly view: View; readonly log: LogShown }): Markup {
  const { requests: texts } = view.messages;
  if (log.next !== null && log.searchedToMs !== null) {
    return (
      <EmptyState title={texts.noMatch} hint={texts.searchedTo(view.format.time(log.searchedToMs))}>
        <a class="button" href={hrefWith(view.url, { before: String(log.next) })}>{texts.searchOn}</a>
      </EmptyState>
    );
  }
  if (log.logged > 0) return <EmptyState title={texts.noMatch} />;
  return (
    <EmptyState title={texts.empty} hint={texts.emptyHint}>
      <a class="button primary" href="/admin/playground">{texts.tryOne}</a>
    </EmptyState>
  );
}

function RequestRow({ view, request }: { readonly view: View; readonly request: RequestShown }): Markup {
  const { requests: texts } = view.messages;
  const { clock, shortDate } = view.format;
  const { columns } = texts;
  const { attempts, upstreamDialect, dialect } = request;
  const last = attempts.at(-1);
  return (
    <tr id={`request-${request.id}`}>
      <th scope="row">
        <a href={`/admin/requests/${encodeURIComponent(request.id)}`} hx-preload="mouseover">
          <time datetime={new Date(request.startedMs).toISOString()}>{clock(request.startedMs)}</time>
        </a>
        <span class="sub">{shortDate(request.startedMs)}</span>
      </th>
      <td data-label={columns.model} class="wide">
        {request.model ?? <span class="muted">{texts.noModel}</span>}
        <span class="sub">{upstreamDialect === null ? dialect : `${dialect} → ${upstreamDialect}`}</span>
      </td>
      <td data-label={columns.by} class="short">
        {last === undefined ? <span class="muted">{texts.nobody}</span> : keyLabel(view, last)}
        {request.group !== null && <span class="sub">{request.group}</span>}
      </td>
      <td data-label={columns.clientKey} class="short">
        {request.clientKey ?? request.clientKeyId ?? <span class="muted">{texts.none}</span>}
      </td>
      <td data-label={columns.outcome}>
        <Badge
          label={texts.outcomes[request.outcome]}
          tone={OUTCOME_TONES[request.outcome]}
          reason={String(request.status)}
        />
        {attempts.length > 1 && <AttemptDots view={view} request={request} />}
      </td>
      <td data-label={columns.duration} class="number">
        {view.format.elapsed(request.durationMs)}
        {request.isStream && request.firstByteMs !== null && (
          <span class="sub">{texts.firstByte(view.format.elapsed(request.firstByteMs))}</span>
        )}
      </td>
      <td data-label={columns.tokens} class="number">
        <Tokens view={view} request={request} />
      </td>
      <td data-label={columns.cost} class="number">
        <Cost view={view} request={request} />
      </td>
    </tr>
  );
}

/** One dot an attempt, in their order. */
function AttemptDots({ view, request }: { readonly view: View; readonly request: RequestShown }): Markup {
  const { verdicts, attemptsOf } = view.messages.requests;
  const { attempts } = request;
  const words = attempts.map(({ verdict }, index) => `${index + 1}. ${verdicts[verdict]}`).join("; ");
  return (
    <span
      class="dots"
      role="img"
      aria-label={`${attemptsOf(attempts.length)}: ${words}`}
      title={words}
    >
      {attempts.slice(0, 12).map(({ verdict }) => <span class={`dot ${VERDICT_TONES[verdict]}`} />)}
    </span>
  );
}

function Tokens({ view, request }: { readonly view: View; readonly request: RequestShown }): Markup {
  const { requests: texts } = view.messages;
  const { usage, usageSource } = request;
  const { number } = view.format;
  if (usage === null) return <span class="muted">–</span>;
  const { inputTokens, outputTokens, cachedTokens } = usage;
  const both = [inputTokens, outputTokens].map((count) => count === undefined ? "–" : number(count));
  const notes = [
    ...(cachedTokens !== undefined && cachedTokens > 0 ? [texts.cached(number(cachedTokens))] : []),
    ...(usageSource === "estimated" ? [texts.estimated] : []),
  ];
  return (
    <>
      {both.join(" → ")}
      {notes.length > 0 && <span class="sub">{notes.join(", ")}</span>}
    </>
  );
}

function Cost({ view, request }: { readonly view: View; readonly request: RequestShown }): Markup {
  const { costNanoDollars, usage } = request;
  if (costNanoDollars !== null) return <>{view.format.money(costNanoDollars)}</>;
  return <span class="muted">{usage === null ? "–" : view.messages.requests.unpriced}</span>;
}

function filters(
  view: View,
  { providers, groups, clientKeys }: RequestsPageProps["choices"],
): { readonly main: readonly Filter[]; readonly more: readonly Filter[] } {
  const { requests: texts } = view.messages;
  const { filter } = texts;
  const named = (slug: string) => ({ value: slug, label: slug });
  const worded = (words: Readonly<Record<string, string>>) =>
    Object.entries(words).map(([value, label]) => ({ value, label }));
  return {
    main: [
      {
        kind: "choice",
        name: "last",
        label: filter.last,
        noneLabel: filter.anyTime,
        choices: spanChoices(view),
      },
      { kind: "choice", name: "provider", label: filter.provider, choices: providers.map(named) },
      { kind: "text", name: "model", label: filter.model },
      {
        kind: "choice",
        name: "statusClass",
        label: filter.statusClass,
        choices: ["2", "3", "4", "5"].map((digit) => ({ value: digit, label: `${digit}xx` })),
      },
      { kind: "choice", name: "outcome", label: filter.outcome, choices: worded(outcomeWords(view)) },
    ],
    more: [
      { kind: "text", name: "id", label: filter.id },
      {
        kind: "choice",
        name: "clientKey",
        label: filter.clientKey,
        choices: [
          { value: "anonymous", label: texts.anonymous },
          { value: "playground", label: view.messages.playground.title },
          ...clientKeys.map(({ id, name }) => ({ value: id, label: name })),
        ],
      },
      { kind: "choice", name: "group", label: filter.group, choices: groups.map(named) },
      { kind: "text", name: "providerKey", label: filter.providerKey },
      { kind: "choice", name: "verdict", label: filter.verdict, choices: worded(texts.verdicts) },
      { kind: "choice", name: "scope", label: filter.scope, choices: worded(texts.scopes) },
      { kind: "choice", name: "stream", label: filter.stream, choices: worded(texts.streams) },
      {
        kind: "choice",
        name: "unpriced",
        label: filter.unpriced,
        choices: [{ value: "true", label: texts.unpricedOnly }],
      },
      { kind: "text", name: "from", label: filter.from, type: "datetime-local" },
      { kind: "text", name: "to", label: filter.to, type: "datetime-local" },
    ],
  };
}

function outcomeWords({ messages }: View): Readonly<Record<RequestOutcome, string>> {
  return messages.requests.outcomes;
}
