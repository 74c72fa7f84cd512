import type { KeyCheck, KeyCheckResult, KeyCheckTally, ProviderCheck } from "../core/key_check.ts";
import { SUCCEEDED } from "../core/verdict.ts";
import { keyCheckRequest } from "../dialect/key_check.ts";
import type { Log } from "../log.ts";
import type { LiveProvider, LiveProviders } from "../pool/live_providers.ts";
import type { PooledKey } from "../pool/pool_key.ts";
import { letOthersRun } from "../store/chunks.ts";
import { askAboutKey, type AskDeps, showsNothing } from "./ask_about_key.ts";
import { EndpointProofs } from "./endpoint_proof.ts";
import { consequenceOf, isInDoubt } from "./key_doubt.ts";
import { eachAtMost, Pace } from "./pace.ts";

export interface KeyCheckDeps extends AskDeps {
  readonly live: LiveProviders;
  readonly random: () => number;
  readonly log: Log;
  /** Stores what the pools know of their keys: what a person is told of must outlive the process. */
  readonly saveHealth: () => Promise<void>;
}

/** How many checks may begin a second, and how many may be under way, at one provider. */
interface CheckBudget {
  readonly perSecond: number;
  readonly inFlight: number;
}

/**
 * Finds out whether keys that are out of use have come back, by requests that cost nothing. Only an explicit yes
 * brings a key back, and only from a request that the provider refuses without a valid key.
 */
export class KeyChecks {
  readonly #deps: KeyCheckDeps;
  readonly #proofs: EndpointProofs;

  constructor(deps: KeyCheckDeps) {
    this.#deps = deps;
    this.#proofs = new EndpointProofs(deps);
  }

  /**
   * Checks every key that is in doubt, at several providers at once. A provider in trouble is left for the next time.
   * With very many keys it takes as long as its budget asks for.
   */
  async checkDoubtful(signal: AbortSignal): Promise<void> {
    const { live, ticker } = this.#deps;
    const providers = live.list().filter(({ provider }) =>
      provider.isEnabled && keyCheckRequest(provider) !== undefined
    );
    await eachAtMost(providers, PROVIDERS_AT_ONCE, async (each) => {
      // Its own trouble is known already, and a check must not take the probe that a caller's request is.
      if (each.closedToCallsUntilMs(ticker.now()) !== undefined) return true;
      await this.#checkMany(each, doubtfulKeys(each), IN_BACKGROUND, signal);
      return !signal.aborted;
    });
  }

  /** Checks one key at once; `undefined` when no provider has it. */
  async checkKey(id: string, signal?: AbortSignal): Promise<KeyCheck | undefined> {
    const { live, saveHealth } = this.#deps;
    const owner = live.list().find(({ pool }) => pool.get(id) !== undefined);
    const key = owner?.pool.get(id);
    if (owner === undefined || key === undefined) return undefined;
    const check = await this.#check(owner, key, signal);
    await saveHealth();
    return check;
  }

  /**
   * Checks every key of a provider, disabled ones too, and tells how far it has come. Gives up when the provider is
   * down or has no request that would prove a key. `undefined` when there is no such provider.
   */
  async checkProvider(
    slug: string,
    onProgress: (tally: KeyCheckTally) => void,
    signal?: AbortSignal,
  ): Promise<ProviderCheck | undefined> {
    const found = this.#deps.live.find(slug);
    if (found === undefined) return undefined;
    const problems: ProviderCheck["problems"][number][] = [];
    const total = found.pool.counts().total;
    const tally = await this.#checkMany(found, allKeys(found), BY_HAND, signal, total, (check, soFar) => {
      const { keyId, result, verdict } = check;
      if (result !== "accepted" && problems.length < MAX_PROBLEMS) {
        problems.push({ keyId, result, rule: verdict.rule, reason: verdict.reason ?? null });
      }
      onProgress(soFar);
    });
    await this.#deps.saveHealth();
    return { ...tally, isComplete: tally.checked >= total, problems };
  }

  async #checkMany(
    live: LiveProvider,
    keys: AsyncIterable<PooledKey>,
    { perSecond, inFlight }: CheckBudget,
    signal?: AbortSignal,
    total = 0,
    onCheck: (check: KeyCheck, tally: KeyCheckTally) => void = () => {},
  ): Promise<KeyCheckTally> {
    const { ticker, random, log } = this.#deps;
    const pace = new Pace(perSecond, ticker, random);
    const counts: Record<KeyCheckResult, number> = { accepted: 0, rejected: 0, failed: 0 };
    const tally = () => ({ total, checked: counts.accepted + counts.rejected + counts.failed, ...counts });
    let downsInRow = 0;
    await eachAtMost(keys, inFlight, async (key) => {
      await pace.turn(signal);
      if (signal?.aborted === true) return false;
      const check = await this.#check(live, key, signal);
      // Cut short by the caller: it has shown nothing, and the key counts as not asked.
      if (check.verdict.kind === "client_gone") return false;
      counts[check.result]++;
      onCheck(check, tally());
      downsInRow = check.verdict.kind === "provider_down" ? downsInRow + 1 : 0;
      return downsInRow < MAX_DOWNS_IN_ROW && !showsNothing(check.verdict);
    });
    const { checked } = tally();
    if (checked > 0) log.info("key_checks.done", { provider: live.provider.slug, checked, ...counts });
    return tally();
  }

  async #check(live: LiveProvider, key: PooledKey, signal?: AbortSignal): Promise<KeyCheck> {
    const startedMs = this.#deps.ticker.now();
    const shown = await askAboutKey(this.#deps, this.#proofs, live.provider, key, signal);
    this.#conclude(live, key.id, shown, startedMs);
    return { keyId: key.id, ...shown, health: live.pool.healthOf(key.id) };
  }

  #conclude(
    { provider, pool }: LiveProvider,
    keyId: string,
    { result, verdict }: Pick<KeyCheck, "result" | "verdict">,
    startedMs: number,
  ): void {
    const { ticker, log } = this.#deps;
    const before = pool.healthOf(keyId);
    if (before === undefined) return;
    switch (consequenceOf(before, result, startedMs)) {
      case "none":
        return;
      case "blame":
        return pool.reportCheck(keyId, verdict);
      case "prove":
        pool.reportCheck(keyId, SUCCEEDED);
    }
    if (before.state === "ready" && before.consecutiveFailures === 0) return;
    const after = pool.healthOf(keyId);
    const reason = `checked at ${new Date(ticker.now()).toISOString()}: accepted`;
    // Stays with the key until its next rest, for whoever wonders why it is back.
    if (after !== undefined) pool.setHealth(keyId, { ...after, rule: "check.accepted", reason });
    log.info("key.revived", {
      provider: provider.slug,
      providerKeyId: keyId,
      was: before.state,
      rule: before.rule,
      reason,
    });
  }
}

const IN_BACKGROUND: CheckBudget = { perSecond: 20, inFlight: 8 };
const BY_HAND: CheckBudget = { perSecond: 50, inFlight: 16 };
const PROVIDERS_AT_ONCE = 4;
/** Then the rest of the keys would learn nothing either. */
const MAX_DOWNS_IN_ROW = 5;
const MAX_PROBLEMS = 100;
/** Keys looked at between two turns of the event loop. */
const PAGE_KEYS = 1000;

async function* doubtfulKeys({ pool }: LiveProvider): AsyncGenerator<PooledKey> {
  for (let offset = 0;; offset += PAGE_KEYS) {
    const page = pool.entries(offset, PAGE_KEYS);
    for (const { key, health } of page) if (key.isEnabled && isInDoubt(health)) yield key;
    if (page.length < PAGE_KEYS) return;
    await letOthersRun();
  }
}

async function* allKeys({ pool }: LiveProvider): AsyncGenerator<PooledKey> {
  for (let offset = 0;; offset += PAGE_KEYS) {
    const page = pool.entries(offset, PAGE_KEYS);
    for (const { key } of page) yield key;
    if (page.length < PAGE_KEYS) return;
    await letOthersRun();
  }
}
