import { RoleField } from "./accounts.tsx";
import type { FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge, Countdown, Moment } from "./parts/badge.tsx";
import { Confirm } from "./parts/confirm.tsx";
import { AsCurl, CopyText } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import { Table } from "./parts/table.tsx";
import { SettingsTabs } from "./settings_tabs.tsx";
import type { View } from "./view.ts";

interface TokenShown {
  readonly id: string;
  readonly name: string;
  readonly role: "viewer" | "operator" | "owner";
  readonly lastFour: string;
  readonly expiresAtMs?: number;
  readonly createdBy: string;
  readonly lastUsedMs?: number;
}

interface TokensPageProps {
  readonly view: View;
  readonly tokens: readonly TokenShown[];
  readonly form: FormState;
  /** The one that was made just now, itself. */
  readonly made?: { readonly name: string; readonly token: string };
}

/** `/admin/tokens` */
export function TokensPage({ view, tokens, form, made }: TokensPageProps): Markup {
  const { accounts: texts, parts } = view.messages;
  return (
    <Layout view={view} title={texts.tokensTitle} lead={texts.tokensLead}>
      <SettingsTabs view={view} />
      {made !== undefined && (
        <section class="card once" role="status">
          <h2>{texts.tokenMade(made.name)}</h2>
          <p>{parts.shownOnce}</p>
          <CopyText view={view} text={made.token} label={texts.tokensTitle} />
        </section>
      )}
      {tokens.length === 0 ? <EmptyState title={texts.noTokens} hint={texts.noTokensHint} /> : (
        <Table
          caption={texts.tokensTitle}
          columns={[
            { label: texts.name },
            { label: texts.role },
            { label: texts.expires },
            { label: texts.lastUsed },
            { label: texts.madeBy },
            { label: parts.delete, isHidden: true },
          ]}
        >
          {tokens.map((token) => <TokenRow view={view} token={token} />)}
        </Table>
      )}
      <section class="card">
        <h2>{texts.addToken}</h2>
        <Form view={view} form={form} action="/admin/tokens" class="stack">
          <div class="field-row">
            <TextField form={form} name="name" label={texts.name} isRequired />
            <RoleField view={view} form={form} />
            <TextField
              form={form}
              name="expiresInDays"
              label={texts.expiresInDays}
              hint={texts.expiresHint}
              type="number"
              min={1}
              max={3650}
            />
          </div>
          <div class="actions">
            <button type="submit" class="primary">{texts.addToken}</button>
          </div>
        </Form>
        <AsCurl
          view={view}
          method="POST"
          path="/admin/tokens"
          body={{ name: "monitor", role: "viewer", expiresInDays: 90 }}
        />
      </section>
    </Layout>
  );
}

function TokenRow({ view, token }: { readonly view: View; readonly token: TokenShown }): Markup {
  const { accounts: texts, layout, parts } = view.messages;
  const { expiresAtMs } = token;
  return (
    <tr id={`token-${token.id}`}>
      <th scope="row">
        {token.name}
        <span class="sub code">{`kta_…${token.lastFour}`}</span>
      </th>
      <td data-label={texts.role}>
        <Badge label={layout.roles[token.role]} tone="plain" />
      </td>
      <td data-label={texts.expires}>
        {expiresAtMs === undefined ? parts.never : <Countdown view={view} untilMs={expiresAtMs} />}
      </td>
      <td data-label={texts.lastUsed}>
        <Moment view={view} ms={token.lastUsedMs} />
      </td>
      <td data-label={texts.madeBy}>{token.createdBy}</td>
      <td class="row-actions">
        <Confirm
          view={view}
          id={`delete-${token.id}`}
          label={parts.delete}
          title={texts.deleteToken(token.name)}
          text={texts.deleteTokenText}
          action={`/admin/tokens/${token.id}`}
          method="DELETE"
          isQuiet
        />
      </td>
    </tr>
  );
}
