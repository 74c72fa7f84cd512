import type { KeyHealth } from "../core/health.ts";
import type { KeyCheckResult } from "../core/key_check.ts";

/**
 * Whether a check could change what is known of the key: it is rejected, or in doubt (refused without a success since).
 * A key that is limited or exhausted is neither: it comes back by itself at its time, and a free request that succeeds
 * says nothing of its limit or its credit.
 */
export function isInDoubt(health: KeyHealth): boolean {
  switch (health.state) {
    case "rejected":
      return true;
    case "cooling":
      return health.cause === "key_dead";
    case "exhausted":
      return false;
    case "ready":
      return health.consecutiveFailures > 0;
  }
}

/**
 * What follows from a check that began at `startedMs`: `prove`, the key works, which is also said of one that was never
 * used; `blame`, the refusal is held against it.
 */
export function consequenceOf(
  health: KeyHealth,
  result: KeyCheckResult,
  startedMs: number,
): "prove" | "blame" | "none" {
  switch (result) {
    case "failed":
      return "none";
    case "rejected":
      return health.state === "rejected" ? "none" : "blame";
    case "accepted": {
      // What a request has shown since is newer.
      if ((health.lastFailureMs ?? 0) > startedMs) return "none";
      const wasNeverUsed = health.state === "ready" && health.lastSuccessMs === undefined &&
        !health.isReturning;
      return isInDoubt(health) || wasNeverUsed ? "prove" : "none";
    }
  }
}
