import { Buffer } from "node:buffer";
import type { Header } from "../core/http.ts";
import type { CredentialPlace } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";

/** A provider key as it stands in a request: a header, or a parameter that is added to the query. */
export interface Credential {
  readonly header?: Header;
  /** `name=value`, encoded. */
  readonly parameter?: string;
  /** What must never come back in an answer: the secret itself. */
  readonly secret: Secret;
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
