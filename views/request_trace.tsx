import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { Table } from "./parts/table.tsx";
import { mayChange } from "./providers.tsx";
import { type AttemptShown, keyLabel, type RequestShown, ruleText, VERDICT_TONES } from "./request_shown.ts";
import type { View } from "./view.ts";

interface TraceProps {
  readonly view: View;
  readonly request: RequestShown;
}

/** Every attempt with its verdict in plain words and the rule that gave it. */
export function AttemptsTable({ view, request }: TraceProps): Markup {
  const { attemptColumns: columns, columns: { attempts: title } } = view.messages.requests;
  return (
    <Table
      caption={title}
      columns={[
        { label: columns.number, isNumber: true },
        { label: columns.key },
        { label: columns.start, isNumber: true },
        { label: columns.duration, isNumber: true },
        { label: columns.status, isNumber: true },
        { label: columns.verdict },
      ]}
    >
      {request.attempts.map((attempt, index) => (
        <AttemptRow view={view} attempt={attempt} number={index + 1} startedMs={request.startedMs} />
      ))}
    </Table>
  );
}

function AttemptRow({ view, attempt, number, startedMs }: {
  readonly view: View;
  readonly attempt: AttemptShown;
  readonly number: number;
  readonly startedMs: number;
}): Markup {
  const { attemptColumns: columns, verdicts, scopes, about, byRule, restUntil } = view.messages.requests;
  const { elapsed, time } = view.format;
  const { verdict, scope, untilMs, providerKeyId } = attempt;
  const isFine = verdict === "succeeded" || verdict === "ok_empty";
  return (
    <tr>
      <td data-label={columns.number} class="number">{number}</td>
      <td data-label={columns.key} class="nowrap">
        {providerKeyId === ""
          ? keyLabel(view, attempt)
          : (
            <a href={`/admin/requests?providerKey=${encodeURIComponent(providerKeyId)}`}>
              {keyLabel(view, attempt)}
            </a>
          )}
      </td>
      <td data-label={columns.start} class="number">
        +{elapsed(Math.max(0, attempt.startedMs - startedMs))}
      </td>
      <td data-label={columns.duration} class="number">{elapsed(attempt.durationMs)}</td>
      <td data-label={columns.status} class="number">{attempt.status ?? "–"}</td>
      <td data-label={columns.verdict} class="wide">
        <Badge label={verdicts[verdict]} tone={VERDICT_TONES[verdict]} />
        {!isFine && <span class="sub">{about(scopes[scope])}</span>}
        <span class="sub">
          {`${byRule(ruleText(view, attempt.rule))} `}
          <code>{attempt.rule}</code>
        </span>
        {untilMs !== null && <span class="sub">{restUntil(time(untilMs))}</span>}
      </td>
    </tr>
  );
}

/** Tokens, whose word they are, and the cost with the price that it was counted at. */
export function RequestUsage({ view, request }: TraceProps): Markup {
  const { usage: texts } = view.messages.requests;
  const { usage, costNanoDollars, priceVersion, model, usageSource } = request;
  const names: Readonly<Record<string, string>> = texts.counts;
  const sources: Readonly<Record<string, string>> = texts.sources;
  return (
    <section class="card">
      <h2>{texts.title}</h2>
      {usage === null ? <p class="muted">{texts.none}</p> : (
        <dl class="ledger">
          {ledgerOf(usage).map(({ name, count, isPart }) => (
            <div class={isPart ? "part" : "whole"}>
              <dt>{names[name] ?? name}</dt>
              <dd>{view.format.number(count)}</dd>
            </div>
          ))}
          <div class="whole sum">
            <dt>{view.messages.requests.columns.cost}</dt>
            <dd>
              {costNanoDollars === null
                ? view.messages.requests.unpriced
                : view.format.money(costNanoDollars)}
            </dd>
          </div>
        </dl>
      )}
      {usage !== null && (
        <p class="muted dotted">
          <span>{`${texts.source}: ${sources[usageSource] ?? usageSource}`}</span>
          {priceVersion !== null && (
            <span>
              {`${texts.price}: `}
              <code>{priceVersion}</code>
            </span>
          )}
        </p>
      )}
      {usage !== null && costNanoDollars === null && (
        <p class="muted">
          {texts.noPrice}
          {` `}
          {mayChange(view) && model !== null && (
            <a href={`/admin/prices?set=${encodeURIComponent(request.providerModel ?? model)}#set`}>
              {texts.setPrice}
            </a>
          )}
        </p>
      )}
    </section>
  );
}

/** Which counts are parts of which, in the order of reading. */
const LEDGER = [
  {
    whole: "inputTokens",
    parts: [
      "cachedTokens",
      "cacheWriteTokens",
      "cacheWriteHourTokens",
      "audioInputTokens",
      "imageInputTokens",
    ],
  },
  { whole: "outputTokens", parts: ["reasoningTokens", "audioOutputTokens", "imageOutputTokens"] },
];

/** The wholes as they were told, zero included; of their parts those that there are. */
function ledgerOf(usage: Readonly<Record<string, number>>) {
  return LEDGER.flatMap(({ whole, parts }) => {
    const count = usage[whole];
    const shown = parts.flatMap((name) => {
      const part = usage[name];
      return part === undefined || part === 0 ? [] : [{ name, count: part, isPart: true }];
    });
    return [...(count === undefined ? [] : [{ name: whole, count, isPart: false }]), ...shown];
  });
}
