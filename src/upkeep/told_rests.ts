import {
  FRESH_HEALTH,
  type KeyHealth,
  MAX_MODEL_RESTS,
  type ModelRest,
  modelRest,
  settleHealth,
} from "../core/health.ts";
import { endedRest, mergeHealth } from "../core/merge_health.ts";

/**
 * What the other instances know of the rests of keys, so that they are told what is news to them and of nothing
 * else: a key that is only used, or whose rest ends in its time, is no news.
 */
export class ToldRests {
  /** Only of keys that rest, or rested. */
  readonly #told = new Map<string, KeyHealth>();

  /** This is stored now, for everybody to read. */
  note(keyId: string, health: KeyHealth): void {
    const isTrivial = health.state === "ready" && health.releasedAtMs === undefined &&
      Object.keys(health.models).length === 0;
    if (isTrivial) this.#told.delete(keyId);
    else this.#told.set(keyId, health);
  }

  /** Another instance has stored this. */
  learn(keyId: string, theirs: KeyHealth): void {
    const told = this.#told.get(keyId);
    this.note(keyId, told === undefined ? theirs : mergeHealth(told, theirs));
  }

  forget(keyId: string): void {
    this.#told.delete(keyId);
  }

  /** Whether a rest has begun, has become another one, or was ended before its time. */
  isNews(keyId: string, health: KeyHealth, nowMs: number): boolean {
    return restsOf(health, nowMs) !== restsOf(this.#told.get(keyId) ?? FRESH_HEALTH, nowMs);
  }

  /**
   * The health with a word that the others must heed about each rest that was told and has ended before its time
   * without one (penalties that were taken back, a quota period that began anew, a model that works again): else
   * they would bring it back. The same object when there is none.
   */
  withEnds(keyId: string, health: KeyHealth, nowMs: number): KeyHealth {
    const told = this.#told.get(keyId);
    if (told === undefined) return health;
    const before = settleHealth(told, nowMs);
    const sinceMs = before.sinceMs ?? 0;
    const isEnded = before.state !== "ready" && health.state === "ready" &&
      (health.releasedAtMs ?? 0) < sinceMs;
    const ended: [string, ModelRest][] = [];
    for (const [model, rest] of Object.entries(before.models)) {
      if (rest.untilMs > nowMs && modelRest(health, model) === undefined) {
        ended.push([model, endedRest(rest, nowMs)]);
      }
    }
    const others = Object.entries(health.models);
    // Where there is no room, rests were dropped for its lack and not ended.
    const models = ended.length === 0 || others.length + ended.length > MAX_MODEL_RESTS
      ? health.models
      : Object.fromEntries([...others, ...ended]);
    if (!isEnded && models === health.models) return health;
    return { ...health, ...(isEnded && { releasedAtMs: nowMs }), models };
  }
}

/** The rests that hold at `nowMs`, and the last release, as a text to compare. */
function restsOf(unsettled: KeyHealth, nowMs: number): string {
  const { state, untilMs, releasedAtMs, models } = settleHealth(unsettled, nowMs);
  const own = `${state} ${state === "ready" ? "" : untilMs ?? ""} ${releasedAtMs ?? ""}`;
  const names = Object.keys(models);
  if (names.length === 0) return own;
  const pairs = names.sort().map((model) => [model, modelRest(unsettled, model)?.untilMs ?? 0] as const)
    .filter(([, untilMs]) => untilMs > nowMs);
  return pairs.length === 0 ? own : own + JSON.stringify(pairs);
}
