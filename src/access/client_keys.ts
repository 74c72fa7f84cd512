import type { ClientKey } from "../core/client_key.ts";

/** A client key with the hash it is looked up by. */
export interface HashedClientKey {
  readonly hash: string;
  readonly clientKey: ClientKey;
}

/**
 * All client keys in memory, looked up by the keyed hash of what a caller presents: one hash and one map
 * look-up, the same work for a right key as for a wrong one, however many there are.
 */
export class ClientKeys {
  readonly #byHash = new Map<string, ClientKey>();
  readonly #hashById = new Map<string, string>();
  readonly #hash: (presented: string) => string;
  readonly #allowAnonymous: boolean;

  constructor(hash: (presented: string) => string, allowAnonymous: boolean) {
    this.#hash = hash;
    this.#allowAnonymous = allowAnonymous;
  }

  set({ hash, clientKey }: HashedClientKey): void {
    this.delete(clientKey.id);
    this.#byHash.set(hash, clientKey);
    this.#hashById.set(clientKey.id, hash);
  }

  delete(id: string): void {
    const hash = this.#hashById.get(id);
    if (hash === undefined) return;
    this.#byHash.delete(hash);
    this.#hashById.delete(id);
  }

  list(): ClientKey[] {
    return [...this.#byHash.values()];
  }

  /**
   * Who presents this key. `"anonymous"` when no key is presented and none is asked for; `undefined` when the
   * caller may not be served: a wrong, disabled or expired key, or none.
   */
  authenticate(presented: string | undefined, nowMs: number): ClientKey | "anonymous" | undefined {
    if (presented === undefined) return this.#allowAnonymous ? "anonymous" : undefined;
    const clientKey = this.#byHash.get(this.#hash(presented));
    if (clientKey === undefined) return this.#allowAnonymous ? "anonymous" : undefined;
    const isExpired = clientKey.expiresAtMs !== undefined && clientKey.expiresAtMs <= nowMs;
    return clientKey.isEnabled && !isExpired ? clientKey : undefined;
  }
}
