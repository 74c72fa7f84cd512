/** A form as it was typed, and what was wrong with it. Names are paths in the JSON body: `policy.maxAttempts`. */
export interface FormState {
  /** Lists have an entry a line; a box that is ticked reads "true". */
  readonly values: Readonly<Record<string, string>>;
  /** By field. */
  readonly faults: Readonly<Record<string, string>>;
  /** What is wrong with the whole, or `undefined` when only fields are, or nothing is. */
  readonly fault?: string;
}

export const EMPTY_FORM: FormState = { values: {}, faults: {} };

/** A form that begins with these values; `undefined` is an empty field. */
export function filledForm(
  values: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): FormState {
  const texts = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "object" ? value.join("\n") : String(value)] as const]
  );
  return { values: Object.fromEntries(texts), faults: {} };
}
