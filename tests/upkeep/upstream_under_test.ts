import { dialectDefaults } from "../../src/core/presets.ts";
import type { Provider } from "../../src/core/provider.ts";
import { Secret } from "../../src/core/secret.ts";
import type { SimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { createLog } from "../../src/log.ts";
import { type LiveProvider, LiveProviders } from "../../src/pool/live_providers.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import { POLICY, pooledKey } from "../pool/samples.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

/** Providers in memory with a real way out to them; its clock stands. `using` ends it. */
export class UpstreamUnderTest {
  readonly ticker = new ManualTicker(Date.now());
  readonly transport = new Http1Transport({ ticker: this.ticker });
  readonly random = () => 0.5;
  readonly live = new LiveProviders(this.ticker, this.random);
  readonly logged: string[] = [];
  readonly log = createLog("debug", (line) => void this.logged.push(line), (text) => text);
  saves = 0;

  readonly openSecret = (key: { readonly sealedSecret?: string }) => {
    if (key.sealedSecret === "spoilt") throw new Error("Cannot open this secret");
    return new Secret(key.sealedSecret ?? "");
  };
  readonly saveHealth = () => {
    this.saves++;
    return Promise.resolve();
  };

  /** Adds a provider of OpenAI's dialect unless told; its keys are named by their secrets. */
  add(fields: Partial<Provider> & Pick<Provider, "baseUrl">, secrets: readonly string[]): LiveProvider {
    const dialect = fields.dialect ?? "openai";
    const live = this.live.set({
      id: `id-${fields.slug ?? dialect}`,
      slug: dialect,
      name: dialect,
      dialect,
      ...dialectDefaults(dialect),
      ...(dialect === "openai" && { vendor: "openai" }),
      strategy: "round_robin",
      isEnabled: true,
      priority: 1,
      models: [],
      modelMap: {},
      prices: {},
      policy: POLICY,
      allowedMethods: [],
      translate: "native",
      ...fields,
    });
    for (const secret of secrets) live.pool.set(pooledKey(secret, { sealedSecret: secret }));
    return live;
  }

  /** The simulated provider, with all the keys that it knows. */
  addSimulated(provider: SimulatedProvider, fields: Partial<Provider> = {}): LiveProvider {
    return this.add({ baseUrl: provider.baseUrl, ...fields }, [...provider.served.keys()]);
  }

  events(name: string): unknown[] {
    return this.logged.map((line): unknown => JSON.parse(line)).filter((entry) =>
      typeof entry === "object" && entry !== null && "event" in entry && entry.event === name
    );
  }

  [Symbol.dispose](): void {
    this.transport.close();
  }
}

/** Lets time pass step by step until it is settled, so that whatever waits for the clock goes on. */
export async function whileTimePasses<T>(ticker: ManualTicker, promise: Promise<T>, stepMs = 50): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  while (!isSettled) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!isSettled) ticker.advance(stepMs);
  }
  return await settled;
}

/** A provider of OpenAI's dialect, small enough for what no simulated one does. */
export async function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  test: (origin: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  try {
    await test(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}
