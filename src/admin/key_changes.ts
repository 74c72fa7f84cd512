import type { PooledKey } from "../pool/pool_key.ts";
import { chunksOf, letOthersRun } from "../store/chunks.ts";
import { DELETED_KEPT_MS, listDeletedKeys, restoreKeys } from "../store/deleted_key_store.ts";
import { type KeyChangeItem, listKeyChangeItems, writeKeyChanges } from "../store/key_change_items.ts";
import {
  createKeyChange,
  findKeyChange,
  type KeyAction,
  type KeyChange,
  listKeyChanges,
  setKeyChange,
} from "../store/key_change_store.ts";
import { findProviderKeys, type StoredProviderKey } from "../store/provider_key_store.ts";
import type { AdminDeps } from "./deps.ts";
import { deleteKeys } from "./key_delete.ts";
import {
  changeItem,
  type FieldAction,
  type KeyWorkOptions,
  STALE_MS,
  undoItem,
  undoUntilMs,
} from "./key_work.ts";

/** A change that runs here, or has ended here not long ago. */
interface Run {
  change: KeyChange;
  readonly abort: AbortController;
  ended: Promise<void>;
  isOver: boolean;
}

/**
 * Changes of many provider keys: they run in batches, so that requests and other changes get their turns, tell how far
 * they are, and keep what was before. Progress and undo are in the database; only the run itself is this instance's.
 */
export class KeyChanges {
  readonly #deps: AdminDeps;
  readonly #runs = new Map<string, Run>();

  constructor(deps: AdminDeps) {
    this.#deps = deps;
  }

  /** Begins with these keys; resolves once it is written down, or over if they are few. */
  async begin(
    action: KeyAction,
    keyIds: readonly string[],
    options: KeyWorkOptions,
    detail: Readonly<Record<string, unknown>>,
    actor: string,
  ): Promise<KeyChange> {
    const { id, nowMs } = this.#stamp();
    const change: KeyChange = {
      id,
      action,
      actor,
      detail,
      state: "running",
      total: keyIds.length,
      done: 0,
      changed: 0,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    await createKeyChange(this.#deps.db, change);
    const run = this.#start(change, "done", (run) => this.#work(run, keyIds, options));
    if (keyIds.length <= WAITED_FOR && action !== "check") await run.ended;
    return run.change;
  }

  /** Takes a change back. `undefined` when there is none, or its time is over. */
  async undo(id: string, actor: string): Promise<KeyChange | undefined> {
    const change = await this.find(id);
    if (change === undefined || (this.undoUntilMs(change) ?? 0) <= this.#deps.ticker.now()) return undefined;
    const undoing: KeyChange = {
      ...change,
      state: "undoing",
      done: 0,
      detail: { ...change.detail, undoneBy: actor },
      updatedAtMs: this.#deps.ticker.now(),
    };
    await setKeyChange(this.#deps.db, undoing);
    const run = this.#start(undoing, "undone", (run) => this.#takeBack(run, actor));
    if (change.changed <= WAITED_FOR) await run.ended;
    return run.change;
  }

  /** Breaks off what runs here. `false` when it does not. */
  stop(id: string): boolean {
    const run = this.#runs.get(id);
    if (run === undefined || run.isOver) return false;
    run.abort.abort();
    return true;
  }

  /** As it stands in memory: `undefined` for what does not run here. */
  running(id: string): KeyChange | undefined {
    return this.#runs.get(id)?.change;
  }

  async find(id: string): Promise<KeyChange | undefined> {
    return this.running(id) ?? this.#settled(await findKeyChange(this.#deps.db, id));
  }

  /** The latest, newest first. */
  async list(): Promise<KeyChange[]> {
    const stored = await listKeyChanges(this.#deps.db, LISTED);
    return stored.map((change) => this.running(change.id) ?? this.#settled(change) ?? change);
  }

  /** Until when a change can be undone; `undefined` for never. */
  undoUntilMs(change: KeyChange): number | undefined {
    return undoUntilMs(change, DELETED_KEPT_MS);
  }

  /** Breaks everything off and waits for its end: the stores close next. */
  async close(): Promise<void> {
    for (const { abort } of this.#runs.values()) abort.abort();
    await Promise.all([...this.#runs.values()].map(({ ended }) => ended));
  }

  #start(change: KeyChange, end: "done" | "undone", work: (run: Run) => Promise<void>): Run {
    const run: Run = { change, abort: new AbortController(), ended: Promise.resolve(), isOver: false };
    this.#runs.set(change.id, run);
    const over = [...this.#runs.values()].filter(({ isOver }) => isOver);
    for (const old of over.slice(0, Math.max(0, over.length - REMEMBERED))) this.#runs.delete(old.change.id);
    run.ended = this.#run(run, end, work);
    return run;
  }

  async #run(run: Run, end: "done" | "undone", work: (run: Run) => Promise<void>): Promise<void> {
    const { db, log, ticker } = this.#deps;
    let state: KeyChange["state"] = end;
    try {
      await work(run);
      if (run.abort.signal.aborted) state = "stopped";
    } catch (error) {
      // The top of a background loop: whoever follows the page is told by the state.
      state = "failed";
      log.error("key_change.failed", { id: run.change.id, error });
    }
    run.change = { ...run.change, state, updatedAtMs: ticker.now() };
    run.isOver = true;
    await setKeyChange(db, run.change).catch((error) => log.error("key_change.failed", { error }));
    const { id, action, done, changed } = run.change;
    log.info("key_change.ended", { id, action, state, done, changed });
  }

  async #work(run: Run, keyIds: readonly string[], options: KeyWorkOptions): Promise<void> {
    const { action } = run.change;
    for (const ids of chunksOf(keyIds, BATCH_KEYS[action])) {
      if (run.abort.signal.aborted) return;
      switch (action) {
        case "release":
          await this.#release(run, ids);
          break;
        case "check":
          await this.#check(run, ids);
          break;
        case "delete":
          await this.#deps.inTurn(async () => {
            run.change = await deleteKeys(this.#deps, run.change, ids);
          });
          break;
        default:
          await this.#setFields(run, ids, action, options);
      }
      await letOthersRun();
    }
  }

  #setFields(run: Run, ids: readonly string[], action: FieldAction, options: KeyWorkOptions): Promise<void> {
    return this.#write(run, ids, run.change.actor, (key) => changeItem(action, options, key.key));
  }

  async #takeBack(run: Run, actor: string): Promise<void> {
    const { db } = this.#deps;
    for (let after = ""; !run.abort.signal.aborted;) {
      if (run.change.action === "delete") {
        const ids = await listDeletedKeys(db, run.change.id, BATCH_KEYS.delete);
        if (ids.length === 0) return;
        await this.#deps.inTurn(() => this.#restore(run, ids, actor));
      } else {
        const items = await listKeyChangeItems(db, run.change.id, after, BATCH_KEYS.enable);
        if (items.length === 0) return;
        const before = new Map(items.map((item) => [item.keyId, item.before]));
        await this.#write(
          run,
          [...before.keys()],
          actor,
          ({ key }) => undoItem(key, before.get(key.id) ?? {}),
          true,
        );
        after = items.at(-1)?.keyId ?? "";
      }
      await letOthersRun();
    }
  }

  /** Reads the keys in their turn, writes what becomes of them, then takes it over in memory. */
  #write(
    run: Run,
    ids: readonly string[],
    actor: string,
    itemOf: (key: StoredProviderKey) => KeyChangeItem | undefined,
    isUndo = false,
  ): Promise<void> {
    const { db, live, noteChange, inTurn } = this.#deps;
    return inTurn(async () => {
      const stored = new Map((await findProviderKeys(db, ids)).map((each) => [each.key.id, each]));
      const items = [...stored.values()].map(itemOf).filter((item) => item !== undefined);
      const changed = isUndo ? run.change.changed : run.change.changed + items.length;
      run.change = this.#advanced(run, ids.length, { changed });
      await writeKeyChanges(db, run.change, items, actor, isUndo);
      for (const { keyId, after } of items) {
        const each = stored.get(keyId);
        const pool = each && live.findById(each.key.providerId)?.pool;
        if (each === undefined || pool === undefined) continue;
        pool.set(pooled({ ...each, key: { ...each.key, ...after } }, pool.get(keyId)));
      }
      if (items.length > 0) await noteChange({ kind: "provider_keys", ids: items.map(({ keyId }) => keyId) });
    });
  }

  async #restore(run: Run, ids: readonly string[], actor: string): Promise<void> {
    const { db, live, noteChange } = this.#deps;
    run.change = this.#advanced(run, ids.length, {});
    const back = await restoreKeys(db, { ...run.change, actor }, ids);
    for (const each of await findProviderKeys(db, back)) {
      live.findById(each.key.providerId)?.pool.set(pooled(each, undefined));
    }
    if (back.length > 0) await noteChange({ kind: "provider_keys", ids: back });
  }

  async #release(run: Run, ids: readonly string[]): Promise<void> {
    const { db, live, saveHealth } = this.#deps;
    let changed = 0;
    for (const id of ids) {
      const pool = live.list().find((each) => each.pool.get(id) !== undefined)?.pool;
      const health = pool?.healthOf(id);
      if (pool === undefined || health === undefined) continue;
      if (health.state === "ready" && Object.keys(health.models).length === 0) continue;
      pool.clearRest(id);
      changed++;
    }
    await saveHealth();
    run.change = this.#advanced(run, ids.length, { changed: run.change.changed + changed });
    await setKeyChange(db, run.change);
  }

  async #check(run: Run, ids: readonly string[]): Promise<void> {
    const { db, keyChecks } = this.#deps;
    const checks = await Promise.all(ids.map((id) => keyChecks.checkKey(id, run.abort.signal)));
    if (run.abort.signal.aborted) return;
    const counts = { ...CHECKED_NONE, ...run.change.detail };
    for (const check of checks) if (check !== undefined) counts[check.result]++;
    run.change = {
      ...this.#advanced(run, ids.length, { changed: run.change.changed + checks.length }),
      detail: { ...counts },
    };
    await setKeyChange(db, run.change);
  }

  #advanced({ change }: Run, done: number, more: Partial<Pick<KeyChange, "changed">>): KeyChange {
    return { ...change, ...more, done: change.done + done, updatedAtMs: this.#deps.ticker.now() };
  }

  /** One that nobody works on any more was broken off with its process. */
  #settled(change: KeyChange | undefined): KeyChange | undefined {
    if (change === undefined || (change.state !== "running" && change.state !== "undoing")) return change;
    const isStale = this.#deps.ticker.now() - change.updatedAtMs > STALE_MS;
    return isStale ? { ...change, state: "stopped" } : change;
  }

  #stamp(): { readonly id: string; readonly nowMs: number } {
    const { newId, nowMs } = this.#deps.stamp();
    return { id: newId(), nowMs };
  }
}

/** Some 10 ms on a local file; checks are under way at the same time. */
const BATCH_KEYS: Readonly<Record<KeyAction, number>> = {
  enable: 128,
  disable: 128,
  tag: 128,
  weight: 128,
  delete: 128,
  release: 500,
  check: 8,
};
/** So few are over before anybody could look at a progress bar. */
const WAITED_FOR = 500;
const LISTED = 50;
const REMEMBERED = 20;
const CHECKED_NONE = { accepted: 0, rejected: 0, failed: 0 };

/** A stored key for its pool; a secret that was opened is not opened again. */
function pooled({ key, sealedSecret }: StoredProviderKey, known: PooledKey | undefined): PooledKey {
  const isOpened = known?.sealedSecret === sealedSecret && known.secret !== undefined;
  return { ...key, sealedSecret, ...(isOpened && { secret: known.secret }) };
}
