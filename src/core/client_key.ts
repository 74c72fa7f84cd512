import type { ClientLimits } from "./client_limits.ts";

/** What a caller presents, as its owner keeps it. The secret itself is shown once and stored as a hash. */
export interface ClientKey extends ClientKeyBounds {
  readonly id: string;
  readonly name: string;
  /** Last four characters of the secret, for people to tell client keys apart. */
  readonly lastFour: string;
  readonly isEnabled: boolean;
  /** From this moment on it is refused; `undefined` means never. */
  readonly expiresAtMs?: number;
  readonly createdAtMs: number;
}

/** What a client key is bound to. An empty list binds to nothing: all are allowed. */
export interface ClientKeyBounds {
  /** Slugs of the providers and groups that it may ask. A slug that is no more still binds. */
  readonly targets: readonly string[];
  /** Patterns of the models that it may ask for; `*` stands for any characters. */
  readonly models: readonly string[];
  /** Addresses and CIDR networks that it may come from. */
  readonly networks: readonly string[];
  readonly limits: ClientLimits;
}

/** Bound to nothing. */
export const UNBOUND: ClientKeyBounds = { targets: [], models: [], networks: [], limits: {} };

const ENVIRONMENT_PREFIX = "env-";

/** The id of the n-th client key that is set in the environment, and lives as long as the process. */
export function environmentClientKeyId(number: number): string {
  return `${ENVIRONMENT_PREFIX}${number}`;
}

export function isFromEnvironment(clientKeyId: string): boolean {
  return clientKeyId.startsWith(ENVIRONMENT_PREFIX);
}
