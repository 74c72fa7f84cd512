import { type Credential, credentialOf } from "../pool/credential.ts";
import type { AttemptDeps } from "./plan.ts";
import type { Turn } from "./turn.ts";

/** The key as it is sent, or `undefined` when its stored secret does not open. */
export function openCredential(
  { live, lease }: Turn,
  { openSecret, log }: Pick<AttemptDeps, "openSecret" | "log">,
): Credential | undefined {
  try {
    return credentialOf(live.provider, lease.key, openSecret);
  } catch (error) {
    // Not the request's fault: the key is set aside with the reason, and the next one is taken.
    log.error("key.sealed", { providerKeyId: lease.key.id, error });
    return undefined;
  }
}
