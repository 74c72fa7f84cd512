import type { KeyHealth } from "../core/health.ts";

/** A rejection to be taken back: the key, and its health before the first of them. */
export interface Forgiven {
  readonly id: string;
  readonly before: KeyHealth;
}

/**
 * Tells keys that are rejected each for itself from a cause that they share: our address, the provider, a wrong base
 * URL. When many distinct keys are rejected within ten seconds, their penalties are taken back and no key is blamed
 * until one succeeds. Many means at least three and
 *
 * - 30% of the keys tried, if the rejections are doubtful (a bare 401 or 403, as a firewall gives it);
 * - more than half of them, whatever was said: an explicit `invalid_api_key` of a minority stands.
 *
 * Two kinds of keys are really dead, and must go however many they are: one that never worked although others do
 * (a bad import) and one that was forgiven twice without a success since are blamed as if alone.
 */
export class SharedCause {
  readonly #rejected = new Map<string, { atMs: number; isConclusive: boolean; readonly before: KeyHealth }>();
  #doubtfulCount = 0;
  readonly #forgivenTimes = new Map<string, number>();
  /** Distinct keys tried in this stretch of ten seconds, and in the one before. */
  #tried = new Set<string>();
  #triedBefore = new Set<string>();
  #stretch = 0;
  #suspectedSinceMs: number | undefined;
  #hasWorked = false;

  /** Since when no key is blamed, or `undefined`: for alarms and for the breaker. */
  get suspectedSinceMs(): number | undefined {
    return this.#suspectedSinceMs;
  }

  /** Some key of the pool is known to have worked, now or before. */
  noteWorked(): void {
    this.#hasWorked = true;
  }

  /** The provider accepted this key, whatever else it said. */
  noteAccepted(id: string, nowMs: number): void {
    this.#noteTried(id, nowMs);
  }

  noteSuccess(id: string, startedMs: number, nowMs: number): void {
    this.#noteTried(id, nowMs);
    this.#hasWorked = true;
    if (this.#rejected.size > 0) this.#drop(id);
    if (this.#forgivenTimes.size > 0) this.#forgivenTimes.delete(id);
    // What was under way before says nothing of now.
    if (this.#suspectedSinceMs !== undefined && startedMs > this.#suspectedSinceMs) {
      this.#suspectedSinceMs = undefined;
    }
  }

  /**
   * Whether a rejection is held against the key: `blame` or `ignore`, or the list of those to be taken back, this one
   * included, when it is the one too many. `before` is the key's health before this rejection.
   */
  judge(
    id: string,
    before: KeyHealth,
    isConclusive: boolean,
    nowMs: number,
  ): "blame" | "ignore" | readonly Forgiven[] {
    this.#noteTried(id, nowMs);
    const isDeadForItself = (before.lastSuccessMs === undefined && this.#hasWorked) ||
      (this.#forgivenTimes.get(id) ?? 0) >= MAX_FORGIVEN;
    if (isDeadForItself) return "blame";
    if (this.#suspectedSinceMs !== undefined) return "ignore";
    this.#forgetOld(nowMs);
    const known = this.#rejected.get(id);
    this.#drop(id);
    this.#rejected.set(id, {
      atMs: nowMs,
      isConclusive: isConclusive || (known?.isConclusive ?? false),
      before: known?.before ?? before,
    });
    if (!isConclusive && !(known?.isConclusive ?? false)) this.#doubtfulCount++;
    return this.#takeShared(nowMs);
  }

  #takeShared(nowMs: number): "blame" | readonly Forgiven[] {
    const triedCount = Math.max(this.#tried.size, this.#triedBefore.size);
    const isAllShared = this.#rejected.size >= MIN_KEYS && this.#rejected.size > triedCount * MAJORITY_SHARE;
    const isDoubtfulShared = this.#doubtfulCount >= Math.max(MIN_KEYS, triedCount * DOUBTFUL_SHARE);
    if (!isAllShared && !isDoubtfulShared) return "blame";
    const forgiven: Forgiven[] = [];
    for (const [id, { before, isConclusive }] of this.#rejected) {
      if (isConclusive && !isAllShared) continue;
      forgiven.push({ id, before });
      this.#forgivenTimes.set(id, (this.#forgivenTimes.get(id) ?? 0) + 1);
    }
    this.#rejected.clear();
    this.#doubtfulCount = 0;
    this.#suspectedSinceMs = nowMs;
    return forgiven;
  }

  #forgetOld(nowMs: number): void {
    for (const [id, { atMs }] of this.#rejected) {
      if (atMs > nowMs - WINDOW_MS) return;
      this.#drop(id);
    }
  }

  #drop(id: string): void {
    const known = this.#rejected.get(id);
    if (known === undefined) return;
    if (!known.isConclusive) this.#doubtfulCount--;
    this.#rejected.delete(id);
  }

  #noteTried(id: string, nowMs: number): void {
    const stretch = Math.floor(nowMs / WINDOW_MS);
    if (stretch !== this.#stretch) {
      this.#triedBefore = stretch === this.#stretch + 1 ? this.#tried : new Set();
      this.#tried = new Set();
      this.#stretch = stretch;
    }
    this.#tried.add(id);
  }
}

const WINDOW_MS = 10_000;
const MIN_KEYS = 3;
const DOUBTFUL_SHARE = 0.3;
const MAJORITY_SHARE = 0.5;
/** How often a key is forgiven without a success of its own in between. */
const MAX_FORGIVEN = 2;
