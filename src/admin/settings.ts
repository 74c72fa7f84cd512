import { z } from "zod";
import type { FormState } from "../../views/form_state.ts";
import { SettingsPage } from "../../views/settings.tsx";
import { SETTING_NAMES, type SettingShown } from "../../views/settings_shown.ts";
import type { View } from "../../views/view.ts";
import { action } from "./action.ts";
import type { UsageDeps } from "./usage_deps.ts";

const value = z.union([z.string(), z.number()]).nullable();

const settingAnswer = z.object({
  name: z.enum(SETTING_NAMES),
  value,
  standard: value,
  source: z.enum(["environment", "stored", "default"]),
  minimum: z.number().exactOptional(),
  maximum: z.number().exactOptional(),
  choices: z.array(z.string()).readonly().exactOptional(),
});

const settingsAnswer = z.object({ settings: z.array(settingAnswer).readonly() });

/** A number may come as text, from a form; `null` resets to the default. */
const given = z.union([z.string().max(200), z.number()]).nullable().exactOptional();

const settingsForm = z.strictObject({
  ...byName(given),
  /** One that is reset, whatever stands in its field. */
  reset: z.enum(SETTING_NAMES).exactOptional(),
});

/** `GET /admin/settings`: what may be changed while the program runs, each with its value, default and source. */
export function showSettings(deps: UsageDeps) {
  return action({
    answer: settingsAnswer,
    run: () => ({ settings: deps.settings.list() }),
    page: ({ settings }, { view }) => SettingsPage({ view: view(), settings }),
  });
}

/** `PATCH /admin/settings`: in effect at once; `null` resets. What is left out, and what has its value already, stays. */
export function editSettings(deps: UsageDeps) {
  return action({
    body: settingsForm,
    answer: settingsAnswer.extend({ changed: z.array(z.string()).readonly() }),
    run: ({ body: { reset, ...changes }, note }) =>
      deps.inTurn(async () => {
        const asked = reset === undefined ? changes : { [reset]: null };
        const changed = await deps.settings.set(withoutKept(asked, deps.settings.list()));
        if (changed.length > 0) await deps.noteChange({ kind: "setting", ids: [...changed] });
        const settings = deps.settings.list();
        const now = settings.filter(({ name }) => changed.includes(name));
        note({ detail: { settings: Object.fromEntries(now.map(({ name, value }) => [name, value])) } });
        return { settings, changed };
      }),
    done: ({ changed }, { view }) => ({
      to: "/admin/settings",
      flash: view().messages.settings.saved(changed.length),
    }),
    form: (form, { view }) => {
      const settings = deps.settings.list();
      return SettingsPage({ view: view(), settings, form: inWords(form, settings, view()) });
    },
  });
}

/** The faults of numbers in the reader's language. */
function inWords(form: FormState, settings: readonly SettingShown[], view: View): FormState {
  const faults = Object.entries(form.faults).map(([name, fault]) => {
    const { minimum, maximum } = settings.find((each) => each.name === name) ?? {};
    if (minimum === undefined || maximum === undefined) return [name, fault];
    const { number } = view.format;
    return [name, view.messages.settings.takes(number(minimum), number(maximum))];
  });
  return { ...form, faults: Object.fromEntries(faults) };
}

/** A form sends every field: only those that are not as they were are changes. */
function withoutKept(
  asked: Readonly<Record<string, string | number | null | undefined>>,
  settings: readonly SettingShown[],
): Record<string, string | number | null> {
  const changes: Record<string, string | number | null> = {};
  for (const { name, value, source } of settings) {
    const wanted = asked[name];
    if (wanted === undefined) continue;
    const isKept = wanted === null
      ? source === "default"
      : source === "stored" && String(wanted) === String(value);
    if (!isKept) changes[name] = wanted;
  }
  return changes;
}

function byName<T extends z.ZodType>(schema: T) {
  const shape = {
    DEFAULT_MODEL: schema,
    REQUEST_TIMEOUT_SECONDS: schema,
    CONNECT_TIMEOUT_SECONDS: schema,
    FIRST_BYTE_TIMEOUT_SECONDS: schema,
    IDLE_TIMEOUT_SECONDS: schema,
    MAX_WAIT_SECONDS: schema,
    RETRY_WITH_NEW_KEY_COUNT: schema,
    MAX_REPLAY_BYTES: schema,
    MAX_BODY_BYTES: schema,
    KEY_FAILURE_COOLDOWN_SECONDS: schema,
    KEY_MAX_CONSECUTIVE_FAILURES: schema,
    HEALTH_CHECK_INTERVAL_SECONDS: schema,
    REQUEST_LOG_DAYS: schema,
    REQUEST_LOG_ROWS: schema,
    USAGE_MINUTES_DAYS: schema,
    USAGE_HOURS_DAYS: schema,
    USAGE_RETENTION_DAYS: schema,
    LOG_LEVEL: schema,
    DRAIN_SECONDS: schema,
  } satisfies Record<SettingShown["name"], T>;
  return shape;
}
