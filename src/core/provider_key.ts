/** A secret of a provider, as an operator keeps it. What was observed of it is its health (health.ts). */
export interface ProviderKey {
  readonly id: string;
  readonly providerId: string;
  /** Last four characters of the secret, the only ones ever shown. */
  readonly lastFour: string;
  /** Whether the operator wants it used. */
  readonly isEnabled: boolean;
  /** Share under the `weighted` strategy: 1 to 1000. */
  readonly weight: number;
  /** Order under the `priority` strategy: the lower number is used first. */
  readonly priority: number;
  /** Keys of one quota (a project, an organisation) carry the same account; `undefined` means its own. */
  readonly account?: string;
  /** Requests in one quota period, then it is exhausted until the reset; `undefined` means no limit. */
  readonly maxRequests?: number;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAtMs: number;
}

export const MIN_WEIGHT = 1;
export const MAX_WEIGHT = 1000;
