import type { UsageCounts } from "../src/core/usage.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import type { UsageMessages } from "./messages/usage.en.ts";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { StatCard } from "./parts/figures.tsx";
import { type Filter, FilterBar } from "./parts/filter_bar.tsx";
import { hrefWith } from "./parts/table.tsx";
import { spanChoices } from "./spans.ts";
import { type ChartMetric, type UsageCharts, UsageChartsPart } from "./usage_charts.tsx";
import { type UsageRowShown, UsageTable } from "./usage_table.tsx";
import { UsageTabs } from "./usage_tabs.tsx";
import type { View } from "./view.ts";

export type Grouping = keyof UsageMessages["groupings"];

export interface QuantilesShown {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly count: number;
}

/** Sums of a whole time. */
export interface UsageTotalShown {
  readonly counts: UsageCounts;
  /** Metered requests whose usage is only estimated. */
  readonly estimated: number;
  readonly duration: QuantilesShown | undefined;
  readonly firstToken: QuantilesShown | undefined;
}

interface UsagePageProps {
  readonly view: View;
  readonly total: UsageTotalShown;
  readonly charts: UsageCharts;
  readonly metric: ChartMetric;
  readonly groupBy: readonly Grouping[];
  readonly rows: readonly UsageRowShown[];
  /** Whether there are more rows than these. */
  readonly isCut: boolean;
  /** Whether anything was ever counted. */
  readonly hasAny: boolean;
  readonly choices: {
    readonly providers: readonly string[];
    readonly groups: readonly string[];
    readonly models: readonly string[];
    readonly clientKeys: readonly { readonly id: string; readonly name: string }[];
  };
}

/** `/admin/usage`: what was used, what it cost, how it went, by whatever one asks. */
export function UsagePage(props: UsagePageProps): Markup {
  const { view, total, charts, metric, hasAny } = props;
  const { usage: texts } = view.messages;
  const { main, more } = filters(props);
  return (
    <Layout
      view={view}
      title={texts.title}
      lead={texts.lead}
      actions={total.counts.requests > 0 ? <Downloads {...props} /> : undefined}
    >
      <UsageTabs view={view} />
      <FilterBar view={view} filters={main} more={more} />
      {total.counts.requests === 0 && total.counts.attempts === 0
        ? (
          <EmptyState
            title={hasAny ? texts.empty : texts.never}
            hint={hasAny ? texts.emptyHint : texts.neverHint}
          />
        )
        : (
          <>
            <TotalCards view={view} total={total} />
            <UsageChartsPart view={view} charts={charts} metric={metric} />
            <UsageTable {...props} />
          </>
        )}
      <AsCurl view={view} method="GET" path={apiPath(props, {})} />
    </Layout>
  );
}

function Downloads(props: UsagePageProps): Markup {
  const { usage: texts } = props.view.messages;
  return (
    <>
      <a class="button" href={apiPath(props, { format: "csv" })} download>{texts.csv}</a>
      <a class="button" href={apiPath(props, { format: "download" })} download>{texts.json}</a>
    </>
  );
}

/** The same question for programs: what the page adds by itself is written out. */
function apiPath({ view, groupBy }: UsagePageProps, more: Readonly<Record<string, string>>): string {
  return hrefWith(view.url, { groupBy: groupBy.join(","), thenBy: null, metric: null, ...more });
}

function TotalCards({ view, total }: { readonly view: View; readonly total: UsageTotalShown }): Markup {
  const { cards } = view.messages.usage;
  const { compact, number, percent, money, elapsed } = view.format;
  const { counts, estimated, firstToken } = total;
  const { requests, succeeded, attempts, failures, inputTokens, outputTokens, cachedTokens } = counts;
  const { metered, unpriced, costNanoDollars } = counts;
  const saved = Math.max(0, attempts - requests) === 0 ? 0 : savedOf(counts);
  const costNotes = [
    ...(unpriced > 0 ? [cards.unpricedNote(percent(unpriced / Math.max(1, metered)))] : []),
    ...(estimated > 0 ? [cards.estimatedNote(percent(estimated / Math.max(1, metered)))] : []),
  ];
  return (
    <div class="grid stats">
      <StatCard
        label={cards.requests}
        value={number(requests)}
        note={requests === 0 ? "–" : cards.succeeded(percent(succeeded / requests))}
      />
      <StatCard
        label={cards.attempts}
        value={attempts === 0 ? "–" : percent((attempts - failures) / attempts)}
        note={cards.attemptsNote(compact(attempts), compact(saved))}
      />
      <StatCard
        label={cards.tokens}
        value={compact(inputTokens + outputTokens)}
        note={cards.tokensNote(
          compact(inputTokens),
          compact(outputTokens),
          percent(inputTokens === 0 ? 0 : cachedTokens / inputTokens),
        )}
      />
      <StatCard
        label={cards.cost}
        value={metered > 0 && unpriced === metered ? "–" : money(costNanoDollars)}
        note={costNotes.length === 0 ? cards.costWhole : costNotes.join(" · ")}
      />
      <StatCard
        label={cards.latency}
        value={total.duration === undefined
          ? "–"
          : `${elapsed(total.duration.p50)} / ${elapsed(total.duration.p95)}`}
        note={firstToken === undefined
          ? total.duration === undefined ? cards.noLatency : "–"
          : cards.firstToken(elapsed(firstToken.p50), elapsed(firstToken.p95))}
      />
    </div>
  );
}

/** Requests that came to a good end although an attempt of theirs had failed: no more than there were failures. */
function savedOf({ succeeded, attempts, failures }: UsageCounts): number {
  const clean = Math.max(0, attempts - failures);
  return Math.max(0, Math.min(failures, succeeded, attempts - clean));
}

function filters(
  { view, choices, groupBy }: UsagePageProps,
): { readonly main: readonly Filter[]; readonly more: readonly Filter[] } {
  const { filter, groupings, intervals, metrics, spans, sources } = view.messages.usage;
  const worded = (words: Readonly<Record<string, string>>, without: readonly string[] = []) =>
    Object.entries(words).filter(([value]) => !without.includes(value)).map(([value, label]) => ({
      value,
      label,
    }));
  const named = (slug: string) => ({ value: slug, label: slug });
  return {
    main: [
      {
        kind: "choice",
        name: "last",
        label: filter.last,
        noneLabel: spans["24h"],
        choices: spanChoices(view).filter(({ value }) => value !== "24h"),
      },
      {
        kind: "choice",
        name: "groupBy",
        label: filter.groupBy,
        noneLabel: groupings.model,
        choices: worded(groupings, ["model"]),
      },
      {
        kind: "choice",
        name: "thenBy",
        label: filter.thenBy,
        noneLabel: filter.nothing,
        choices: worded(groupings, groupBy.slice(0, 1)),
      },
      {
        kind: "choice",
        name: "metric",
        label: filter.metric,
        noneLabel: metrics.requests,
        choices: worded(metrics, ["requests"]),
      },
    ],
    more: [
      {
        kind: "choice",
        name: "interval",
        label: filter.interval,
        noneLabel: filter.autoInterval,
        choices: worded(intervals),
      },
      { kind: "choice", name: "provider", label: filter.provider, choices: choices.providers.map(named) },
      { kind: "text", name: "model", label: filter.model, suggestions: choices.models },
      {
        kind: "choice",
        name: "clientKey",
        label: filter.clientKey,
        choices: choices.clientKeys.map(({ id, name }) => ({ value: id, label: name })),
      },
      { kind: "choice", name: "group", label: filter.group, choices: choices.groups.map(named) },
      {
        kind: "choice",
        name: "statusClass",
        label: filter.statusClass,
        choices: ["2", "3", "4", "5"].map((digit) => ({ value: digit, label: `${digit}xx` })),
      },
      { kind: "choice", name: "usageSource", label: filter.usageSource, choices: worded(sources) },
      { kind: "text", name: "from", label: filter.from, type: "datetime-local" },
      { kind: "text", name: "to", label: filter.to, type: "datetime-local" },
    ],
  };
}
