import { ClientKeys } from "../../src/access/client_keys.ts";
import { isBytes } from "../../src/core/http.ts";
import { NetworkList } from "../../src/core/network_list.ts";
import type { Provider, ProviderPolicy } from "../../src/core/provider.ts";
import type { RequestRecord } from "../../src/core/request_record.ts";
import { Secret } from "../../src/core/secret.ts";
import { createLog } from "../../src/log.ts";
import { LiveGroups } from "../../src/pool/live_groups.ts";
import { LiveProviders } from "../../src/pool/live_providers.ts";
import { ModelIndex } from "../../src/pool/model_index.ts";
import type { Answer } from "../../src/proxy/answer.ts";
import type { Incoming } from "../../src/proxy/incoming.ts";
import { splitUrl } from "../../src/proxy/path.ts";
import { createRelay } from "../../src/proxy/relay.ts";
import { ThoughtMemory } from "../../src/proxy/thought_memory.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import { LivePrices } from "../../src/usage/live_prices.ts";
import { loneLimiter } from "../support/lone_limiter.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const POLICY: ProviderPolicy = {
  connectTimeoutMs: 10_000,
  firstByteTimeoutMs: 300_000,
  idleTimeoutMs: 120_000,
  deadlineMs: 600_000,
  maxAttempts: 10,
  maxWaitMs: 0,
  cooldownBaseMs: 15_000,
  cooldownCapMs: 600_000,
  maxConsecutiveFailures: 5,
  repeat: "safe",
  onClientGone: "abort",
  allowPrivateNetwork: false,
  allowPlainHttp: false,
};

/** The relay with real transport and pools, but a clock that stands until it is told to go on; open to anyone. */
export class RelayUnderTest {
  readonly ticker = new ManualTicker();
  readonly live = new LiveProviders(this.ticker, () => 0.5);
  readonly groups = new LiveGroups(this.live, this.ticker, () => 0.5);
  readonly models = new ModelIndex(this.live, this.groups);
  readonly prices = new LivePrices();
  readonly records: RequestRecord[] = [];
  readonly #transport = new Http1Transport({ ticker: this.ticker });
  readonly #relay = createRelay({
    transport: this.#transport,
    ticker: this.ticker,
    random: () => 0.5,
    log: createLog("silent", () => {}, (line) => line),
    openSecret: (key) => new Secret(key.id),
    live: this.live,
    groups: this.groups,
    models: this.models,
    thoughts: new ThoughtMemory(this.ticker),
    priceOf: (provider, model) => this.prices.find(provider, model, this.ticker.now()),
    trustedProxies: new NetworkList([]),
    limiter: loneLimiter(this.ticker),
    clientKeys: new ClientKeys((key) => key, true),
    limits: { maxReplayBytes: 1 << 20, maxBodyBytes: 1 << 20 },
    defaultModel: undefined,
    newRequestId: () => "req_test",
    record: (record) => void this.records.push(record),
  });

  /** Enters a provider whose keys have their own ids as secrets. */
  enter(
    slug: string,
    baseUrl: string,
    keyIds: readonly string[],
    policy: Partial<ProviderPolicy> = {},
  ): Provider {
    const provider: Provider = {
      id: slug,
      slug,
      name: slug,
      dialect: "openai",
      vendor: "openai",
      baseUrl,
      credential: { kind: "bearer" },
      headers: [],
      strategy: "round_robin",
      isEnabled: true,
      priority: 1,
      models: [],
      modelMap: {},
      prices: {},
      policy: { ...POLICY, ...policy },
      allowedMethods: [],
      translate: "native",
    };
    const { pool } = this.live.set(provider);
    for (const id of keyIds) {
      pool.set({
        id,
        isEnabled: true,
        weight: 1,
        priority: 1,
      });
    }
    return provider;
  }

  /** Posts JSON; the answer is read to its end. */
  async post(url: string, body: unknown): Promise<{ readonly answer: Answer; readonly text: string }> {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const incoming: Incoming = {
      method: "POST",
      ...splitUrl(url),
      headers: [["content-type", "application/json"], ["content-length", String(bytes.length)]],
      remoteAddress: () => undefined,
      body: () => undefined,
      bytes: () => Promise.resolve(bytes),
      onGone: () => {},
    };
    const answer = await this.#relay(incoming);
    const decoder = new TextDecoder();
    if (answer.body === undefined) return { answer, text: "" };
    if (isBytes(answer.body)) return { answer, text: decoder.decode(answer.body) };
    let text = "";
    for (let chunk = await answer.body.read(); chunk !== undefined; chunk = await answer.body.read()) {
      text += decoder.decode(chunk, { stream: true });
    }
    return { answer, text };
  }

  [Symbol.dispose](): void {
    this.#transport.close();
  }
}
