import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";
import { Form } from "./form.tsx";

interface SwitchProps {
  readonly view: View;
  /** What is turned on and off: its path, which takes a `PATCH` of `isEnabled`. */
  readonly action: string;
  readonly isOn: boolean;
  /** Names what it turns: "Turn OpenAI off". */
  readonly label: string;
  /** With htmx the answer's fragment takes this element's place; without it the page comes again. */
  readonly target?: string;
}

/** Turns one thing on or off at once. */
export function Switch({ view, action, isOn, label, target }: SwitchProps): Markup {
  return (
    <Form
      view={view}
      action={action}
      method="PATCH"
      {...(target !== undefined && { htmx: { target, swap: "outerMorph" } })}
    >
      <input type="hidden" name="isEnabled" value={String(!isOn)} />
      <button
        type="submit"
        role="switch"
        class="switch"
        aria-checked={isOn ? "true" : "false"}
        aria-label={label}
      >
        <span class="switch-knob" />
        {isOn ? view.messages.parts.on : view.messages.parts.off}
      </button>
    </Form>
  );
}
