import type { Markup } from "./markup.ts";
import { Badge, Countdown, type Tone } from "./parts/badge.tsx";
import { StackBar } from "./parts/figures.tsx";
import { Table } from "./parts/table.tsx";
import type { CapacityShown, HealthShown } from "./overview_shown.ts";
import type { View } from "./view.ts";

const TONES: Readonly<Record<HealthShown["state"], Tone>> = {
  empty: "plain",
  good: "good",
  partly: "wait",
  down: "bad",
};

/** Whether requests can be served, in a sentence. */
export function Health({ view, health }: { readonly view: View; readonly health: HealthShown }): Markup {
  const { health: texts } = view.messages.overview;
  const { state, able, providers, ready, keys, weakest } = health;
  return (
    <section id="overview-health" class="health" aria-label={texts.title}>
      <Badge label={texts.states[state]} tone={TONES[state]} />
      <p class="health-text">
        {state === "empty" && texts.empty}
        {state === "good" && texts.good(providers, ready, keys)}
        {state === "partly" && texts.partly(able, providers)}
        {state === "down" && texts.down} {weakest !== null && <Weakest view={view} weakest={weakest} />}
      </p>
    </section>
  );
}

function Weakest({ view, weakest }: { readonly view: View; readonly weakest: CapacityShown }): Markup {
  const { health: texts } = view.messages.overview;
  const { name, counts, nextReadyMs, downUntilMs } = weakest;
  if (downUntilMs !== null) {
    return (
      <span class="muted">
        {texts.weakestDown(name)}, {texts.triedIn} <Countdown view={view} untilMs={downUntilMs} />
      </span>
    );
  }
  return (
    <span class="muted">
      {texts.weakest(name, counts.ready, counts.total)}
      {nextReadyMs !== null && (
        <>
          , {texts.nextIn} <Countdown view={view} untilMs={nextReadyMs} />
        </>
      )}
    </span>
  );
}

/** More than this are for the page of the providers. */
const MAX_ROWS = 12;

/** What each provider can serve with, the worst first. */
export function CapacityTable(
  { view, capacity }: { readonly view: View; readonly capacity: readonly CapacityShown[] },
): Markup {
  const { capacity: texts } = view.messages.overview;
  if (capacity.length === 0) return <section id="overview-capacity" hidden />;
  return (
    <section id="overview-capacity" class="stack" aria-labelledby="capacity-title">
      <header class="card-head">
        <h2 id="capacity-title">{texts.title}</h2>
        {capacity.length > MAX_ROWS && <a href="/admin/providers">{texts.all(capacity.length)}</a>}
      </header>
      <Table
        caption={texts.title}
        columns={[
          { label: texts.provider },
          { label: texts.keys },
          { label: texts.next, isNumber: true },
          { label: texts.inFlight, isNumber: true },
        ]}
      >
        {capacity.slice(0, MAX_ROWS).map((each) => <CapacityRow view={view} shown={each} />)}
      </Table>
    </section>
  );
}

function CapacityRow({ view, shown }: { readonly view: View; readonly shown: CapacityShown }): Markup {
  const { capacity: texts } = view.messages.overview;
  const { slug, name, isEnabled, counts, nextReadyMs, downUntilMs } = shown;
  const note = !isEnabled ? texts.off : downUntilMs !== null ? texts.down : undefined;
  return (
    <tr id={`capacity-${slug}`} class={isEnabled ? undefined : "off"}>
      <th scope="row">
        <a href={`/admin/providers/${slug}`}>{name}</a>
        {note !== undefined && <Badge label={note} tone={isEnabled ? "bad" : "off"} />}
      </th>
      <td data-label={texts.keys}>
        {counts.total === 0 ? <span class="muted">{texts.noKeys}</span> : <Keys view={view} shown={shown} />}
      </td>
      <td data-label={texts.next} class="number">
        {nextReadyMs !== null && <Countdown view={view} untilMs={nextReadyMs} />}
      </td>
      <td data-label={texts.inFlight} class="number">{view.format.number(counts.inFlight)}</td>
    </tr>
  );
}

const SEPARATOR = " · ";

const RESTS = ["cooling", "exhausted", "rejected", "disabled"] as const;

function Keys({ view, shown }: { readonly view: View; readonly shown: CapacityShown }): Markup {
  const { parts, overview } = view.messages;
  const { slug, counts, busy } = shown;
  const ready = overview.capacity.ready(counts.ready, counts.total);
  const rests = RESTS.filter((state) => counts[state] > 0);
  const named = (count: number, state: keyof typeof parts.states) =>
    `${view.format.number(count)} ${parts.states[state]}`;
  const words = [
    ready,
    ...(busy > 0 ? [named(busy, "busy")] : []),
    ...rests.map((each) => named(counts[each], each)),
  ];
  return (
    <div class="capacity">
      <StackBar
        label={words.join(", ")}
        shares={[
          { label: parts.states.ready, count: counts.ready - busy, tone: "ready" },
          { label: parts.states.busy, count: busy, tone: "busy" },
          ...RESTS.map((state) => ({ label: parts.states[state], count: counts[state], tone: state })),
        ]}
      />
      <span class="capacity-text">
        <strong>{ready}</strong>
        {busy > 0 && <span class="muted">{` · ${named(busy, "busy")}`}</span>}
        {rests.map((state) => (
          <>
            <span class="muted">{SEPARATOR}</span>
            <a class="quiet-link" href={`/admin/keys?provider=${slug}&state=${state}`}>
              {named(counts[state], state)}
            </a>
          </>
        ))}
      </span>
      {shown.modelRests.map(({ model, keys, nextReadyMs }) => (
        <span class="capacity-text">
          <a class="quiet-link" href={`/admin/keys?provider=${slug}&model=${encodeURIComponent(model)}`}>
            {overview.capacity.resting(model, keys)}
          </a>{" "}
          <Countdown view={view} untilMs={nextReadyMs} />
        </span>
      ))}
    </div>
  );
}
