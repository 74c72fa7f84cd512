import type { FormState } from "./form_state.ts";
import { BareLayout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import type { View } from "./view.ts";

interface LoginPageProps {
  readonly view: View;
  readonly form: FormState;
  /** Where to go afterwards; a path of ours. */
  readonly next: string;
}

/** `/admin/login` */
export function LoginPage({ view, form, next }: LoginPageProps): Markup {
  const { signIn } = view.messages;
  return (
    <BareLayout view={view} title={signIn.title}>
      <Form view={view} form={form} action="/admin/login" class="stack">
        <input type="hidden" name="next" value={next} />
        <TextField
          form={form}
          name="name"
          label={signIn.name}
          autocomplete="username"
          isRequired
          isFocused
        />
        <TextField
          form={form}
          name="password"
          label={signIn.password}
          type="password"
          autocomplete="current-password"
          isRequired
        />
        <button type="submit" class="primary">{signIn.signIn}</button>
      </Form>
    </BareLayout>
  );
}

interface SetUpPageProps {
  readonly view: View;
  readonly form: FormState;
  /** The owner's, for password managers. */
  readonly name: string;
}

/** `/admin/setup`: the start of it all. The token may come in the link's fragment, which no server ever sees. */
export function SetUpPage({ view, form, name }: SetUpPageProps): Markup {
  const { setUp, name: nameLabel } = view.messages.signIn;
  return (
    <BareLayout view={view} title={setUp.title}>
      <p class="lead">{setUp.lead}</p>
      <Form view={view} form={form} action="/admin/setup" class="stack">
        <p class="muted">
          {nameLabel}: <strong>{name}</strong>
        </p>
        <input type="text" hidden autocomplete="username" value={name} readonly />
        <div data-from-fragment>
          <TextField
            form={form}
            name="token"
            label={setUp.token}
            hint={setUp.tokenHint}
            type="password"
            isRequired
            isFocused
          />
        </div>
        <TextField
          form={form}
          name="password"
          label={setUp.password}
          hint={setUp.passwordHint}
          type="password"
          autocomplete="new-password"
          isRequired
        />
        <TextField
          form={form}
          name="repeat"
          label={setUp.repeat}
          type="password"
          autocomplete="new-password"
          isRequired
        />
        <button type="submit" class="primary">{setUp.begin}</button>
      </Form>
    </BareLayout>
  );
}
