/** What a caller presents, as its owner keeps it. The secret itself is shown once and stored as a hash. */
export interface ClientKey {
  readonly id: string;
  readonly name: string;
  /** Last four characters of the secret, for people to tell client keys apart. */
  readonly lastFour: string;
  readonly isEnabled: boolean;
  /** From this moment on it is refused; `undefined` means never. */
  readonly expiresAtMs?: number;
  readonly createdAtMs: number;
}

const ENVIRONMENT_PREFIX = "env-";

/** The id of the n-th client key that is set in the environment, and lives as long as the process. */
export function environmentClientKeyId(number: number): string {
  return `${ENVIRONMENT_PREFIX}${number}`;
}

export function isFromEnvironment(clientKeyId: string): boolean {
  return clientKeyId.startsWith(ENVIRONMENT_PREFIX);
}
