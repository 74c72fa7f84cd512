import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { FirstRunChoice } from "./first_run_choice.tsx";
import type { FirstRunShown, ProviderChoice } from "./first_run_shown.ts";
import { StepList } from "./first_run_steps.tsx";
import { FirstRequest, FirstUse } from "./first_run_use.tsx";
import { EMPTY_FORM, type FormState } from "./form_state.ts";
import { CopyText } from "./parts/copy.tsx";
import { TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import type { View } from "./view.ts";

interface FirstRunProps {
  readonly view: View;
  readonly shown: FirstRunShown;
  /** Of the keys, when they could not be taken. */
  readonly keysForm?: FormState;
  /** Of the client key, when it could not be made. */
  readonly clientKeyForm?: FormState;
  /** The client key that was made this moment: shown this once. */
  readonly clientKey?: string;
}

/** `/admin/start`: paste provider keys, make a client key, send the first request. */
export function FirstRunPage(props: FirstRunProps): Markup {
  const { view, shown, keysForm = EMPTY_FORM, clientKeyForm = EMPTY_FORM, clientKey } = props;
  const texts = view.messages.firstRun;
  return (
    <Layout
      view={view}
      title={texts.title}
      lead={texts.lead}
      actions={<a class="button" href="/admin">{texts.toOverview}</a>}
    >
      <div class="first-run" hx-sse:connect="/admin/live/start" hx-swap="none">
        <StepList view={view} steps={shown.steps} />
        {shown.undecided !== null && <FirstRunChoice view={view} shown={shown} undecided={shown.undecided} />}
        <PasteCard view={view} shown={shown} form={keysForm} />
        <ClientKeyCard view={view} shown={shown} form={clientKeyForm} clientKey={clientKey} />
        <section class="card" id="use" aria-labelledby="use-title">
          <h2 id="use-title">{texts.use.title}</h2>
          <FirstRequest view={view} seen={shown.seen} />
          <FirstUse view={view} model={shown.model} clientKey={clientKey} />
        </section>
      </div>
    </Layout>
  );
}

/** How the best-known provider keys begin. */
const PLACEHOLDER = "sk-…\nsk-ant-…\nAIza…";

interface CardProps {
  readonly view: View;
  readonly shown: FirstRunShown;
  readonly form: FormState;
}

function PasteCard({ view, shown, form }: CardProps): Markup {
  const { keys: texts } = view.messages.firstRun;
  const { providerKeys } = shown.steps;
  const fault = form.faults.text;
  return (
    <section class="card" id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">{texts.title}</h2>
      <Form view={view} form={form} action="/admin/start/keys" class="stack">
        <div class="field">
          <label for="field-text">{texts.label}</label>
          <textarea
            id="field-text"
            name="text"
            class="code"
            rows={providerKeys === 0 ? 6 : 3}
            placeholder={PLACEHOLDER}
            autocomplete="off"
            spellcheck={false}
            required
            aria-invalid={fault === undefined ? undefined : "true"}
            aria-describedby={fault === undefined ? "field-text-hint" : "field-text-hint field-text-fault"}
          />
          <p class="hint" id="field-text-hint">
            {providerKeys === 0 ? texts.hint : texts.more(providerKeys)}
          </p>
          {fault !== undefined && <p class="fault" id="field-text-fault">{fault}</p>}
        </div>
        <div class="inline-fields">
          <div class="field">
            <label for="field-provider">{texts.provider}</label>
            <select id="field-provider" name="provider">
              <option value="">{texts.recognise}</option>
              <Options
                view={view}
                here={shown.here}
                known={shown.known}
                chosen={form.values.provider ?? ""}
              />
            </select>
            {form.faults.provider !== undefined && <p class="fault">{form.faults.provider}</p>}
          </div>
          <button type="submit" class="primary">{texts.submit}</button>
        </div>
      </Form>
      <p class="muted">
        {texts.elsewhere} <a href="/admin/imports">{texts.importPage}</a>
        {texts.stop} {texts.other} <a href="/admin/providers/new">{texts.addProvider}</a>
        {texts.stop}
      </p>
    </section>
  );
}

function Options(
  { view, here, known, chosen }: {
    readonly view: View;
    readonly here: readonly ProviderChoice[];
    readonly known: readonly ProviderChoice[];
    readonly chosen: string;
  },
): Markup {
  const { choose: texts } = view.messages.firstRun;
  const options = (list: readonly ProviderChoice[]) =>
    list.map(({ slug, name }) => <option value={slug} selected={slug === chosen}>{name}</option>);
  return (
    <>
      {here.length > 0 && <optgroup label={texts.here}>{options(here)}</optgroup>}
      {known.length > 0 && <optgroup label={texts.others}>{options(known)}</optgroup>}
    </>
  );
}

function ClientKeyCard(
  { view, shown, form, clientKey }: CardProps & { readonly clientKey: string | undefined },
): Markup {
  const { clientKey: texts } = view.messages.firstRun;
  const { clientKeys, isAnonymousAllowed } = shown;
  return (
    <section
      class={clientKey === undefined ? "card" : "card once"}
      id="client-key"
      aria-labelledby="client-key-title"
    >
      <h2 id="client-key-title">{texts.title}</h2>
      {clientKey !== undefined && (
        <div class="stack" role="status">
          <p>
            <strong>{texts.once}</strong>
          </p>
          <CopyText view={view} text={clientKey} label={texts.once} />
        </div>
      )}
      {clientKey === undefined && clientKeys === 0 && (
        <>
          <p class="muted">{isAnonymousAllowed ? texts.anonymous : texts.hint}</p>
          <ClientKeyForm view={view} form={form} label={texts.submit} />
        </>
      )}
      {clientKey === undefined && clientKeys > 0 && (
        <>
          <p class="muted">
            {texts.exists(clientKeys)} <a href="/admin/client-keys">{texts.manage}</a>
          </p>
          <details open={form !== EMPTY_FORM}>
            <summary>{texts.another}</summary>
            <ClientKeyForm view={view} form={form} label={texts.submit} />
          </details>
        </>
      )}
    </section>
  );
}

function ClientKeyForm(
  { view, form, label }: { readonly view: View; readonly form: FormState; readonly label: string },
): Markup {
  const { clientKey: texts } = view.messages.firstRun;
  const filled = { ...form, values: { name: texts.defaultName, ...form.values } };
  return (
    <Form view={view} form={filled} action="/admin/start/client-key#client-key" class="inline-fields">
      <TextField form={filled} name="name" label={texts.name} isRequired />
      <button type="submit" class="primary">{label}</button>
    </Form>
  );
}
