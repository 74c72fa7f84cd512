import type { LimitName } from "../core/client_limits.ts";

/** What a request is thought to cost, before it is sent. */
export interface Estimate {
  readonly tokens: number;
  readonly nanoDollars: number;
}

/** A request that a client key's limits do not allow now. */
export interface Refusal {
  readonly kind: "refused";
  readonly limit: LimitName;
  readonly limitValue: number;
  /** When a try makes sense again. */
  readonly retryAfterMs: number;
}

/** A request that is let in. Its owner settles it once it is over, however it ended. */
export interface Admission {
  readonly kind: "admitted";
  /**
   * Puts what was really used in place of the estimate, and frees its place. What is left out stays as estimated.
   * The first call counts.
   */
  settle(actual: { readonly tokens?: number | undefined; readonly nanoDollars?: number | undefined }): void;
}

/** What a client key without limits gets. */
export const UNLIMITED: Admission = { kind: "admitted", settle: () => {} };

/** What holds the reservation of an admitted request. */
export interface Reserving {
  settle(reserved: Estimate, actual: Estimate, atMs: number): void;
}

export class ReservedAdmission implements Admission {
  readonly kind = "admitted";
  readonly #owner: Reserving;
  readonly #reserved: Estimate;
  readonly #atMs: number;
  #isSettled = false;

  constructor(owner: Reserving, reserved: Estimate, atMs: number) {
    this.#owner = owner;
    this.#reserved = reserved;
    this.#atMs = atMs;
  }

  settle(actual: { readonly tokens?: number | undefined; readonly nanoDollars?: number | undefined }): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { tokens = this.#reserved.tokens, nanoDollars = this.#reserved.nanoDollars } = actual;
    this.#owner.settle(this.#reserved, { tokens, nanoDollars }, this.#atMs);
  }
}
