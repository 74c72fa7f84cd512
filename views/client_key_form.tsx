import type { LimitName } from "../src/core/client_limits.ts";
import type { ClientKeyShown } from "./client_keys.tsx";
import { filledForm, type FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { CheckField, LinesField, TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import type { View } from "./view.ts";

interface TargetShown {
  readonly slug: string;
  readonly isGroup: boolean;
}

interface ClientKeyFormProps {
  readonly view: View;
  readonly form: FormState;
  /** The client key that is changed; without it a new one is made. */
  readonly edited?: { readonly id: string; readonly name: string };
  /** What it may be bound to. */
  readonly targets: readonly TargetShown[];
}

/** On, and bound to nothing. */
export const NEW_CLIENT_KEY: FormState = filledForm({ isEnabled: true });

/** The form of a client key that stands already. */
export function clientKeyFormState(clientKey: ClientKeyShown): FormState {
  const { name, isEnabled, expiresAtMs, targets, models, networks, limits } = clientKey;
  const counts = COUNTS.map((limit) => [`limits.${limit}`, limits[limit]] as const);
  return filledForm({
    name,
    isEnabled,
    expiresAt: expiresAtMs === undefined ? undefined : new Date(expiresAtMs).toISOString().slice(0, 19),
    targets,
    models,
    networks,
    ...Object.fromEntries(counts),
    "limits.dollarsPerDay": dollars(limits.nanoDollarsPerDay),
    "limits.dollarsPerMonth": dollars(limits.nanoDollarsPerMonth),
  });
}

const RATES = ["requestsPerMinute", "tokensPerMinute", "concurrency"] as const satisfies LimitName[];
const DAILY = ["requestsPerDay", "tokensPerDay"] as const satisfies LimitName[];
const MONTHLY = ["requestsPerMonth", "tokensPerMonth"] as const satisfies LimitName[];
const COUNTS = [...RATES, ...DAILY, ...MONTHLY] as const;

function dollars(nanoDollars: number | undefined): number | undefined {
  return nanoDollars === undefined ? undefined : nanoDollars / 1e9;
}

/** `/admin/client-keys/new` and `/admin/client-keys/:id/edit` */
export function ClientKeyForm({ view, form, edited, targets }: ClientKeyFormProps): Markup {
  const { clientKeys: texts, parts } = view.messages;
  const { form: labels, limitNames } = texts;
  const path = edited === undefined ? "/admin/client-keys" : `/admin/client-keys/${edited.id}`;
  const counts = (names: readonly (typeof COUNTS[number])[]) =>
    names.map((name) => (
      <TextField form={form} name={`limits.${name}`} label={limitNames[name]} type="number" min={1} />
    ));
  return (
    <Layout view={view} title={edited === undefined ? texts.add : texts.editOne(edited.name)}>
      <Form
        view={view}
        form={form}
        action={path}
        method={edited === undefined ? "POST" : "PATCH"}
        class="stack client-key-form"
      >
        <section class="card">
          <div class="field-row">
            <TextField
              form={form}
              name="name"
              label={labels.name}
              hint={labels.nameHint}
              isRequired
              isFocused={edited === undefined}
            />
            <TextField
              form={form}
              name="expiresAt"
              label={labels.expiresAt}
              hint={labels.expiresHint}
              type="datetime-local"
              step="any"
            />
          </div>
          <CheckField form={form} name="isEnabled" label={labels.isEnabled} />
        </section>
        <section class="card" aria-labelledby="limits-title">
          <h2 id="limits-title">{labels.limits}</h2>
          <p class="hint">{labels.limitsHint}</p>
          <div class="field-row">{counts(RATES)}</div>
          <div class="field-row">
            {counts(DAILY)}
            <DollarsField form={form} name="limits.dollarsPerDay" label={labels.dollarsPerDay} />
          </div>
          <div class="field-row">
            {counts(MONTHLY)}
            <DollarsField form={form} name="limits.dollarsPerMonth" label={labels.dollarsPerMonth} />
          </div>
        </section>
        <section class="card" aria-labelledby="bounds-title">
          <h2 id="bounds-title">{labels.bounds}</h2>
          <Targets view={view} form={form} targets={targets} />
          <div class="field-row">
            <LinesField
              form={form}
              name="models"
              label={labels.models}
              hint={labels.modelsHint}
              placeholder="gpt-5*"
            />
            <LinesField
              form={form}
              name="networks"
              label={labels.networks}
              hint={labels.networksHint}
              placeholder="10.0.0.0/8"
            />
          </div>
        </section>
        <div class="actions">
          <button type="submit" class="primary">{edited === undefined ? texts.add : parts.save}</button>
          <a class="button quiet" href={path}>{parts.cancel}</a>
        </div>
      </Form>
    </Layout>
  );
}

type DollarsProps = { readonly form: FormState; readonly name: string; readonly label: string };

function DollarsField({ form, name, label }: DollarsProps): Markup {
  return <TextField form={form} name={name} label={label} type="number" min={0} step="any" />;
}

type TargetsProps = Pick<ClientKeyFormProps, "view" | "form" | "targets">;

/** A box for each; one that it is bound to and that is gone stays, or unticking it unawares would open all. */
function Targets({ view, form, targets }: TargetsProps): Markup {
  const { form: labels } = view.messages.clientKeys;
  const ticked = (form.values.targets ?? "").split("\n").filter((slug) => slug !== "");
  const gone = ticked.filter((slug) => targets.every((target) => target.slug !== slug));
  const fault = Object.entries(form.faults).find(([name]) => /^targets(?:\.|$)/.test(name))?.[1];
  const choices = [
    ...targets.map(({ slug, isGroup }) => ({ slug, label: isGroup ? labels.groupOf(slug) : slug })),
    ...gone.map((slug) => ({ slug, label: labels.goneOf(slug) })),
  ];
  return (
    <fieldset class="choices" aria-describedby="targets-hint">
      <legend>{labels.targets}</legend>
      <p class="hint" id="targets-hint">{labels.targetsHint}</p>
      <input type="hidden" name="targets" value="" />
      <div class="choice-boxes">
        {choices.map(({ slug, label }) => (
          <label>
            <input type="checkbox" name="targets" value={slug} checked={ticked.includes(slug)} />
            {label}
          </label>
        ))}
      </div>
      {fault !== undefined && <p class="fault">{fault}</p>}
    </fieldset>
  );
}
