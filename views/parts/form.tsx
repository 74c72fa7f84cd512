import type { Child } from "hono/jsx";
import type { FormState } from "../form_state.ts";
import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";

interface FormProps {
  readonly view: View;
  readonly action: string;
  /** `PUT`, `PATCH` and `DELETE` are posted with `?_method=`, because a form can only post. */
  readonly method?: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly class?: string;
  readonly id?: string;
  /** For files. */
  readonly isMultipart?: boolean;
  /** What is wrong with the whole is shown above it. */
  readonly form?: FormState;
  readonly "data-submit-on-change"?: boolean;
  /** With htmx the answer's fragment takes this place, and the page stays; without it the form is posted. */
  readonly htmx?: {
    readonly target: string;
    readonly swap: "outerMorph" | "innerMorph" | "innerHTML" | "none";
  };
  readonly children?: Child;
}

/** A form that changes something: it carries the token of the session, and works without a script. */
export function Form(props: FormProps): Markup {
  const { view, action, method = "POST", form, htmx, children } = props;
  const url = method === "POST" ? action : withMethod(action, method);
  return (
    <form
      method="post"
      action={url}
      hx-post={htmx === undefined ? undefined : url}
      hx-target={htmx?.target}
      hx-swap={htmx?.swap}
      class={props.class}
      id={props.id}
      enctype={props.isMultipart === true ? "multipart/form-data" : undefined}
      data-submit-on-change={props["data-submit-on-change"]}
    >
      {view.csrf !== "" && <input type="hidden" name="_csrf" value={view.csrf} />}
      {form?.fault !== undefined && <Refusal form={form} />}
      {children}
    </form>
  );
}

/** What is wrong, above the form: also of fields that are folded away. */
function Refusal({ form }: { readonly form: FormState }): Markup {
  const faults = Object.entries(form.faults);
  return (
    <div class="flash fault" role="alert">
      <p>{form.fault}</p>
      {faults.length > 0 && (
        <ul>
          {faults.map(([name, fault]) => (
            <li>
              <code>{name}</code>: {fault}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function withMethod(action: string, method: string): string {
  return `${action}${action.includes("?") ? "&" : "?"}_method=${method}`;
}
