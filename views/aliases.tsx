import { filledForm, type FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Confirm } from "./parts/confirm.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import { Table } from "./parts/table.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

export interface AliasShown {
  readonly name: string;
  readonly target: string;
  readonly contextFallback?: string;
}

/** `/admin/aliases` */
export function AliasesPage(
  { view, aliases }: { readonly view: View; readonly aliases: readonly AliasShown[] },
): Markup {
  const { aliases: texts } = view.messages;
  const { columns } = texts;
  const add = mayChange(view)
    ? <a class="button primary" href="/admin/aliases/new">{texts.add}</a>
    : undefined;
  return (
    <Layout view={view} title={texts.title} lead={texts.lead} actions={add}>
      {aliases.length === 0
        ? <EmptyState title={texts.empty} hint={texts.emptyHint}>{add}</EmptyState>
        : (
          <Table
            caption={texts.title}
            columns={[{ label: columns.name }, { label: columns.target }, { label: columns.fallback }]}
          >
            {aliases.map(({ name, target, contextFallback }) => (
              <tr>
                <th scope="row">
                  <a href={aliasPath(name)} class="code">{name}</a>
                </th>
                <td data-label={columns.target} class="code">{target}</td>
                <td data-label={columns.fallback}>
                  {contextFallback === undefined
                    ? <span class="muted">{texts.noFallback}</span>
                    : <code>{contextFallback}</code>}
                </td>
              </tr>
            ))}
          </Table>
        )}
      <AsCurl view={view} method="GET" path="/admin/aliases" />
    </Layout>
  );
}

interface AliasFormProps {
  readonly view: View;
  readonly form: FormState;
  /** Name of the alias that is changed; without it a new one is made. */
  readonly edited?: string;
}

/** The form of an alias that stands already. */
export function aliasFormState(alias: AliasShown): FormState {
  return filledForm({ ...alias });
}

/** `/admin/aliases/new` and `/admin/aliases/:name` */
export function AliasForm({ view, form, edited }: AliasFormProps): Markup {
  const { aliases: texts, parts } = view.messages;
  const { form: labels } = texts;
  const isNew = edited === undefined;
  const path = isNew ? "/admin/aliases" : aliasPath(edited);
  return (
    <Layout
      view={view}
      title={isNew ? texts.add : texts.editOne(edited)}
      actions={isNew || !mayChange(view) ? undefined : <Delete view={view} name={edited} />}
    >
      <Form view={view} form={form} action={path} method={isNew ? "POST" : "PATCH"} class="card stack">
        {isNew && (
          <TextField form={form} name="name" label={labels.name} hint={labels.nameHint} isCode isRequired />
        )}
        <TextField
          form={form}
          name="target"
          label={labels.target}
          hint={labels.targetHint}
          isCode
          isRequired
        />
        <TextField
          form={form}
          name="contextFallback"
          label={labels.fallback}
          hint={labels.fallbackHint}
          isCode
        />
        <div class="actions">
          {mayChange(view) && <button type="submit" class="primary">{isNew ? parts.add : parts.save}</button>}
          <a class="button quiet" href="/admin/aliases">{parts.cancel}</a>
        </div>
      </Form>
    </Layout>
  );
}

function Delete({ view, name }: { readonly view: View; readonly name: string }): Markup {
  const { aliases: texts, parts } = view.messages;
  return (
    <Confirm
      view={view}
      id="delete"
      label={parts.delete}
      title={texts.deleteTitle(name)}
      text={texts.deleteText(name)}
      action={aliasPath(name)}
      method="DELETE"
    />
  );
}

/** Names of models have slashes, which stay as they are in the path. */
function aliasPath(name: string): string {
  return `/admin/aliases/${name.split("/").map(encodeURIComponent).join("/")}`;
}
