import type { ClientKey } from "../core/client_key.ts";

/** A client key with the hash it is looked up by, and the one that it had before its last rotation. */
export interface HashedClientKey {
  readonly hash: string;
  /** Accepted until `graceUntilMs`, and not from that very moment on. */
  readonly previous?: { readonly hash: string; readonly graceUntilMs: number };
  readonly clientKey: ClientKey;
}

interface Entry {
  readonly clientKey: ClientKey;
  /** `Infinity` for the hash that the client key has now. */
  readonly untilMs: number;
}

/**
 * All client keys in memory, looked up by the keyed hash of what a caller presents: one hash and one map
 * look-up, the same work for a right key as for a wrong one, however many there are. No hash is remembered, or
 * the time of an answer would tell that a key exists.
 */
export class ClientKeys {
  readonly #byHash = new Map<string, Entry>();
  readonly #byId = new Map<string, HashedClientKey>();
  readonly #hash: (presented: string) => string;
  readonly #allowAnonymous: boolean;

  constructor(hash: (presented: string) => string, allowAnonymous: boolean) {
    this.#hash = hash;
    this.#allowAnonymous = allowAnonymous;
  }

  set(hashed: HashedClientKey): void {
    const { hash, previous, clientKey } = hashed;
    this.delete(clientKey.id);
    this.#byId.set(clientKey.id, hashed);
    this.#byHash.set(hash, { clientKey, untilMs: Infinity });
    // Somebody's present key stands before anybody's old one.
    if (previous !== undefined && !this.#byHash.has(previous.hash)) {
      this.#byHash.set(previous.hash, { clientKey, untilMs: previous.graceUntilMs });
    }
  }

  delete(id: string): void {
    const known = this.#byId.get(id);
    if (known === undefined) return;
    this.#byId.delete(id);
    for (const hash of [known.hash, known.previous?.hash ?? ""]) {
      if (this.#byHash.get(hash)?.clientKey.id === id) this.#byHash.delete(hash);
    }
  }

  list(): ClientKey[] {
    return [...this.#byId.values()].map(({ clientKey }) => clientKey);
  }

  /**
   * Who presents this key. `"anonymous"` when no key is presented and none is asked for; `undefined` when the
   * caller may not be served: a wrong, disabled or expired key, or none.
   */
  authenticate(presented: string | undefined, nowMs: number): ClientKey | "anonymous" | undefined {
    if (presented === undefined) return this.#allowAnonymous ? "anonymous" : undefined;
    const found = this.#byHash.get(this.#hash(presented));
    if (found === undefined) return this.#allowAnonymous ? "anonymous" : undefined;
    const { clientKey, untilMs } = found;
    if (untilMs <= nowMs) return undefined;
    const isExpired = clientKey.expiresAtMs !== undefined && clientKey.expiresAtMs <= nowMs;
    return clientKey.isEnabled && !isExpired ? clientKey : undefined;
  }
}
