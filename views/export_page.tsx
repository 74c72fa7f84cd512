import { includesRole } from "../src/core/role.ts";
import type { FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { AsCurl } from "./parts/copy.tsx";
import { CheckField, TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import type { View } from "./view.ts";

interface ExportPageProps {
  readonly view: View;
  readonly form: FormState;
  readonly providers: readonly { readonly slug: string; readonly name: string; readonly keys: number }[];
}

/** `/admin/export`: what to take along, and how the keys stand in it. */
export function ExportPage({ view, form, providers }: ExportPageProps): Markup {
  const texts = view.messages.importKeys;
  const chosen = new Set((form.values.providers ?? "").split("\n"));
  const isPlain = form.values.isPlain === "true";
  return (
    <Layout view={view} title={texts.exportTitle} lead={texts.exportLead}>
      <Form view={view} form={form} action="/admin/export" class="card stack">
        <fieldset class="export-choices">
          <legend>{texts.exportProviders}</legend>
          <p class="hint">{texts.exportProvidersHint}</p>
          <div class="export-providers">
            {providers.map(({ slug, name, keys }) => (
              <label>
                <input type="checkbox" name="providers" value={slug} checked={chosen.has(slug)} />
                <span>
                  {name} <span class="muted">{view.format.number(keys)}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <TextField form={form} name="tag" label={texts.exportTag} />
        <CheckField form={form} name="onlyEnabled" label={texts.exportEnabled} />
        <CheckField form={form} name="withGroups" label={texts.exportGroups} />
        <fieldset class="export-choices">
          <legend>{texts.exportForm}</legend>
          <label>
            <input type="radio" name="isPlain" value="false" checked={!isPlain} />
            {texts.exportSealed}
          </label>
          <TextField
            form={form}
            name="passphrase"
            label={texts.passphrase}
            hint={texts.exportPassphraseHint}
            type="password"
            autocomplete="new-password"
          />
          <label>
            <input type="radio" name="isPlain" value="true" checked={isPlain} />
            {texts.exportPlain}
          </label>
        </fieldset>
        <TextField
          form={form}
          name="password"
          label={texts.yourPassword}
          type="password"
          autocomplete="current-password"
          isRequired
        />
        <div class="actions">
          <button type="submit" class="primary">{texts.download}</button>
        </div>
        <p class="hint">{texts.exportNote}</p>
      </Form>
      <AsCurl
        view={view}
        method="POST"
        path="/admin/export"
        body={{ password: "…", passphrase: "…", providers: [], withGroups: true }}
      />
    </Layout>
  );
}

/** Whether to show the way to it. The server asks again. */
export function mayExport({ who }: View): boolean {
  return who !== undefined && includesRole(who.role, "owner");
}
