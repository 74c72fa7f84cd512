import type { Config } from "../config.ts";
import { headerValue, isBytes } from "../core/http.ts";
import type { Provider } from "../core/provider.ts";
import type { Ticker } from "../core/watch.ts";
import { baseOf } from "../transport/provider_path.ts";
import { type Transport, TransportError } from "../transport/transport.ts";
import { fault, type Finding, good, note } from "./finding.ts";

export interface ProviderCheck {
  /** The way out that requests take. */
  readonly openTransport: (config: Config) => { readonly transport: Transport; readonly ticker: Ticker };
}

/** Each answers at once or not at all: nobody waits for a doctor. */
const PATIENCE_MS = 5_000;
/** The header tells whole seconds, and is some time on its way. */
const MAX_SKEW_MS = 30_000;

/** Whether enabled providers answer, over the way that requests take and without a key, and what time they have. */
export async function checkProviders(
  config: Config,
  providers: readonly Provider[],
  { openTransport }: ProviderCheck,
): Promise<Finding[]> {
  const enabled = providers.filter(({ isEnabled }) => isEnabled);
  if (enabled.length === 0) {
    return [note("providers", "none is enabled, so none was asked, and the clock not compared")];
  }
  const { transport, ticker } = openTransport(config);
  try {
    const reached = await Promise.all(enabled.map((provider) => reach(provider, transport, ticker)));
    return [...reached.map(({ finding }) => finding), ...checkClock(reached)];
  } finally {
    transport.close();
  }
}

interface Reached {
  readonly finding: Finding;
  /** The provider's clock less ours, when it told its own; off by at most `uncertainMs`. */
  readonly skew?: { readonly ms: number; readonly uncertainMs: number };
}

async function reach(provider: Provider, transport: Transport, ticker: Ticker): Promise<Reached> {
  const what = `provider ${provider.slug}`;
  const { origin, prefix } = baseOf(provider);
  const begunMs = ticker.now();
  const call = transport.send({
    origin,
    method: "GET",
    path: prefix === "" ? "/" : prefix,
    headers: [["accept-encoding", "identity"]],
    mayRepeat: true,
  }, {
    connectTimeoutMs: PATIENCE_MS,
    firstByteTimeoutMs: PATIENCE_MS,
    idleTimeoutMs: PATIENCE_MS,
    deadlineMs: begunMs + PATIENCE_MS,
  });
  try {
    const { status, headers, body } = await call.answer;
    if (!isBytes(body)) body.cancel();
    const nowMs = ticker.now();
    const theirMs = Date.parse(headerValue(headers, "date") ?? "");
    const over = origin.isTls ? "TLS" : "plain HTTP";
    return {
      finding: good(
        what,
        `${origin.hostname} answers over ${over} in ${nowMs - begunMs} ms (HTTP ${status})`,
      ),
      ...(!Number.isNaN(theirMs) && { skew: { ms: theirMs - nowMs, uncertainMs: nowMs - begunMs + 1_000 } }),
    };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { finding: fault(what, `${error.message}: check its base URL, this machine's DNS and firewall`) };
  }
}

function checkClock(reached: readonly Reached[]): Finding[] {
  const skews = reached.flatMap(({ skew }) => skew ?? []);
  if (skews.length === 0) return [note("clock", "no provider has told the time to compare with")];
  // One whose clock is wrong must not speak for all.
  const median = skews.toSorted((one, other) => one.ms - other.ms)[skews.length >> 1];
  const ms = median?.ms ?? 0;
  return [
    Math.abs(ms) <= MAX_SKEW_MS + (median?.uncertainMs ?? 0)
      ? good("clock", "agrees with the providers'")
      : fault(
        "clock",
        `is ${Math.round(Math.abs(ms) / 1000)} s ${
          ms > 0 ? "behind" : "ahead of"
        } the providers': set it by NTP`,
      ),
  ];
}
