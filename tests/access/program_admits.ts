/**
 * Hammers one client key until its limits refuse, and prints a line for each request that is let in.
 * Run by limiter_instances_test.ts with the KV file, the name of the instance and the requests a day.
 */
import { ClientLimiter } from "../../src/access/client_limiter.ts";
import { createLog } from "../../src/log.ts";
import { openKv } from "../../src/store/kv.ts";
import { exchangeWindows } from "../../src/store/window_store.ts";
import { SystemTicker } from "../../src/ticker.ts";

const [path = "", instance = "", limit = ""] = Deno.args;
const encoder = new TextEncoder();
const kv = await openKv({ kind: "file", path });
const ticker = new SystemTicker();
const limiter = new ClientLimiter({
  ticker,
  windows: (id, change) => exchangeWindows(kv, id, change),
  log: createLog("info", (line) => void Deno.stderr.writeSync(encoder.encode(`${line}\n`)), (text) => text),
  instance,
});
const clientKey = { id: "hammered", limits: { requestsPerMinute: Number(limit), requestsPerDay: 1_000_000 } };
let refusedSinceMs = Infinity;
// The others may still give something back for a while.
while (!(Date.now() - refusedSinceMs > 2_000)) {
  const results = await Promise.all(
    Array.from({ length: 5 }, () => limiter.admit(clientKey, { tokens: 0, nanoDollars: 0 })),
  );
  const admitted = results.filter((result) => result.kind === "admitted");
  for (const admission of admitted) admission.settle({});
  if (admitted.length > 0) Deno.stdout.writeSync(encoder.encode("\n".repeat(admitted.length)));
  if (admitted.length > 0) refusedSinceMs = Infinity;
  else refusedSinceMs = Math.min(refusedSinceMs, Date.now());
  await new Promise((resolve) => setTimeout(resolve, 10));
}
await limiter.close();
ticker.close();
kv.close();
