import { FRESH_HEALTH } from "../../src/core/health.ts";
import { STRATEGIES } from "../../src/core/provider.ts";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { Lease } from "../../src/pool/pool_key.ts";
import { ANY_KEY, pooledKey, poolOf, proveAll } from "../pool/samples.ts";

// One pick among 100,000 keys of which every second one rests. `deno bench tests/bench/pool_bench.ts`

const KEYS = 100_000;

for (const strategy of STRATEGIES) {
  const keys = Array.from(
    { length: KEYS },
    (_, index) => pooledKey(`key-${index}`, { weight: 1 + (index * 7919) % 1000, priority: index % 100 }),
  );
  const { pool } = poolOf(keys, { strategy });
  proveAll(pool);
  for (let index = 0; index < KEYS; index += 2) {
    const rest = { state: "cooling" as const, untilMs: 1e12 + index, source: "header" as const };
    pool.setHealth(`key-${index}`, { ...FRESH_HEALTH, ...rest });
    if (index % 20 === 10) {
      const pair = {
        untilMs: 1e12,
        sinceMs: 1,
        ladderStep: 0,
        rule: "bench",
        source: "header",
        cause: "key_limited",
      } as const;
      pool.setHealth(`key-${index + 1}`, { ...FRESH_HEALTH, lastSuccessMs: 1, models: { "model-a": pair } });
    }
  }

  Deno.bench(`${strategy}: acquire and release`, { group: strategy, baseline: true }, () => {
    const lease = pool.acquire(ANY_KEY);
    if (lease instanceof Lease) pool.release(lease);
  });

  Deno.bench(`${strategy}: acquire, report success, release`, { group: strategy }, () => {
    const lease = pool.acquire(ANY_KEY);
    if (!(lease instanceof Lease)) return;
    pool.report(lease, SUCCEEDED);
    pool.release(lease);
  });

  Deno.bench(`${strategy}: for a model for which a tenth rests, two keys tried`, { group: strategy }, () => {
    const lease = pool.acquire({ model: "model-a", tried: ["key-1", "key-3"] });
    if (lease instanceof Lease) pool.release(lease);
  });
}
