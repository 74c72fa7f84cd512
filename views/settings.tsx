import { includesRole } from "../src/core/role.ts";
import { filledForm, type FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { Form } from "./parts/form.tsx";
import { SETTING_SECTIONS, type SettingShown, type SettingValue } from "./settings_shown.ts";
import { SettingsTabs } from "./settings_tabs.tsx";
import type { View } from "./view.ts";

interface SettingsPageProps {
  readonly view: View;
  readonly settings: readonly SettingShown[];
  /** What was typed, when it could not be taken. */
  readonly form?: FormState;
}

/** `/admin/settings` */
export function SettingsPage({ view, settings, form = formOf(settings) }: SettingsPageProps): Markup {
  const { settings: texts, parts } = view.messages;
  const isOwner = view.who !== undefined && includesRole(view.who.role, "owner");
  return (
    <Layout view={view} title={texts.title} lead={texts.lead}>
      <SettingsTabs view={view} />
      <Form view={view} form={form} action="/admin/settings" method="PATCH" class="stack settings">
        {SECTION_NAMES.map((section) => (
          <section class="card" aria-labelledby={`settings-${section}`}>
            <div>
              <h2 id={`settings-${section}`}>{texts.sections[section]}</h2>
              <p class="hint">{texts.sectionHints[section]}</p>
            </div>
            {SETTING_SECTIONS[section].map((name) => {
              const setting = settings.find((each) => each.name === name);
              return setting && <SettingRow view={view} form={form} setting={setting} isOwner={isOwner} />;
            })}
          </section>
        ))}
        {isOwner
          ? (
            <div class="settings-save">
              <button type="submit" class="primary">{parts.save}</button>
              <span class="hint">{texts.emptyHint}</span>
            </div>
          )
          : <p class="hint">{texts.ownerOnly}</p>}
      </Form>
      <section class="card">
        <h2>{texts.elsewhere}</h2>
        <p class="muted">{`${texts.elsewhereText} ${texts.environmentNote}`}</p>
        <p>
          <a href="/admin/app-status">{texts.toStatus}</a>
        </p>
      </section>
      <AsCurl
        view={view}
        method="PATCH"
        path="/admin/settings"
        body={{ REQUEST_LOG_DAYS: 14, LOG_LEVEL: null }}
      />
      {/* Of its own, or Enter in a field would reset the first one. */}
      <Form view={view} action="/admin/settings" method="PATCH" id="settings-reset" />
    </Layout>
  );
}

const SECTION_NAMES = [
  "relay",
  "keys",
  "kept",
  "process",
] as const satisfies readonly (keyof typeof SETTING_SECTIONS)[];

/** Fields of what is changed here; what has its default is empty and shows it as a placeholder. */
function formOf(settings: readonly SettingShown[]): FormState {
  const stored = settings.filter(({ source }) => source === "stored");
  return filledForm(Object.fromEntries(stored.map(({ name, value }) => [name, value ?? undefined])));
}

interface SettingRowProps {
  readonly view: View;
  readonly form: FormState;
  readonly setting: SettingShown;
  readonly isOwner: boolean;
}

function SettingRow({ view, form, setting, isOwner }: SettingRowProps): Markup {
  const { settings: texts } = view.messages;
  const { name, value, standard, source } = setting;
  const { label, about, unit } = texts.names[name];
  const fault = form.faults[name];
  const id = `field-${name}`;
  const isFixed = source === "environment";
  const shown = shownValue(view, value);
  return (
    <div class="setting">
      <div class="setting-about">
        {isFixed || !isOwner ? <span class="setting-label">{label}</span> : <label for={id}>{label}</label>}
        <span class="hint" id={`${id}-hint`}>{about}</span>
        <code class="setting-name">{name}</code>
      </div>
      <div class="setting-value">
        <span class="setting-control">
          {isFixed || !isOwner
            ? <strong>{shown}</strong>
            : <Control view={view} form={form} setting={setting} id={id} />}
          <span class="muted">{unit}</span>
        </span>
        {fault !== undefined && <span class="fault" id={`${id}-fault`}>{fault}</span>}
        {isFixed && <Badge label={texts.fixed} tone="plain" />}
        {source === "stored" && (
          <span class="setting-changed">
            <span class="hint">{texts.changedFrom(shownValue(view, standard))}</span>
            {isOwner && (
              <button
                type="submit"
                form="settings-reset"
                class="quiet"
                name="reset"
                value={name}
                aria-label={texts.resetOne(label)}
              >
                {texts.reset}
              </button>
            )}
          </span>
        )}
      </div>
    </div>
  );
}

type ControlProps = Pick<SettingRowProps, "view" | "form" | "setting"> & { readonly id: string };

function Control({ view, form, setting, id }: ControlProps): Markup {
  const { settings: texts } = view.messages;
  const { name, standard, minimum, maximum, choices } = setting;
  const typed = form.values[name] ?? "";
  const hasFault = form.faults[name] !== undefined;
  const about = {
    "aria-describedby": hasFault ? `${id}-hint ${id}-fault` : `${id}-hint`,
    ...(hasFault && { "aria-invalid": "true" as const }),
  };
  if (choices !== undefined) {
    return (
      <select id={id} name={name} {...about}>
        <option value="">{texts.useStandard(shownValue(view, standard))}</option>
        {choices.map((choice) => <option value={choice} selected={choice === typed}>{choice}</option>)}
      </select>
    );
  }
  const isNumber = typeof standard === "number";
  return (
    <input
      id={id}
      name={name}
      type={isNumber ? "number" : "text"}
      value={typed}
      placeholder={isNumber ? String(standard) : standard ?? texts.notSet}
      min={minimum}
      max={maximum}
      step={isNumber ? "any" : undefined}
      autocomplete="off"
      {...about}
    />
  );
}

function shownValue(view: View, value: SettingValue): string {
  if (value === null) return view.messages.settings.notSet;
  return typeof value === "number" ? view.format.number(value) : value;
}
