import { AppError } from "../errors.ts";

/**
 * What of a request cannot be carried to its upstream. Nothing is dropped in silence: what would change the meaning
 * refuses the request, the rest is named in the answer's `x-keyturn-ignored`.
 */
export class Losses {
  readonly #ignored = new Set<string>();

  /** The field is left out (or clamped) and named. `field` is the caller's name of it: `seed`, `messages[2].name`. */
  ignore(field: string): void {
    this.#ignored.add(field);
  }

  /** @throws {AppError} always: `invalid_request` with `param`; `why` begins with the upstream: "Anthropic has no …". */
  refuse(field: string, why: string): never {
    throw new AppError("invalid_request", `Cannot carry ${field} to this provider: ${why}`, {
      details: { param: field },
    });
  }

  /** In the order in which they were met. */
  list(): readonly string[] {
    return [...this.#ignored];
  }
}
