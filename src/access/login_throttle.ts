/** Wrong passwords of late, from one address or for one account. Plain data, safe for Deno KV. */
export interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

/** How many are free, how long the wait after the next ones is, and when all is forgotten. */
export interface ThrottlePolicy {
  readonly freeTries: number;
  readonly baseMs: number;
  readonly capMs: number;
  readonly forgetMs: number;
}

/** One address, whatever accounts it tries. */
export const ADDRESS_POLICY: ThrottlePolicy = {
  freeTries: 5,
  baseMs: 2_000,
  capMs: 15 * 60_000,
  forgetMs: 24 * 3_600_000,
};

/**
 * One account, from wherever it is tried by browsers that nobody has signed in with before: a spray over many
 * addresses is slowed down, and whoever has signed in before is not held up by it.
 */
export const ACCOUNT_POLICY: ThrottlePolicy = {
  freeTries: 20,
  baseMs: 1_000,
  capMs: 60_000,
  forgetMs: 3_600_000,
};

/** Milliseconds until the next try is heard; 0 for now. */
export function waitMs(failures: Failures | undefined, policy: ThrottlePolicy, nowMs: number): number {
  if (failures === undefined || nowMs - failures.lastMs >= policy.forgetMs) return 0;
  const step = failures.count - policy.freeTries;
  if (step < 0) return 0;
  const pause = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(step, 30));
  return Math.max(0, failures.lastMs + pause - nowMs);
}

/** With one more wrong password. */
export function addFailure(
  failures: Failures | undefined,
  policy: ThrottlePolicy,
  nowMs: number,
): Failures {
  const isForgotten = failures === undefined || nowMs - failures.lastMs >= policy.forgetMs;
  return { count: isForgotten ? 1 : failures.count + 1, lastMs: nowMs };
}

/** Who an address stands for: itself, or the /64 network that one person has in IPv6. */
export function throttledAddress(address: string | undefined): string {
  if (address === undefined) return "unknown";
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = head.split(":").filter((group) => group !== "");
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(":").filter(Boolean).length;
  return [...groups, ...new Array<string>(Math.max(0, missing)).fill("0")].slice(0, 4).join(":") + "::/64";
}
