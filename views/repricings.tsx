import type { FormState } from "./form_state.ts";
import type { Markup } from "./markup.ts";
import { Badge, Moment } from "./parts/badge.tsx";
import { TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import { Table } from "./parts/table.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

/** Costs of a time that are, or were, counted anew. */
export interface RepricingShown {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly phase: string;
  readonly rows: number;
  readonly createdAtMs: number;
  readonly endedMs: number | null;
}

interface RepricingProps {
  readonly view: View;
  readonly repricings: readonly RepricingShown[];
}

/** The form that asks for it, and how far the last ones are. */
export function RepricingSection(
  { view, repricings, form }: RepricingProps & { readonly form: FormState },
): Markup {
  const { repricing: texts } = view.messages.prices;
  return (
    <section class="card" id="repricing" aria-labelledby="repricing-title">
      <h2 id="repricing-title">{texts.title}</h2>
      <p class="muted">{texts.hint}</p>
      {mayChange(view) && (
        <Form view={view} action="/admin/repricings" form={form} class="stack">
          <div class="field-row">
            <TextField form={form} name="from" label={texts.from} type="datetime-local" isRequired />
            <TextField form={form} name="to" label={texts.to} hint={texts.toHint} type="datetime-local" />
          </div>
          <div class="actions">
            <button type="submit">{texts.start}</button>
          </div>
        </Form>
      )}
      <RepricingList view={view} repricings={repricings} />
    </section>
  );
}

/** Asks again by itself while one is under way. */
export function RepricingList({ view, repricings }: RepricingProps): Markup {
  const { repricing: texts } = view.messages.prices;
  const { columns } = texts;
  const phases: Readonly<Record<string, string>> = texts.phases;
  const isRunning = repricings.some(({ endedMs }) => endedMs === null);
  return (
    <div
      id="repricings"
      {...(isRunning &&
        { "hx-get": "/admin/repricings", "hx-trigger": "every 1s", "hx-swap": "outerMorph" })}
    >
      {repricings.length === 0 ? <p class="muted">{texts.none}</p> : (
        <Table
          caption={texts.title}
          columns={[
            { label: columns.range },
            { label: columns.state },
            { label: columns.rows, isNumber: true },
            { label: columns.asked },
          ]}
        >
          {repricings.map(({ fromMs, toMs, phase, rows, endedMs, createdAtMs }) => (
            <tr>
              <td data-label={columns.range}>{`${view.format.time(fromMs)} – ${view.format.time(toMs)}`}</td>
              <td data-label={columns.state}>
                <Badge label={phases[phase] ?? phase} tone={endedMs === null ? "wait" : "good"} />
              </td>
              <td data-label={columns.rows} class="number">{view.format.number(rows)}</td>
              <td data-label={columns.asked}>
                <Moment view={view} ms={createdAtMs} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </div>
  );
}
