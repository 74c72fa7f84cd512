import { Buffer } from "node:buffer";
import type { Header } from "../core/http.ts";
import type { CredentialPlace, Provider } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import type { PooledKey } from "./pool_key.ts";

/** A provider key as it stands in a request: a header, or a parameter that is added to the query. */
export interface Credential {
  readonly header?: Header;
  /** `name=value`, encoded. */
  readonly parameter?: string;
  /** What must never come back in an answer: the secret itself. */
  readonly secret: Secret;
}

/** Opens the stored secret of a key. @throws when it does not open. */
export type OpenSecret = (key: PooledKey) => Secret;

/** Credentials by key, with the provider whose way of sending them they follow. */
const credentials = new WeakMap<
  PooledKey,
  { readonly provider: Provider; readonly credential: Credential }
>();

/**
 * The key's credential as this provider takes it; the secret is opened on first use.
 * @throws what `open` throws when the stored secret does not open.
 */
export function credentialOf(provider: Provider, key: PooledKey, open: OpenSecret): Credential {
  const known = credentials.get(key);
  if (known !== undefined && known.provider === provider) return known.credential;
  key.secret ??= open(key);
  const credential = placeCredential(key.secret, provider.credential);
  credentials.set(key, { provider, credential });
  return credential;
}

/** Writes a secret where the provider expects it. Made once a key, not once a request. */
export function placeCredential(secret: Secret, place: CredentialPlace): Credential {
  const value = secret.reveal();
  switch (place.kind) {
    case "bearer":
      return { header: ["authorization", `Bearer ${value}`], secret };
    case "header":
      return { header: [place.name.toLowerCase(), `${place.prefix ?? ""}${value}`], secret };
    case "basic": {
      // RFC 7617: user and password joined by a colon; a secret without one is the user.
      const pair = value.includes(":") ? value : `${value}:`;
      return { header: ["authorization", `Basic ${Buffer.from(pair).toString("base64")}`], secret };
    }
    case "query":
      return { parameter: `${encodeURIComponent(place.name)}=${encodeURIComponent(value)}`, secret };
  }
}
