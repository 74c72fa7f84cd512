import { GROUP_STRATEGIES } from "../src/core/group.ts";
import { filledForm, type FormState } from "./form_state.ts";
import type { GroupShown } from "./groups.tsx";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { CheckField, SelectField, TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import type { View } from "./view.ts";

interface GroupFormProps {
  readonly view: View;
  readonly form: FormState;
  /** The group that is changed; without it a new one is made. */
  readonly edited?: { readonly slug: string; readonly name: string };
  /** Who may become a member. */
  readonly providers: readonly { readonly slug: string; readonly name: string }[];
}

/** The form of a group that stands already. */
export function groupFormState({ slug, name, strategy, isEnabled, members }: GroupShown): FormState {
  const rows = members.flatMap(({ provider, tier, weight, isEnabled: isUsed }, index) => [
    [`members.${index}.provider`, provider] as const,
    [`members.${index}.tier`, tier] as const,
    [`members.${index}.weight`, weight] as const,
    [`members.${index}.isEnabled`, isUsed] as const,
  ]);
  return filledForm({ slug, name, strategy, isEnabled, ...Object.fromEntries(rows) });
}

/** The form of a new group: on, until somebody turns it off. */
export const NEW_GROUP: FormState = filledForm({ isEnabled: true, strategy: "weighted" });

/** Rows that are empty, to be filled in. */
const SPARE_ROWS = 3;

/** `/admin/groups/new` and `/admin/groups/:slug/edit` */
export function GroupForm({ view, form, edited, providers }: GroupFormProps): Markup {
  const { groups: texts, parts } = view.messages;
  const { form: labels } = texts;
  const isNew = edited === undefined;
  const path = isNew ? "/admin/groups" : `/admin/groups/${edited.slug}`;
  return (
    <Layout view={view} title={isNew ? texts.add : texts.editOne(edited.name)}>
      <Form view={view} form={form} action={path} method={isNew ? "POST" : "PATCH"} class="card stack">
        <div class="field-row">
          <TextField form={form} name="slug" label={labels.slug} hint={labels.slugHint} isCode isRequired />
          <TextField form={form} name="name" label={labels.name} isRequired={!isNew} />
        </div>
        <SelectField
          form={form}
          name="strategy"
          label={labels.strategy}
          choices={GROUP_STRATEGIES.map((value) => ({ value, label: texts.strategies[value] }))}
        />
        <CheckField form={form} name="isEnabled" label={labels.isEnabled} />
        <section class="stack" aria-labelledby="members-title">
          <h2 id="members-title">{labels.members}</h2>
          <p class="hint">{labels.membersHint}</p>
          {Array.from(
            { length: filledRows(form) + SPARE_ROWS },
            (_, index) => <MemberFields view={view} form={form} index={index} providers={providers} />,
          )}
        </section>
        <div class="actions">
          <button type="submit" class="primary">{isNew ? parts.add : parts.save}</button>
          <a class="button quiet" href={path}>{parts.cancel}</a>
        </div>
      </Form>
    </Layout>
  );
}

type MemberFieldsProps = Pick<GroupFormProps, "view" | "form" | "providers"> & { readonly index: number };

function MemberFields({ view, form, index, providers }: MemberFieldsProps): Markup {
  const { form: labels } = view.messages.groups;
  const name = (field: string) => `members.${index}.${field}`;
  // A box of a row that is not filled in yet is ticked: whoever adds a member wants it used.
  const shown = form.values[name("provider")] === undefined
    ? { ...form, values: { ...form.values, [name("isEnabled")]: "true" } }
    : form;
  return (
    <fieldset class="field-row">
      <legend class="unseen">{labels.member(index + 1)}</legend>
      <SelectField
        form={shown}
        name={name("provider")}
        label={labels.provider}
        choices={[
          { value: "", label: "–" },
          ...providers.map(({ slug, name: label }) => ({ value: slug, label })),
        ]}
      />
      <TextField
        form={shown}
        name={name("tier")}
        label={labels.tier}
        type="number"
        min={0}
        max={1000}
        placeholder="0"
      />
      <TextField
        form={shown}
        name={name("weight")}
        label={labels.weight}
        type="number"
        min={1}
        placeholder="1"
      />
      <CheckField form={shown} name={name("isEnabled")} label={labels.memberEnabled} />
    </fieldset>
  );
}

/** Up to the last row in which a provider is chosen. */
function filledRows({ values }: FormState): number {
  const rows = Object.entries(values).flatMap(([name, value]) => {
    const row = /^members\.(\d+)\.provider$/.exec(name)?.[1];
    return row === undefined || value === "" ? [] : [Number(row) + 1];
  });
  return Math.max(0, ...rows);
}
