import type { ProviderPolicy } from "../../src/core/provider.ts";
import { SUCCEEDED, type Verdict } from "../../src/core/verdict.ts";
import { type Ask, KeyPool, type KeyPoolSettings } from "../../src/pool/key_pool.ts";
import { Lease, type PooledKey } from "../../src/pool/pool_key.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

export const POLICY: ProviderPolicy = {
  connectTimeoutMs: 10_000,
  firstByteTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
  deadlineMs: 120_000,
  maxAttempts: 4,
  maxWaitMs: 10_000,
  cooldownBaseMs: 1000,
  cooldownCapMs: 60_000,
  maxConsecutiveFailures: 3,
  repeat: "safe",
  onClientGone: "abort",
  allowPrivateNetwork: false,
  allowPlainHttp: false,
};

/** Jitter of ±0%. */
export const MIDDLE = () => 0.5;

export const ANY_KEY: Ask = { tried: [] };

export function pooledKey(id: string, more: Partial<PooledKey> = {}): PooledKey {
  return { id, isEnabled: true, weight: 1, priority: 0, ...more };
}

/** A pool with these keys, and its clock. */
export function poolOf(
  keys: readonly PooledKey[],
  settings: Partial<KeyPoolSettings & { readonly random: () => number }> = {},
): { readonly pool: KeyPool; readonly ticker: ManualTicker } {
  const ticker = new ManualTicker();
  const pool = new KeyPool({ strategy: "round_robin", policy: POLICY, random: MIDDLE, ...settings, ticker });
  for (const key of keys) pool.set(key);
  return { pool, ticker };
}

/** Lets every key of the pool have worked once. */
export function proveAll(pool: KeyPool): void {
  for (const { key } of pool.entries(0, Infinity)) pool.reportCheck(key.id, SUCCEEDED);
}

/** The lease that must be there. */
export function take(pool: KeyPool, ask: Ask = ANY_KEY): Lease {
  const lease = pool.acquire(ask);
  if (lease instanceof Lease) return lease;
  throw new Error(`Cannot take a key: ${lease.reason}`);
}

/** Takes and gives back, with success; gives the key's id. */
export function use(pool: KeyPool, ask: Ask = ANY_KEY): string {
  const lease = take(pool, ask);
  pool.report(lease, SUCCEEDED);
  pool.release(lease);
  return lease.key.id;
}

export function verdictOf(kind: Verdict["kind"], more: Partial<Verdict> = {}): Verdict {
  return { kind, scope: "key", action: "next_key", isConclusive: false, rule: `test.${kind}`, ...more };
}
