import type { Header } from "../core/http.ts";
import type { Provider } from "../core/provider.ts";
import type { Credential } from "../pool/credential.ts";
import { baseOf, joinPath, versionRule } from "../transport/provider_path.ts";
import type { UpstreamRequest } from "../transport/transport.ts";
import { upstreamHeaders } from "./upstream_headers.ts";
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
    headers: upstreamHeaders(outgoing.headers, provider.headers, credential.header),
  };
  return outgoing.body === undefined ? request : { ...request, body: outgoing.body };
}
