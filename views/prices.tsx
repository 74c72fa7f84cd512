import type { ModelPrice } from "../src/core/price.ts";
import type { FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { AsCurl } from "./parts/copy.tsx";
import { SelectField, TextField } from "./parts/fields.tsx";
import { FilterBar } from "./parts/filter_bar.tsx";
import { Form } from "./parts/form.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { Table } from "./parts/table.tsx";
import { OwnPrices, type PriceVersionShown } from "./prices_own.tsx";
import { dollarsText } from "./prices_text.ts";
import { mayChange } from "./providers.tsx";
import { RepricingSection, type RepricingShown } from "./repricings.tsx";
import { UsageTabs } from "./usage_tabs.tsx";
import type { View } from "./view.ts";

export interface ShippedPriceShown {
  readonly vendor: string;
  readonly model: string;
  readonly price: ModelPrice;
  /** The page it was read on. */
  readonly source: string;
  readonly readOn: string;
}

export interface PricesPageProps {
  readonly view: View;
  readonly versions: readonly PriceVersionShown[];
  readonly shipped: readonly ShippedPriceShown[];
  /** How many were shipped in all. */
  readonly shippedTotal: number;
  readonly vendors: readonly string[];
  /** Models that were used without a price. */
  readonly unpriced: readonly {
    readonly provider: string | null;
    readonly model: string;
    readonly requests: number;
  }[];
  readonly repricings: readonly RepricingShown[];
  readonly providers: readonly string[];
  readonly priceForm: FormState;
  readonly repricingForm: FormState;
}

/** `/admin/prices`: what models cost, by whose word, and since when. */
export function PricesPage(props: PricesPageProps): Markup {
  const { view, unpriced } = props;
  const { prices: texts } = view.messages;
  return (
    <Layout view={view} title={texts.title} lead={texts.lead}>
      <UsageTabs view={view} />
      {unpriced.length > 0 && <Unpriced view={view} unpriced={unpriced} />}
      <OwnPrices view={view} versions={props.versions} />
      {mayChange(view) && <PriceForm {...props} />}
      <RepricingSection view={view} repricings={props.repricings} form={props.repricingForm} />
      <Shipped {...props} />
      <AsCurl view={view} method="GET" path={view.url.pathname + view.url.search} />
    </Layout>
  );
}

function Unpriced({ view, unpriced }: Pick<PricesPageProps, "view" | "unpriced">): Markup {
  const { unpriced: texts } = view.messages.prices;
  return (
    <section class="card unpriced-models" aria-labelledby="unpriced-title">
      <h2 id="unpriced-title">{texts.title}</h2>
      <ul class="ruled-list">
        {unpriced.map(({ provider, model, requests }) => (
          <li>
            <span>
              <strong>{model}</strong> <span class="muted">{provider ?? "–"}</span>
            </span>
            <span class="muted">{texts.requests(view.format.number(requests))}</span>
            {mayChange(view) && <a href={setHref(model, provider)}>{texts.set}</a>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function setHref(model: string, provider: string | null): string {
  const query = new URLSearchParams({ set: model, ...(provider !== null && { provider }) });
  return `/admin/prices?${query}#set`;
}

function PriceForm({ view, priceForm: form, providers }: PricesPageProps): Markup {
  const { form: texts } = view.messages.prices;
  const isOpen = Object.keys(form.values).length > 0;
  const rate = (name: string, label: string, isRequired: boolean) => (
    <TextField
      form={form}
      name={`dollars.${name}`}
      label={label}
      {...(isRequired ? { isRequired } : { hint: texts.optionalHint })}
      placeholder="0.00"
    />
  );
  return (
    <details class="card" id="set" open={isOpen}>
      <summary>{texts.title}</summary>
      <Form view={view} action="/admin/prices" form={form} class="stack">
        <div class="field-row">
          <TextField form={form} name="model" label={texts.model} hint={texts.modelHint} isRequired isCode />
          <SelectField
            form={form}
            name="provider"
            label={texts.provider}
            choices={[
              { value: "", label: texts.everyProvider },
              ...providers.map((slug) => ({ value: slug, label: slug })),
            ]}
          />
        </div>
        <div class="field-row rates">
          {rate("in", texts.input, true)}
          {rate("out", texts.output, true)}
          {rate("cached", texts.cached, false)}
          {rate("write", texts.write, false)}
          {rate("audioIn", texts.audio, false)}
        </div>
        <div class="field-row">
          <TextField
            form={form}
            name="validFrom"
            label={texts.validFrom}
            hint={texts.validFromHint}
            type="datetime-local"
          />
          <TextField form={form} name="source" label={texts.source} />
        </div>
        <div class="actions">
          <button type="submit" class="primary">{texts.save}</button>
        </div>
      </Form>
    </details>
  );
}

function Shipped({ view, shipped, shippedTotal, vendors }: PricesPageProps): Markup {
  const { shipped: texts } = view.messages.prices;
  const { columns } = texts;
  return (
    <section class="stack" aria-labelledby="shipped-title">
      <header class="card-head">
        <h2 id="shipped-title">{texts.title}</h2>
        <span class="muted">
          {texts.count(view.format.number(shipped.length), view.format.number(shippedTotal))}
        </span>
      </header>
      <FilterBar
        view={view}
        filters={[
          { kind: "text", name: "q", label: texts.filter },
          {
            kind: "choice",
            name: "vendor",
            label: texts.vendor,
            choices: vendors.map((vendor) => ({ value: vendor, label: vendor })),
          },
        ]}
      />
      {shipped.length === 0 ? <EmptyState title={texts.noMatch} /> : (
        <Table
          caption={texts.title}
          columns={[
            { label: columns.model },
            { label: columns.vendor },
            { label: columns.input, isNumber: true },
            { label: columns.output, isNumber: true },
            { label: columns.cached, isNumber: true },
            { label: columns.longPrompt },
            { label: columns.source },
            ...(mayChange(view) ? [{ label: texts.override, isHidden: true }] : []),
          ]}
        >
          {shipped.map((price) => <ShippedRow view={view} shipped={price} />)}
        </Table>
      )}
    </section>
  );
}

function ShippedRow({ view, shipped }: { readonly view: View; readonly shipped: ShippedPriceShown }): Markup {
  const { columns, longPrompt, override } = view.messages.prices.shipped;
  const { model, vendor, price, source, readOn } = shipped;
  const long = price.longPrompt;
  return (
    <tr>
      <th scope="row" class="wide">{model}</th>
      <td data-label={columns.vendor}>{vendor}</td>
      <td data-label={columns.input} class="number">{dollarsText(price.inputNanoPerMillion)}</td>
      <td data-label={columns.output} class="number">{dollarsText(price.outputNanoPerMillion)}</td>
      <td data-label={columns.cached} class="number">{dollarsText(price.cachedNanoPerMillion)}</td>
      <td data-label={columns.longPrompt}>
        {long !== undefined && (
          <span class="muted">
            {longPrompt(
              view.format.compact(long.aboveInputTokens),
              dollarsText(long.inputNanoPerMillion),
              dollarsText(long.outputNanoPerMillion),
            )}
          </span>
        )}
      </td>
      <td data-label={columns.source} class="nowrap">
        <a href={source} rel="noreferrer noopener" target="_blank">{readOn}</a>
      </td>
      {mayChange(view) && (
        <td class="row-actions">
          <a href={setHref(model, null)}>{override}</a>
        </td>
      )}
    </tr>
  );
}
