import type { Markup } from "./markup.ts";
import { FailuresChart, RequestsChart } from "./overview_charts.tsx";
import { StatCard } from "./parts/figures.tsx";
import { Table } from "./parts/table.tsx";
import { type FiguresShown, RANGE_NAMES, type RangeName, type TopShown } from "./overview_shown.ts";
import type { View } from "./view.ts";

interface FiguresProps {
  readonly view: View;
  readonly range: RangeName;
  readonly figures: FiguresShown;
}

/** What was served in a stretch of time, how well, how fast, and what it cost. */
export function Figures({ view, range, figures }: FiguresProps): Markup {
  const { figures: texts } = view.messages.overview;
  return (
    <section id="overview-figures" class="stack" aria-labelledby="figures-title">
      <header class="card-head wrap">
        <h2 id="figures-title">{texts.title}</h2>
        <nav class="segments" aria-label={texts.range}>
          {RANGE_NAMES.map((name) => (
            <a href={`/admin?range=${name}`} aria-current={name === range ? "true" : undefined}>
              {texts.ranges[name]}
            </a>
          ))}
        </nav>
      </header>
      <div class="overview-stats">
        <SuccessCard view={view} figures={figures} />
        <LatencyCard view={view} figures={figures} />
        <RequestsCard view={view} figures={figures} />
        <CostCard view={view} figures={figures} />
      </div>
      {figures.requests === 0 ? <p class="muted">{texts.none}</p> : (
        <>
          <div class="overview-charts">
            <RequestsChart view={view} figures={figures} range={range} />
            <FailuresChart view={view} figures={figures} range={range} />
          </div>
          <div class="overview-charts">
            <TopTable view={view} kind="model" figures={figures} />
            <TopTable view={view} kind="clientKey" figures={figures} />
          </div>
        </>
      )}
    </section>
  );
}

type CardProps = Omit<FiguresProps, "range">;

/** Two rates side by side: their distance is what failing over is worth. */
function SuccessCard({ view, figures }: CardProps): Markup {
  const { figures: texts } = view.messages.overview;
  const { requests, succeeded, refused, clientGone, attempts, failures } = figures;
  const unanswered = Math.max(0, requests - succeeded - refused - clientGone);
  return (
    <div class="stat">
      <p class="stat-label">{texts.success}</p>
      <div class="stat-pair">
        <p>
          <span class="stat-value">{part(view, succeeded, requests)}</span>{" "}
          <span class="stat-note">{texts.callers}</span>
        </p>
        <p>
          <span class="stat-value lesser">{part(view, attempts - failures, attempts)}</span>{" "}
          <span class="stat-note">{texts.attempts}</span>
        </p>
      </div>
      {attempts > 0 && <p class="stat-note">{texts.successNote(failures, unanswered)}</p>}
    </div>
  );
}

/** Of streams to their first token; where there were none, of whole answers. */
function LatencyCard({ view, figures }: CardProps): Markup {
  const { figures: texts } = view.messages.overview;
  const { firstToken, duration } = figures;
  const shown = firstToken ?? duration;
  const note = firstToken !== null
    ? texts.streams(firstToken.count)
    : duration !== null
    ? texts.answers(duration.count)
    : undefined;
  return (
    <div class="stat">
      <p class="stat-label">{firstToken === null && duration !== null ? texts.answer : texts.firstToken}</p>
      <div class="stat-pair">
        <p>
          <span class="stat-value">{shown === null ? "–" : seconds(view, shown.p50)}</span>{" "}
          <span class="stat-note">{texts.p50}</span>
        </p>
        <p>
          <span class="stat-value lesser">{shown === null ? "–" : seconds(view, shown.p95)}</span>{" "}
          <span class="stat-note">{texts.p95}</span>
        </p>
      </div>
      {note !== undefined && <p class="stat-note">{note}</p>}
    </div>
  );
}

function RequestsCard({ view, figures }: CardProps): Markup {
  const { figures: texts } = view.messages.overview;
  const { requests, refused, clientGone } = figures;
  const troubles = [
    ...(refused > 0 ? [texts.refused(refused)] : []),
    ...(clientGone > 0 ? [texts.left(clientGone)] : []),
  ];
  const note = troubles.length > 0 ? troubles.join(" · ") : requests > 0 ? texts.noTrouble : undefined;
  return (
    <StatCard
      label={texts.requests}
      value={requests < 100_000 ? view.format.number(requests) : view.format.compact(requests)}
      {...(note !== undefined && { note })}
    />
  );
}

function CostCard({ view, figures }: CardProps): Markup {
  const { figures: texts } = view.messages.overview;
  const { todayNanoDollars, monthNanoDollars, metered, unpriced, estimatedNanoDollars } = figures.cost;
  const shares = [
    ...(unpriced > 0 ? [texts.unpriced(view.format.percent(unpriced / Math.max(1, metered)))] : []),
    ...(estimatedNanoDollars > 0
      ? [texts.estimated(view.format.percent(estimatedNanoDollars / monthNanoDollars))]
      : []),
  ];
  return (
    <StatCard
      label={texts.today}
      value={view.format.money(todayNanoDollars)}
      note={texts.month(view.format.money(monthNanoDollars))}
    >
      {shares.length > 0 && <p class="stat-note">{shares.join(" · ")}</p>}
    </StatCard>
  );
}

const SHOWN = 5;

function TopTable(
  { view, kind, figures }: CardProps & { readonly kind: "model" | "clientKey" },
): Markup {
  const { figures: texts } = view.messages.overview;
  const rows = (kind === "model" ? figures.models : figures.clientKeys).slice(0, SHOWN);
  const title = kind === "model" ? texts.models : texts.clientKeys;
  const span = `from=${figures.fromMs}&to=${figures.toMs}`;
  return (
    <div class="stack">
      <h3>{title}</h3>
      {rows.length === 0 ? <p class="muted">{texts.none}</p> : (
        <Table
          caption={title}
          columns={[
            { label: texts.name[kind] },
            { label: texts.count, isNumber: true },
            { label: texts.tokens, isNumber: true },
            { label: texts.cost, isNumber: true },
          ]}
        >
          {rows.map((row) => (
            <tr>
              <th scope="row" class="wide">
                <a href={`/admin/requests?${kind}=${encodeURIComponent(row.id || "anonymous")}&${span}`}>
                  {nameOf(view, kind, row)}
                </a>
              </th>
              <td data-label={texts.count} class="number">{view.format.number(row.requests)}</td>
              <td data-label={texts.tokens} class="number">{view.format.compact(row.tokens)}</td>
              <td data-label={texts.cost} class="number">
                {row.costNanoDollars === 0 && row.unpriced > 0
                  ? <span class="muted">{texts.noPrice}</span>
                  : view.format.money(row.costNanoDollars)}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </div>
  );
}

function nameOf({ messages }: View, kind: "model" | "clientKey", { id, name }: TopShown): string {
  const { figures: texts } = messages.overview;
  if (kind === "model") return id === "" ? texts.noModel : id;
  return id === "" ? texts.anonymous : name ?? texts.gone;
}

/** Never rounded up to 100%: what failed must show. */
function part({ format }: View, some: number, all: number): string {
  if (all === 0) return "–";
  return format.percent(some === all ? 1 : Math.floor(some / all * 1000) / 1000);
}

function seconds({ format }: View, ms: number): string {
  return ms < 1000 ? format.duration(ms) : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)}s`;
}
