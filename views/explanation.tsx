import {
  KEY_USES,
  type KeyStanding,
  type KeyUse,
  type ProviderStanding,
  type RouteExplanation,
} from "../src/core/route_explanation.ts";
import type { Action, Scope, VerdictKind } from "../src/core/verdict.ts";
import type { Markup } from "./markup.ts";
import { Badge, Countdown, type Tone } from "./parts/badge.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { Facts, StackBar } from "./parts/figures.tsx";
import { Table } from "./parts/table.tsx";
import { ruleText, VERDICT_TONES } from "./request_shown.ts";
import type { View } from "./view.ts";

const KEY_TONES: Readonly<Record<KeyUse, Tone>> = {
  ready: "good",
  busy: "wait",
  cooling: "wait",
  model_rest: "wait",
  exhausted: "wait",
  rejected: "bad",
  disabled: "off",
};

const BAR_TONES: Readonly<Record<KeyUse, string>> = {
  ready: "ready",
  busy: "tone-1",
  cooling: "cooling",
  model_rest: "tone-2",
  exhausted: "exhausted",
  rejected: "rejected",
  disabled: "disabled",
};

interface ExplanationProps {
  readonly view: View;
  readonly explanation: RouteExplanation;
}

/** Who would be asked, by which keys, and why nobody else. */
export function ExplanationPart({ view, explanation }: ExplanationProps): Markup {
  const { explanation: texts } = view.messages.playground;
  const { refusal, group, providers } = explanation;
  const asked = providers.filter(({ use }) => use === "asked");
  const others = providers.filter(({ use }) => use !== "asked");
  return (
    <section id="playground-result" class="stack" aria-labelledby="route-title">
      <h2 id="route-title">{texts.title}</h2>
      {refusal !== undefined && (
        <div class="flash fault" role="alert">
          <p>
            {texts.refusal}: <code>{refusal.code}</code>
          </p>
          <p>{refusal.message}</p>
        </div>
      )}
      {group !== undefined && <p>{texts.group(group)}</p>}
      {providers.length === 0 && <EmptyState title={texts.nobody} />}
      {asked.map((provider) => <AskedProvider view={view} provider={provider} />)}
      {others.length > 0 && (
        <ul class="card ruled-list">
          {others.map(({ slug, use, dialect }) => (
            <li>
              <span>
                <strong>{slug}</strong> <span class="muted">{dialect}</span>
              </span>
              <span class="muted">{texts.uses[use]}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function AskedProvider(
  { view, provider }: { readonly view: View; readonly provider: ProviderStanding },
): Markup {
  const { explanation: texts } = view.messages.playground;
  const { slug, order, model, strategy, counts, keys, closedUntilMs } = provider;
  const { number } = view.format;
  const total = KEY_USES.reduce((all, use) => all + counts[use], 0);
  const parts = KEY_USES.filter((use) => counts[use] > 0)
    .map((use) => `${number(counts[use])} ${texts.keyUses[use]}`);
  return (
    <section class="card">
      <header class="card-head">
        <h3>{slug}</h3>
        <span class="muted">{texts.order(order)}</span>
      </header>
      <p class="muted">
        {[
          provider.dialect,
          ...(model === undefined ? [] : [texts.asked(model)]),
          texts.strategy(strategy),
        ].join(" · ")}
      </p>
      {closedUntilMs !== undefined && (
        <p>
          <Badge label={texts.closed} tone="bad" /> <Countdown view={view} untilMs={closedUntilMs} />
        </p>
      )}
      <StackBar
        label={parts.join(", ")}
        shares={KEY_USES.map((use) => ({
          label: texts.keyUses[use],
          count: counts[use],
          tone: BAR_TONES[use],
        }))}
      />
      <p>{counts.ready > 0 ? texts.ready(number(counts.ready), strategy) : texts.noneReady}</p>
      {keys.length > 0 && <KeysTable view={view} keys={keys} />}
      {total > keys.length && <p class="muted">{texts.more(number(total - keys.length))}</p>}
    </section>
  );
}

function KeysTable({ view, keys }: { readonly view: View; readonly keys: readonly KeyStanding[] }): Markup {
  const { keyColumns: columns, keyUses } = view.messages.playground.explanation;
  return (
    <Table
      caption={columns.key}
      columns={[
        { label: columns.key },
        { label: columns.use },
        { label: columns.why },
        { label: columns.inFlight, isNumber: true },
        { label: columns.weight, isNumber: true },
      ]}
    >
      {keys.map(({ lastFour, use, untilMs, rule, reason, inFlight, weight }) => (
        <tr>
          <th scope="row" class="code">{`…${lastFour}`}</th>
          <td data-label={columns.use}>
            <Badge label={keyUses[use]} tone={KEY_TONES[use]} />{" "}
            {untilMs !== undefined && <Countdown view={view} untilMs={untilMs} />}
          </td>
          <td data-label={columns.why} class="wide">
            {rule !== undefined && ruleText(view, rule)}
            {reason !== undefined && <span class="sub">{reason}</span>}
          </td>
          <td data-label={columns.inFlight} class="number">{inFlight}</td>
          <td data-label={columns.weight} class="number">{weight}</td>
        </tr>
      ))}
    </Table>
  );
}

/** What an answer would be taken for. */
export interface RulingShown {
  readonly kind: VerdictKind;
  readonly scope: Scope;
  readonly action: string;
  readonly isConclusive: boolean;
  readonly rule: string;
  readonly untilMs: number | null;
  readonly reason: string;
}

export function RulingPart({ view, ruling }: { readonly view: View; readonly ruling: RulingShown }): Markup {
  const { rules } = view.messages.playground;
  const { verdicts, scopes } = view.messages.requests;
  const { kind, scope, untilMs, reason } = ruling;
  const actions: Readonly<Record<Action, string>> = rules.actions;
  const words: Readonly<Record<string, string>> = actions;
  const rests = kind === "key_limited" || kind === "key_exhausted";
  return (
    <div id="ruling" class="stack" role="status">
      <p>
        <Badge label={verdicts[kind]} tone={VERDICT_TONES[kind]} />
      </p>
      <Facts
        facts={[
          { label: rules.scope, value: scopes[scope] },
          { label: rules.action, value: words[ruling.action] ?? ruling.action },
          {
            label: rules.rule,
            value: (
              <>
                {ruleText(view, ruling.rule)} <span class="sub code">{ruling.rule}</span>
              </>
            ),
          },
          ...(kind === "key_dead"
            ? [{ label: rules.verdict, value: ruling.isConclusive ? rules.conclusive : rules.doubtful }]
            : []),
          ...(untilMs !== null
            ? [{ label: rules.until, value: view.format.time(untilMs) }]
            : rests
            ? [{ label: rules.until, value: rules.ladder }]
            : []),
          ...(reason === "" ? [] : [{ label: rules.reason, value: reason }]),
        ]}
      />
    </div>
  );
}
