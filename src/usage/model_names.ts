/** What requests for models beyond the known ones count under. */
export const OTHER_MODELS = "(other)";

/** Names of models come from callers; so many are held apart, and no more of one than a row takes. */
const MAX_BY_SUCCESS = 2_000;
const MAX_BY_FAILURE = 200;
const MAX_LENGTH = 200;

/**
 * Keeps a caller who makes up names from filling the statistics with them: a name counts for itself once a request for
 * it has succeeded, or while few have failed.
 */
export class ModelNames {
  readonly #known = new Set<string>();
  #byFailure = 0;

  /** What a request for this model counts under. */
  countedAs(model: string, hasSucceeded: boolean): string {
    if (this.#known.has(model)) return model;
    const name = model.length > MAX_LENGTH ? model.slice(0, MAX_LENGTH) : model;
    if (this.#known.has(name)) return name;
    if (!hasSucceeded && this.#byFailure >= MAX_BY_FAILURE) return OTHER_MODELS;
    if (this.#known.size >= MAX_BY_SUCCESS) return OTHER_MODELS;
    if (!hasSucceeded) this.#byFailure++;
    this.#known.add(name);
    return name;
  }
}
