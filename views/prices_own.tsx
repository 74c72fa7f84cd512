import type { ModelPrice } from "../src/core/price.ts";
import type { Markup } from "./markup.ts";
import { Badge, type Tone } from "./parts/badge.tsx";
import { Confirm } from "./parts/confirm.tsx";
import { Table } from "./parts/table.tsx";
import { dollarsText } from "./prices_text.ts";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

/** A version of a price that the operator has set. */
export interface PriceVersionShown {
  readonly id: string;
  /** Slug; `null` for every provider. */
  readonly provider: string | null;
  readonly model: string;
  readonly validFromMs: number;
  /** `null` takes it back. */
  readonly price: ModelPrice | null;
  readonly source: string;
  readonly state: "holds" | "later" | "replaced" | "takenBack";
}

const TONES: Readonly<Record<PriceVersionShown["state"], Tone>> = {
  holds: "good",
  later: "wait",
  replaced: "off",
  takenBack: "off",
};

/** What the operator has set: what holds or will, and behind it the history. */
export function OwnPrices(
  { view, versions }: { readonly view: View; readonly versions: readonly PriceVersionShown[] },
): Markup {
  const { own } = view.messages.prices;
  const current = versions.filter(({ state }) => state !== "replaced");
  const earlier = versions.filter(({ state }) => state === "replaced");
  return (
    <section class="stack" aria-labelledby="own-prices-title">
      <header>
        <h2 id="own-prices-title">{own.title}</h2>
        <p class="muted">{own.hint}</p>
      </header>
      {current.length === 0
        ? <p class="muted">{own.none}</p>
        : <VersionTable view={view} versions={current} caption={own.title} />}
      {earlier.length > 0 && (
        <details>
          <summary>{own.history(earlier.length)}</summary>
          <VersionTable view={view} versions={earlier} caption={own.history(earlier.length)} />
        </details>
      )}
    </section>
  );
}

function VersionTable({ view, versions, caption }: {
  readonly view: View;
  readonly versions: readonly PriceVersionShown[];
  readonly caption: string;
}): Markup {
  const { own: { columns } } = view.messages.prices;
  return (
    <Table
      caption={caption}
      columns={[
        { label: columns.model },
        { label: columns.provider },
        { label: columns.input, isNumber: true },
        { label: columns.output, isNumber: true },
        { label: columns.cached, isNumber: true },
        { label: columns.since },
        { label: columns.state },
        { label: columns.source },
        { label: columns.actions, isHidden: true },
      ]}
    >
      {versions.map((version) => <VersionRow view={view} version={version} />)}
    </Table>
  );
}

function VersionRow(
  { view, version }: { readonly view: View; readonly version: PriceVersionShown },
): Markup {
  const { own } = view.messages.prices;
  const { columns } = own;
  const { id, model, provider, price, state, source } = version;
  return (
    <tr>
      <th scope="row" class="wide">{model}</th>
      <td data-label={columns.provider}>{provider ?? <span class="muted">{own.everyProvider}</span>}</td>
      <td data-label={columns.input} class="number">{dollarsText(price?.inputNanoPerMillion)}</td>
      <td data-label={columns.output} class="number">{dollarsText(price?.outputNanoPerMillion)}</td>
      <td data-label={columns.cached} class="number">{dollarsText(price?.cachedNanoPerMillion)}</td>
      <td data-label={columns.since}>{view.format.time(version.validFromMs)}</td>
      <td data-label={columns.state}>
        <Badge label={own.states[state]} tone={TONES[state]} />
      </td>
      <td data-label={columns.source} class="wide">{source}</td>
      <td class="row-actions">
        {state === "holds" && mayChange(view) && (
          <Confirm
            view={view}
            id={`take-back-${id}`}
            label={own.takeBack}
            title={own.takeBackTitle(model)}
            text={own.takeBackText}
            action={`/admin/prices/${id}`}
            method="DELETE"
            isQuiet
          />
        )}
      </td>
    </tr>
  );
}
