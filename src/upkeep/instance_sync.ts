import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { LiveProviders } from "../pool/live_providers.ts";
import type { Change } from "../store/change_store.ts";
import { ChangeWatcher } from "./change_watcher.ts";
import { HealthKeeper } from "./health_keeper.ts";
import { Lookout } from "./lookout.ts";
import { reload, type Reloads } from "./reload.ts";
import type { ReloadedKeys } from "./reload_keys.ts";

export interface InstanceSyncDeps {
  readonly kv: Deno.Kv;
  readonly live: LiveProviders;
  readonly ticker: Ticker;
  readonly log: Log;
  /** Whether Deno KV pushes what others write (`Lookout`). */
  readonly isPushed: boolean;
  /** Lets a reload run between the changes that an operator makes here, never beside one. */
  readonly inTurn: (act: () => Promise<void>) => Promise<void>;
}

/**
 * What this instance shares with the others on one Deno KV and one database: changes of operators, and the health
 * of keys. Breakers are each instance's own: they tell whether *this* machine reaches the upstream, one probe of
 * each does no harm, and a broken network of one must not shut out all.
 */
export class InstanceSync {
  readonly #health: HealthKeeper;
  readonly #changes: ChangeWatcher;
  readonly #lookout: Lookout;
  #reloads: Reloads = {};

  constructor({ isPushed, inTurn, ...deps }: InstanceSyncDeps) {
    const { kv, ticker, log } = deps;
    const instanceId = crypto.randomUUID();
    this.#health = new HealthKeeper({ ...deps, instanceId });
    this.#changes = new ChangeWatcher({
      kv,
      ticker,
      log,
      instanceId,
      reload: (changes) => inTurn(() => reload(this.#reloads, changes)),
    });
    const look = async () => void await Promise.all([this.#changes.catchUp(), this.#health.learn()]);
    this.#lookout = new Lookout({ kv, ticker, log, isPushed, look });
  }

  /** First of all, before the database is read: what is changed from then on is learned. */
  begin(): Promise<void> {
    return this.#changes.open();
  }

  /** Once the memory is filled: takes over the health of keys, and begins to listen to the others. */
  async open(reloads: Reloads): Promise<void> {
    this.#reloads = reloads;
    await this.#health.open();
    this.#lookout.open();
  }

  /** Tells the others of a change that is committed to the database; to be awaited before it is acknowledged. */
  note(change: Change): Promise<void> {
    return this.#changes.note(change);
  }

  /** Learns what the others have changed up to now. */
  catchUp(): Promise<void> {
    return this.#changes.catchUp();
  }

  /** Stores what the pools know of their keys, and tells the others. */
  saveHealth(): Promise<void> {
    return this.#health.save();
  }

  /** Forgets what is stored of keys that are no more. */
  forgetHealth(providerId: string, keyIds: readonly string[]): Promise<void> {
    return this.#health.forget(providerId, keyIds);
  }

  /** For `createReloads`: keys that are new here have a past elsewhere, and those that are gone have none. */
  async takeKeys({ added, removed }: ReloadedKeys): Promise<void> {
    await this.#health.learnKeys(added);
    for (const { providerId, keyIds } of removed) await this.#health.forget(providerId, keyIds);
  }

  async close(): Promise<void> {
    await this.#lookout.close();
    await this.#changes.close();
    await this.#health.close();
  }
}
