import type { Provider } from "../core/provider.ts";
import { modelListPath, readModelPage } from "../dialect/model_list.ts";
import type { Log } from "../log.ts";
import { credentialOf } from "../pool/credential.ts";
import type { LiveProvider, LiveProviders } from "../pool/live_providers.ts";
import type { PooledKey } from "../pool/pool_key.ts";
import { findModelList, saveModelList } from "../store/model_list_store.ts";
import type { AskDeps } from "./ask_about_key.ts";
import { eachAtMost } from "./pace.ts";
import { getUpstream } from "./upstream_get.ts";

export interface ModelListDeps extends AskDeps {
  readonly kv: Deno.Kv;
  readonly live: LiveProviders;
  readonly log: Log;
  /** How old a list may be; six hours unless told. */
  readonly freshMs?: number;
  /** Takes what a provider was found to have; called again when that has changed. */
  readonly onModels: (providerId: string, models: readonly string[]) => void;
}

/**
 * Learns the models of providers whose operator told none, by asking them with one of their keys. What one instance
 * has learned is kept in Deno KV: the others and the next start take it over without asking.
 */
export class ModelLists {
  readonly #deps: ModelListDeps;
  readonly #freshMs: number;
  /** When to ask again, by provider; a changed provider is another object. */
  readonly #dueMs = new WeakMap<Provider, number>();
  readonly #failuresInRow = new WeakMap<Provider, number>();

  constructor(deps: ModelListDeps) {
    this.#deps = deps;
    this.#freshMs = deps.freshMs ?? FRESH_MS;
  }

  /** Asks those that are due: every six hours unless told, and after failures in ever longer steps from ten minutes on. */
  async refresh(signal: AbortSignal): Promise<void> {
    const untold = this.#deps.live.list().filter(({ provider }) => provider.isEnabled && isUntold(provider));
    await eachAtMost(untold, PROVIDERS_AT_ONCE, async (each) => {
      await this.#refreshOne(each, signal);
      return !signal.aborted;
    });
  }

  async #refreshOne(live: LiveProvider, signal: AbortSignal): Promise<void> {
    const { kv, ticker, log, onModels } = this.#deps;
    const { provider } = live;
    const nowMs = ticker.now();
    if ((this.#dueMs.get(provider) ?? 0) > nowMs) return;
    const stored = await findModelList(kv, provider.id);
    if (stored?.baseUrl === provider.baseUrl && stored.learnedAtMs + this.#freshMs > nowMs) {
      this.#dueMs.set(provider, stored.learnedAtMs + this.#freshMs);
      return onModels(provider.id, stored.models);
    }
    const keys = usableKeys(live);
    // Nobody is asked without a key; the next time there may be one.
    if (keys.length === 0 || live.closedToCallsUntilMs(nowMs) !== undefined) return;
    const models = await this.#askWith(provider, keys, signal);
    if (signal.aborted) return;
    if (models === undefined) {
      const failures = (this.#failuresInRow.get(provider) ?? 0) + 1;
      this.#failuresInRow.set(provider, failures);
      this.#dueMs.set(provider, nowMs + Math.min(this.#freshMs, RETRY_MS * 2 ** (failures - 1)));
      log.warn("models.not_learned", { provider: provider.slug, failuresInRow: failures });
      if (stored?.baseUrl === provider.baseUrl) onModels(provider.id, stored.models);
      return;
    }
    this.#failuresInRow.delete(provider);
    this.#dueMs.set(provider, nowMs + this.#freshMs);
    await saveModelList(kv, provider.id, { baseUrl: provider.baseUrl, models, learnedAtMs: nowMs });
    log.info("models.learned", { provider: provider.slug, models: models.length });
    onModels(provider.id, models);
  }

  async #askWith(
    provider: Provider,
    keys: readonly PooledKey[],
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    for (const key of keys) {
      const models = await this.#askAll(provider, key, signal);
      if (models !== undefined || signal.aborted) return models;
    }
    return undefined;
  }

  /** All pages of the list, or `undefined` when one of them does not come. */
  async #askAll(
    provider: Provider,
    key: PooledKey,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    let credential;
    try {
      credential = credentialOf(provider, key, this.#deps.openSecret);
    } catch {
      // Another key may open.
      return undefined;
    }
    const models = new Set<string>();
    let after: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const path = modelListPath(provider.dialect, after);
      if (path === undefined) return undefined;
      const get = { provider, credential, path, maxBytes: MAX_PAGE_BYTES, signal };
      const { verdict, text } = await getUpstream(this.#deps, get);
      const isGood = verdict.kind === "succeeded" || verdict.kind === "ok_empty";
      const read = isGood ? readModelPage(provider.dialect, text) : undefined;
      if (read === undefined) return undefined;
      for (const model of read.models) models.add(model);
      // A server that gives the same page for ever must not hold this up.
      if (read.next === undefined || read.next === after || models.size >= MAX_MODELS) break;
      after = read.next;
    }
    return [...models].slice(0, MAX_MODELS);
  }
}

const FRESH_MS = 6 * 3600_000;
const RETRY_MS = 10 * 60_000;
const PROVIDERS_AT_ONCE = 4;
const KEYS_TRIED = 3;
/** Keys looked at to find some that can be used: a pool of dead keys is not searched to its end. */
const KEYS_LOOKED_AT = 1000;
const MAX_PAGES = 20;
const MAX_PAGE_BYTES = 8 * 1024 * 1024;
const MAX_MODELS = 5000;

function isUntold({ models, dialect }: Provider): boolean {
  return models.length === 0 && modelListPath(dialect) !== undefined;
}

/** A list costs nothing, so that a key which rests for a limit serves too; proven keys come first. */
function usableKeys({ pool }: LiveProvider): PooledKey[] {
  const usable = pool.entries(0, KEYS_LOOKED_AT)
    .filter(({ key, health }) => key.isEnabled && health.state !== "rejected");
  const proven = usable.filter(({ health }) => health.lastSuccessMs !== undefined);
  const others = usable.filter(({ health }) => health.lastSuccessMs === undefined);
  return [...proven, ...others].slice(0, KEYS_TRIED).map(({ key }) => key);
}
