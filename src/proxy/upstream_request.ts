import type { Header } from "../core/http.ts";
import type { Provider } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import type { PooledKey } from "../pool/pool_key.ts";
import { type Base, parseBaseUrl } from "../transport/origin.ts";
import type { UpstreamRequest } from "../transport/transport.ts";
import { type Credential, placeCredential } from "./credential.ts";
import { upstreamHeaders } from "./headers.ts";
import { joinPath, type VersionRule } from "./path.ts";
import type { RequestBody } from "./request_body.ts";

/** What of a request goes to whichever provider serves it. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path behind the provider's prefix, with the model that is really asked for. */
  readonly rest: string;
  readonly query: string;
  readonly headers: readonly Header[];
  readonly body: RequestBody["body"];
  /** Whether the request passes as it is (`/proxy/…`). */
  readonly isRaw: boolean;
}

/** Bases by provider: taken apart once a change, since a provider is replaced as a whole. */
const bases = new WeakMap<Provider, Base>();

/** Credentials by key, with the provider whose way of sending them they follow. */
const credentials = new WeakMap<
  PooledKey,
  { readonly provider: Provider; readonly credential: Credential }
>();

/** The request as it goes to one provider with one key. */
export function upstreamRequest(
  outgoing: OutgoingRequest,
  provider: Provider,
  credential: Credential,
  mayRepeat: boolean,
): UpstreamRequest {
  const { origin, prefix } = baseOf(provider);
  const query = [outgoing.query, credential.parameter ?? ""].filter((part) => part !== "").join("&");
  const path = joinPath(prefix, outgoing.rest, versionRule(provider, outgoing.isRaw)) || "/";
  const request = {
    mayRepeat,
    origin,
    method: outgoing.method,
    path: query === "" ? path : `${path}?${query}`,
    headers: upstreamHeaders(outgoing.headers, provider.headers, credential.header, outgoing.isRaw),
  };
  return outgoing.body === undefined ? request : { ...request, body: outgoing.body };
}

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

/** Opens the stored secret of a key. @throws when it does not open. */
export type OpenSecret = (key: PooledKey) => Secret;

function baseOf(provider: Provider): Base {
  let base = bases.get(provider);
  if (base === undefined) {
    base = parseBaseUrl(provider.baseUrl);
    bases.set(provider, base);
  }
  return base;
}

/** OpenAI's clients always say `/v1`, also to providers whose version has another name. */
function versionRule(provider: Provider, isRaw: boolean): VersionRule {
  if (isRaw || provider.dialect === "rest") return "keep_both";
  return provider.dialect === "openai" ? "keep_prefix" : "keep_rest";
}
