import { CLIENT_GONE_RULES, DIALECTS, STRATEGIES, TRANSLATE_MODES } from "../src/core/provider.ts";
import { filledForm, type FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { CheckField, LinesField, SelectField, TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import type { ProviderDetail } from "./provider.tsx";
import type { View } from "./view.ts";

interface ProviderFormProps {
  readonly view: View;
  readonly form: FormState;
  /** The provider that is changed; without it a new one is made. */
  readonly edited?: { readonly slug: string; readonly name: string };
  /** Known providers to choose from, for a new one. */
  readonly presets?: readonly { readonly slug: string; readonly name: string }[];
}

/** The form of a provider that stands already. */
export function providerFormState(provider: ProviderDetail): FormState {
  const { credential, policy } = provider;
  return filledForm({
    slug: provider.slug,
    name: provider.name,
    baseUrl: provider.baseUrl,
    dialect: provider.dialect,
    strategy: provider.strategy,
    priority: provider.priority,
    isEnabled: provider.isEnabled,
    models: provider.models,
    modelMap: Object.entries(provider.modelMap).map(([name, value]) => `${name} = ${value}`),
    headers: Object.entries(provider.headers).map(([name, value]) => `${name}: ${value}`),
    allowedMethods: provider.allowedMethods,
    "credential.kind": credential.kind,
    "credential.name": credential.name,
    "policy.maxAttempts": policy.maxAttempts,
    "policy.deadlineMs": policy.deadlineMs,
    "policy.maxWaitMs": policy.maxWaitMs,
    "policy.allowPrivateNetwork": policy.allowPrivateNetwork,
    "policy.allowPlainHttp": policy.allowPlainHttp,
    "policy.onClientGone": policy.onClientGone,
    translate: provider.translate,
  });
}

/** `/admin/providers/new` and `/admin/providers/:slug/edit` */
export function ProviderForm({ view, form, edited, presets = [] }: ProviderFormProps): Markup {
  const { providers: texts, parts } = view.messages;
  const { form: labels } = texts;
  const isNew = edited === undefined;
  return (
    <Layout view={view} title={isNew ? texts.add : texts.editOne(edited.name)}>
      <Form
        view={view}
        form={form}
        action={isNew ? "/admin/providers" : `/admin/providers/${edited.slug}`}
        method={isNew ? "POST" : "PATCH"}
        class="card stack"
      >
        {isNew && (
          <SelectField
            form={form}
            name="preset"
            label={labels.preset}
            hint={labels.presetHint}
            choices={[
              { value: "", label: labels.custom },
              ...presets.map(({ slug, name }) => ({ value: slug, label: name })),
            ]}
          />
        )}
        <div class="field-row">
          <TextField
            form={form}
            name="slug"
            label={labels.slug}
            hint={labels.slugHint}
            isCode
            isRequired={!isNew}
          />
          <TextField form={form} name="name" label={labels.name} isRequired={!isNew} />
        </div>
        <TextField
          form={form}
          name="baseUrl"
          label={labels.baseUrl}
          hint={labels.baseUrlHint}
          type="url"
          isCode
          isRequired={!isNew}
        />
        <LinesField form={form} name="models" label={labels.models} hint={labels.modelsHint} />
        {!isNew && <CheckField form={form} name="isEnabled" label={labels.isEnabled} />}
        <details open={!isNew}>
          <summary>{labels.advanced}</summary>
          <Advanced form={form} labels={labels} isNew={isNew} view={view} />
        </details>
        <div class="actions">
          <button type="submit" class="primary">{isNew ? parts.add : parts.save}</button>
          <a class="button quiet" href={isNew ? "/admin/providers" : `/admin/providers/${edited.slug}`}>
            {parts.cancel}
          </a>
        </div>
      </Form>
    </Layout>
  );
}

interface AdvancedProps {
  readonly view: View;
  readonly form: FormState;
  readonly labels: View["messages"]["providers"]["form"];
  readonly isNew: boolean;
}

/** What a preset, or the dialect, decides unless it is told. */
function Advanced({ view, form, labels, isNew }: AdvancedProps): Markup {
  const { credentials } = view.messages.providers;
  const preset = isNew ? [{ value: "", label: "–" }] : [];
  const choices = (
    values: readonly string[],
  ) => [...preset, ...values.map((value) => ({ value, label: value }))];
  return (
    <div class="stack">
      <div class="field-row">
        <SelectField form={form} name="dialect" label={labels.dialect} choices={choices(DIALECTS)} />
        <SelectField form={form} name="strategy" label={labels.strategy} choices={choices(STRATEGIES)} />
        <TextField
          form={form}
          name="priority"
          label={labels.priority}
          hint={labels.priorityHint}
          type="number"
          min={0}
          max={1000}
        />
      </div>
      <div class="field-row">
        <SelectField
          form={form}
          name="credential.kind"
          label={labels.credential}
          choices={[
            ...preset,
            { value: "bearer", label: credentials.bearer },
            { value: "header", label: credentials.header("…") },
            { value: "query", label: credentials.query("…") },
            { value: "basic", label: credentials.basic },
          ]}
        />
        <TextField form={form} name="credential.name" label={labels.credentialName} isCode />
      </div>
      <LinesField form={form} name="headers" label={labels.headers} hint={labels.headersHint} />
      <LinesField form={form} name="modelMap" label={labels.modelMap} hint={labels.modelMapHint} />
      <LinesField
        form={form}
        name="allowedMethods"
        label={labels.methods}
        hint={labels.methodsHint}
        rows={2}
      />
      <div class="field-row">
        <TextField
          form={form}
          name="policy.maxAttempts"
          label={labels.attempts}
          type="number"
          min={1}
          max={100}
        />
        <TextField form={form} name="policy.deadlineMs" label={labels.deadline} type="number" min={1} />
        <TextField form={form} name="policy.maxWaitMs" label={labels.maxWait} type="number" min={0} />
      </div>
      <SelectField
        form={form}
        name="translate"
        label={labels.translate}
        hint={labels.translateHint}
        choices={TRANSLATE_MODES.map((value) => ({ value, label: labels.translateModes[value] }))}
      />
      <SelectField
        form={form}
        name="policy.onClientGone"
        label={labels.onClientGone}
        hint={labels.onClientGoneHint}
        choices={CLIENT_GONE_RULES.map((value) => ({ value, label: labels.clientGoneRules[value] }))}
      />
      <CheckField
        form={form}
        name="policy.allowPrivateNetwork"
        label={labels.allowPrivateNetwork}
        hint={labels.allowPrivateNetworkHint}
      />
      <CheckField
        form={form}
        name="policy.allowPlainHttp"
        label={labels.allowPlainHttp}
        hint={labels.allowPlainHttpHint}
      />
    </div>
  );
}
