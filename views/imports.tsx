import type { FormState } from "./form_state.ts";
import type { ImportShown, ImportStateShown, ImportTargets } from "./import_shown.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge, Moment, type Tone } from "./parts/badge.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import { Table } from "./parts/table.tsx";
import { mayExport } from "./export_page.tsx";
import type { View } from "./view.ts";

interface ImportsPageProps {
  readonly view: View;
  readonly form: FormState;
  readonly imports: readonly ImportShown[];
  readonly targets: ImportTargets;
}

/** `/admin/imports`: paste or drop, and those of the last day. */
export function ImportsPage({ view, form, imports, targets }: ImportsPageProps): Markup {
  const texts = view.messages.importKeys;
  const toExport = mayExport(view)
    ? <a class="button" href="/admin/export">{texts.exportTitle}</a>
    : undefined;
  return (
    <Layout view={view} title={texts.title} lead={texts.lead} actions={toExport}>
      <Form view={view} form={form} action="/admin/imports" class="card stack" isMultipart>
        <div class="import-sources">
          <PasteField view={view} form={form} />
          <div class="field">
            <label for="field-file">{texts.file}</label>
            <input id="field-file" class="import-drop" type="file" name="file" />
          </div>
        </div>
        <div class="field-row">
          <div class="field">
            <label for="field-provider">{texts.provider}</label>
            <select id="field-provider" name="provider">
              <option value="">{texts.recognise}</option>
              <TargetOptions
                view={view}
                targets={targets}
                chosen={form.values.provider ?? ""}
                prefixes={NO_PREFIXES}
              />
            </select>
            {form.faults.provider !== undefined && <p class="fault">{form.faults.provider}</p>}
          </div>
          <TextField
            form={form}
            name="passphrase"
            label={texts.passphrase}
            hint={texts.passphraseHint}
            type="password"
          />
        </div>
        <div class="actions">
          <button type="submit" class="primary">{texts.preview}</button>
        </div>
      </Form>
      {imports.length > 0 && <Recent view={view} imports={imports} />}
      <details class="import-products">
        <summary>{texts.products}</summary>
        <ul>
          {Object.values(texts.productNames).map((name) => <li>{name}</li>)}
        </ul>
      </details>
      <AsCurl view={view} method="POST" path="/admin/imports" body={{ text: "sk-…", provider: "openai" }} />
    </Layout>
  );
}

function PasteField({ view, form }: { readonly view: View; readonly form: FormState }): Markup {
  const texts = view.messages.importKeys;
  const fault = form.faults.text;
  return (
    <div class="field">
      <label for="field-text">{texts.text}</label>
      <textarea
        id="field-text"
        name="text"
        class="code"
        rows={9}
        placeholder={texts.placeholder}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={fault === undefined ? undefined : "true"}
        aria-describedby={fault === undefined ? "field-text-hint" : "field-text-hint field-text-fault"}
      />
      <p class="hint" id="field-text-hint">{texts.textHint}</p>
      {fault !== undefined && <p class="fault" id="field-text-fault">{fault}</p>}
    </div>
  );
}

const NO_PREFIXES = { here: "", known: "" };

interface TargetOptionsProps {
  readonly view: View;
  readonly targets: ImportTargets;
  readonly chosen: string;
  /** What stands before a slug in a value. */
  readonly prefixes: { readonly here: string; readonly known: string };
}

/** The providers that keys may go to, as the options of a choice. */
export function TargetOptions({ view, targets, chosen, prefixes }: TargetOptionsProps): Markup {
  const texts = view.messages.importKeys;
  const options = (list: ImportTargets["here"], prefix: string) =>
    list.map(({ slug, name }) => (
      <option value={prefix + slug} selected={prefix + slug === chosen}>
        {name === slug ? slug : `${name} (${slug})`}
      </option>
    ));
  return (
    <>
      {targets.here.length > 0 && (
        <optgroup label={texts.here}>{options(targets.here, prefixes.here)}</optgroup>
      )}
      {targets.known.length > 0 && (
        <optgroup label={texts.known}>{options(targets.known, prefixes.known)}</optgroup>
      )}
    </>
  );
}

function Recent({ view, imports }: Pick<ImportsPageProps, "view" | "imports">): Markup {
  const texts = view.messages.importKeys;
  const { columns } = texts;
  const { number } = view.format;
  return (
    <section class="stack">
      <header>
        <h2>{texts.recent}</h2>
        <p class="hint">{texts.recentHint}</p>
      </header>
      <Table
        caption={texts.recent}
        columns={[
          { label: columns.what },
          { label: columns.state },
          { label: columns.keys, isNumber: true },
          { label: columns.added, isNumber: true },
          { label: columns.by },
          { label: columns.when },
        ]}
      >
        {imports.map(({ id, product, state, createdAtMs, by, keys, added }) => (
          <tr>
            <th scope="row">
              <a href={`/admin/imports/${id}`}>{texts.productNames[product]}</a>
            </th>
            <td data-label={columns.state}>
              <ImportBadge view={view} state={state} />
            </td>
            <td data-label={columns.keys} class="number">{number(keys)}</td>
            <td data-label={columns.added} class="number">{number(added)}</td>
            <td data-label={columns.by}>{by}</td>
            <td data-label={columns.when}>
              <Moment view={view} ms={createdAtMs} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

const TONES: Readonly<Record<ImportStateShown, Tone>> = {
  preview: "plain",
  running: "wait",
  checking: "wait",
  done: "good",
  stopped: "off",
  failed: "bad",
};

export function ImportBadge(
  { view, state }: { readonly view: View; readonly state: ImportStateShown },
): Markup {
  return <Badge label={view.messages.importKeys.states[state]} tone={TONES[state]} />;
}
