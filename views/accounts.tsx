import { ROLES } from "../src/core/role.ts";
import type { FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge, Moment } from "./parts/badge.tsx";
import { Confirm } from "./parts/confirm.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { SelectField, TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import { Switch } from "./parts/switch.tsx";
import { Table } from "./parts/table.tsx";
import { SettingsTabs } from "./settings_tabs.tsx";
import type { View } from "./view.ts";

interface UserShown {
  readonly id: string;
  readonly name: string;
  readonly role: "viewer" | "operator" | "owner";
  readonly isEnabled: boolean;
  readonly lastLoginMs?: number;
}

interface UsersPageProps {
  readonly view: View;
  readonly users: readonly UserShown[];
  /** Of the owner who is always there. */
  readonly ownerName: string;
  /** Of a new user. */
  readonly form: FormState;
}

/** `/admin/users` */
export function UsersPage({ view, users, ownerName, form }: UsersPageProps): Markup {
  const { accounts: texts, layout, parts } = view.messages;
  return (
    <Layout view={view} title={texts.usersTitle} lead={texts.usersLead}>
      <SettingsTabs view={view} />
      <Table
        caption={texts.usersTitle}
        columns={[
          { label: texts.name },
          { label: texts.role },
          { label: texts.enabled },
          { label: texts.lastLogin },
          { label: parts.delete, isHidden: true },
        ]}
      >
        <tr>
          <th scope="row">{ownerName}</th>
          <td data-label={texts.role}>{layout.roles.owner}</td>
          <td data-label={texts.enabled}>
            <Badge label={texts.builtIn} tone="plain" />
          </td>
          <td></td>
          <td></td>
        </tr>
        {users.map((user) => <UserRow view={view} user={user} />)}
      </Table>
      <section class="card">
        <h2>{texts.addUser}</h2>
        <Form view={view} form={form} action="/admin/users" class="stack">
          <div class="field-row">
            <TextField form={form} name="name" label={texts.name} isRequired />
            <RoleField view={view} form={form} />
            <TextField
              form={form}
              name="password"
              label={texts.password}
              type="password"
              autocomplete="new-password"
              isRequired
            />
          </div>
          <div class="actions">
            <button type="submit" class="primary">{texts.addUser}</button>
          </div>
        </Form>
        <AsCurl
          view={view}
          method="POST"
          path="/admin/users"
          body={{ name: "ada", role: "operator", password: "…" }}
        />
      </section>
    </Layout>
  );
}

/** The role of a user or of a token. */
export function RoleField({ view, form }: { readonly view: View; readonly form: FormState }): Markup {
  const { accounts, layout } = view.messages;
  return (
    <SelectField
      form={form}
      name="role"
      label={accounts.role}
      choices={ROLES.map((role) => ({ value: role, label: layout.roles[role] }))}
    />
  );
}

function UserRow({ view, user }: { readonly view: View; readonly user: UserShown }): Markup {
  const { accounts: texts, layout, parts } = view.messages;
  const path = `/admin/users/${user.id}`;
  return (
    <tr id={`user-${user.id}`}>
      <th scope="row">{user.name}</th>
      <td data-label={texts.role}>{layout.roles[user.role]}</td>
      <td data-label={texts.enabled}>
        <Switch
          view={view}
          action={path}
          isOn={user.isEnabled}
          label={`${texts.enabled}: ${user.name}`}
        />
      </td>
      <td data-label={texts.lastLogin}>
        <Moment view={view} ms={user.lastLoginMs} />
      </td>
      <td class="row-actions">
        <Confirm
          view={view}
          id={`delete-${user.id}`}
          label={parts.delete}
          title={texts.deleteUser(user.name)}
          text={texts.deleteUserText}
          action={path}
          method="DELETE"
          isQuiet
        />
      </td>
    </tr>
  );
}

interface PasswordPageProps {
  readonly view: View;
  readonly form: FormState;
  /** Not so when the environment sets it. */
  readonly isChangeable: boolean;
}

/** `/admin/password`: one's own. */
export function PasswordPage({ view, form, isChangeable }: PasswordPageProps): Markup {
  const { accounts: texts } = view.messages;
  return (
    <Layout view={view} title={texts.passwordTitle}>
      <SettingsTabs view={view} />
      {isChangeable
        ? (
          <Form view={view} form={form} action="/admin/password" class="card stack narrow">
            <TextField
              form={form}
              name="old"
              label={texts.oldPassword}
              type="password"
              autocomplete="current-password"
              isRequired
            />
            <TextField
              form={form}
              name="password"
              label={texts.newPassword}
              type="password"
              autocomplete="new-password"
              isRequired
            />
            <TextField
              form={form}
              name="repeat"
              label={texts.repeat}
              type="password"
              autocomplete="new-password"
              isRequired
            />
            <div class="actions">
              <button type="submit" class="primary">{texts.change}</button>
            </div>
          </Form>
        )
        : <p class="card">{texts.byEnvironment}</p>}
    </Layout>
  );
}
