import type { Child } from "hono/jsx";
import type { FormState } from "../form_state.ts";
import type { Markup } from "../markup.ts";

interface FieldProps {
  readonly form: FormState;
  /** Path in the JSON body: `policy.maxAttempts`. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly isRequired?: boolean;
}

interface TextFieldProps extends FieldProps {
  readonly type?: "text" | "url" | "search" | "number" | "password" | "date" | "datetime-local";
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly isFocused?: boolean;
  /** For values that are code: slugs, URLs, ids. */
  readonly isCode?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Whole numbers and minutes unless told. */
  readonly step?: "any";
  /** Id of a `<datalist>` with what is offered. */
  readonly listId?: string;
}

/** One line of text, or a number. A password never comes back with what was typed. */
export function TextField(props: TextFieldProps): Markup {
  const { form, name, type = "text" } = props;
  return (
    <Field {...props}>
      <input
        {...controlProps(props)}
        type={type}
        class={props.isCode === true ? "code" : undefined}
        value={type === "password" ? "" : form.values[name] ?? ""}
        autocomplete={props.autocomplete ?? "off"}
        autofocus={props.isFocused}
        placeholder={props.placeholder}
        min={props.min}
        max={props.max}
        step={props.step}
        list={props.listId}
      />
    </Field>
  );
}

/** Many lines: a list with an entry a line, or a map with `name = value` a line. */
export function LinesField(
  props: FieldProps & {
    readonly rows?: number;
    readonly placeholder?: string;
    /** Words, not code. */
    readonly isProse?: boolean;
  },
): Markup {
  return (
    <Field {...props}>
      <textarea
        {...controlProps(props)}
        class={props.isProse === true ? undefined : "code"}
        rows={props.rows ?? 3}
        placeholder={props.placeholder}
      >
        {props.form.values[props.name] ?? ""}
      </textarea>
    </Field>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** One of several values. */
export function SelectField(props: FieldProps & { readonly choices: readonly Choice[] }): Markup {
  const chosen = props.form.values[props.name] ?? "";
  return (
    <Field {...props}>
      <select {...controlProps(props)}>
        {props.choices.map(({ value, label }) => (
          <option value={value} selected={value === chosen}>{label}</option>
        ))}
      </select>
    </Field>
  );
}

/** Yes or no. The hidden field says no when the box is not ticked. */
export function CheckField(props: FieldProps): Markup {
  const { form, name, label } = props;
  // A form that comes back has both: the hidden field's, then the box's.
  const isTicked = form.values[name]?.split("\n").at(-1) === "true";
  return (
    <div class="field check">
      <input type="hidden" name={name} value="false" />
      <label>
        <input {...controlProps(props)} type="checkbox" value="true" checked={isTicked} />
        {label}
      </label>
      <Remarks {...props} />
    </div>
  );
}

function Field(props: FieldProps & { readonly children?: Child }): Markup {
  return (
    <div class="field">
      <label for={fieldId(props.name)}>
        {props.label}
        {props.isRequired === true && <span class="needed" aria-hidden="true">*</span>}
      </label>
      {props.children}
      <Remarks {...props} />
    </div>
  );
}

function Remarks({ form, name, hint }: FieldProps): Markup {
  const fault = faultOf(form, name);
  return (
    <>
      {hint !== undefined && <p class="hint" id={`${fieldId(name)}-hint`}>{hint}</p>}
      {fault !== undefined && <p class="fault" id={`${fieldId(name)}-fault`}>{fault}</p>}
    </>
  );
}

function controlProps({ form, name, hint, isRequired }: FieldProps) {
  const hasFault = faultOf(form, name) !== undefined;
  const about = [hint !== undefined && `${fieldId(name)}-hint`, hasFault && `${fieldId(name)}-fault`]
    .filter((id) => id !== false);
  return {
    id: fieldId(name),
    name,
    required: isRequired === true,
    ...(hasFault && { "aria-invalid": "true" as const }),
    ...(about.length > 0 && { "aria-describedby": about.join(" ") }),
  };
}

/** The fault of a field, or of an entry in it: `models.3` is shown at `models`. */
function faultOf({ faults }: FormState, name: string): string | undefined {
  return faults[name] ?? Object.entries(faults).find(([path]) => path.startsWith(`${name}.`))?.[1];
}

function fieldId(name: string): string {
  return `field-${name.replaceAll(".", "-")}`;
}
