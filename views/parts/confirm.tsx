import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";
import { Form } from "./form.tsx";

interface ConfirmProps {
  readonly view: View;
  /** Unique on the page. */
  readonly id: string;
  /** On the button that opens it. */
  readonly label: string;
  /** Names what it touches: "Delete OpenAI?" */
  readonly title: string;
  /** What goes with it, and whether it can be undone. */
  readonly text: string;
  readonly action: string;
  readonly method?: "POST" | "DELETE";
  /** On the button that does it; the same as `label` unless told. */
  readonly confirmLabel?: string;
  readonly isQuiet?: boolean;
}

/**
 * A dangerous action with a question before it. Without a script the question stands open under its button
 * (`<details>`), because a dialog needs one.
 */
export function Confirm(props: ConfirmProps): Markup {
  const { view, id, label, title, text, action, method = "POST", confirmLabel = label } = props;
  return (
    <details class="confirm" data-dialog>
      <summary class={props.isQuiet === true ? "button quiet danger" : "button danger"}>{label}</summary>
      <div role="alertdialog" aria-labelledby={`${id}-title`} aria-describedby={`${id}-text`} class="dialog">
        <h2 id={`${id}-title`}>{title}</h2>
        <p id={`${id}-text`}>{text}</p>
        <Form view={view} action={action} method={method} class="actions">
          <button type="button" class="quiet" data-close>{view.messages.parts.cancel}</button>
          <button type="submit" class="danger">{confirmLabel}</button>
        </Form>
      </div>
    </details>
  );
}
