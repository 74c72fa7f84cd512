import type { Verdict } from "../core/verdict.ts";

/** Why a call got no (whole) answer: the faults of the transport, by name. */
export type CallFault =
  | "connect_failed"
  | "connect_timeout"
  | "first_byte_timeout"
  | "idle_timeout"
  | "deadline"
  | "reset"
  | "protocol"
  | "cancelled"
  | "request_body";

/**
 * What a call without an answer means: the provider is down, or the caller is gone; never a key's fault.
 * `wasSent` tells whether the upstream may have served it; then it is tried again only if `mayRepeat`
 * (the provider's repeat rule, and for `safe` the dialect's `isRepeatable`).
 */
export function judgeTransport(fault: CallFault, wasSent: boolean, mayRepeat: boolean): Verdict {
  const rule = `transport.${fault}`;
  switch (fault) {
    case "cancelled":
    case "request_body":
      return { kind: "client_gone", scope: "client", action: "answer", isConclusive: true, rule };
    case "deadline":
      // No time is left for another attempt.
      return { kind: "provider_down", scope: "upstream", action: "answer", isConclusive: false, rule };
    case "connect_failed":
    case "connect_timeout":
    case "first_byte_timeout":
    case "idle_timeout":
    case "reset":
    case "protocol": {
      const action = !wasSent || mayRepeat ? "retry" : "answer";
      return { kind: "provider_down", scope: "upstream", action, isConclusive: false, rule };
    }
  }
}
