import type { KeyCheck } from "../core/key_check.ts";
import type { Provider } from "../core/provider.ts";
import { SEALED, type Verdict } from "../core/verdict.ts";
import { keyCheckRequest, readKeyCheck } from "../dialect/key_check.ts";
import { credentialOf, type OpenSecret } from "../pool/credential.ts";
import type { PooledKey } from "../pool/pool_key.ts";
import type { EndpointProofs } from "./endpoint_proof.ts";
import { getUpstream, type UpstreamDeps } from "./upstream_get.ts";

export interface AskDeps extends UpstreamDeps {
  readonly openSecret: OpenSecret;
}

/**
 * Asks a provider whether it knows a key. A yes counts only from a request that it refuses without a valid key, as
 * `proofs` tell where the vendor is not known for it.
 */
export async function askAboutKey(
  deps: AskDeps,
  proofs: EndpointProofs,
  provider: Provider,
  key: PooledKey,
  signal?: AbortSignal,
): Promise<Pick<KeyCheck, "result" | "verdict">> {
  const request = keyCheckRequest(provider);
  if (request === undefined) return { result: "failed", verdict: UNPROVABLE };
  const { path, isKnownToAuthenticate } = request;
  let credential;
  try {
    credential = credentialOf(provider, key, deps.openSecret);
  } catch {
    // It was logged when it was first used; a master key that fits brings it back.
    return { result: "rejected", verdict: SEALED };
  }
  const { verdict } = await getUpstream(deps, {
    provider,
    credential,
    path,
    maxBytes: MAX_READ_BYTES,
    signal,
  });
  const result = readKeyCheck(verdict);
  if (result !== "accepted" || isKnownToAuthenticate) return { result, verdict };
  switch (await proofs.prove(provider, path)) {
    case "guarded":
      return { result, verdict };
    case "open":
      return { result: "failed", verdict: OPEN_TO_ALL };
    case "unknown":
      return { result: "failed", verdict: NOT_PROVEN };
  }
}

/** Whether no key of this provider can be checked: to ask about the next one would show nothing either. */
export function showsNothing(verdict: Verdict): boolean {
  return verdict === UNPROVABLE || verdict === OPEN_TO_ALL;
}

const MAX_READ_BYTES = 64 * 1024;

const UNPROVABLE = nothingShown(
  "check.no_request",
  "No request is known that would prove a key of this provider",
);
const OPEN_TO_ALL = nothingShown(
  "check.open_to_all",
  "The provider answers this request without a valid key too, so it proves nothing",
);
const NOT_PROVEN = nothingShown(
  "check.not_proven",
  "The provider did not tell whether it answers this request without a valid key",
);

function nothingShown(rule: string, reason: string): Verdict {
  return { kind: "request_bad", scope: "request", action: "answer", isConclusive: false, rule, reason };
}
