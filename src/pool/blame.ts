import { applyVerdict, type JudgedAttempt, shareRest } from "../core/apply_verdict.ts";
import { forgiveRejections, type KeyHealth, settleHealth } from "../core/health.ts";
import type { ProviderPolicy } from "../core/provider.ts";
import type { Verdict } from "../core/verdict.ts";
import type { PoolEntry } from "./pool_key.ts";
import type { Roster } from "./roster.ts";
import { SharedCause } from "./shared_cause.ts";

/** Holds verdicts against the keys of a roster: the one that was used, those of its account, or none. */
export class Blame {
  readonly #roster: Roster;
  readonly #random: () => number;
  readonly #shared = new SharedCause();

  constructor(roster: Roster, random: () => number) {
    this.#roster = roster;
    this.#random = random;
  }

  get sharedCauseSinceMs(): number | undefined {
    return this.#shared.suspectedSinceMs;
  }

  /** Some key is known to have worked. */
  noteWorked(): void {
    this.#shared.noteWorked();
  }

  /**
   * Gives whether anything changed. What limits an account rests all its keys, which takes time by their number:
   * that is not a thing of every request.
   */
  apply(entry: PoolEntry, verdict: Verdict, attempt: JudgedAttempt, policy: ProviderPolicy): boolean {
    const { nowMs } = attempt;
    const before = settleHealth(entry.health, nowMs);
    switch (this.#judge(entry, before, verdict, attempt)) {
      case "nobody":
        return false;
      case "forgiven":
        return true;
      case "key":
    }
    const health = applyVerdict(before, verdict, attempt, policy, this.#random);
    if (health === before) return false;
    this.#roster.place(entry, health, nowMs);
    const isOfAccount = verdict.scope === "account" ||
      (verdict.kind === "key_limited" && verdict.scope === "key_model");
    if (!isOfAccount || entry.key.account === undefined) return true;
    for (const sharer of this.#roster.sharers(entry)) {
      if (sharer === entry) continue;
      const shared = shareRest(sharer.health, before, health, verdict, attempt);
      if (shared !== sharer.health) this.#roster.place(sharer, shared, nowMs);
    }
    return true;
  }

  #judge(
    entry: PoolEntry,
    before: KeyHealth,
    verdict: Verdict,
    attempt: JudgedAttempt,
  ): "key" | "nobody" | "forgiven" {
    const { id } = entry.key;
    const { nowMs, startedMs = Infinity } = attempt;
    switch (verdict.kind) {
      case "succeeded":
        this.#shared.noteSuccess(id, startedMs, nowMs);
        return "key";
      case "key_limited":
      case "key_exhausted":
        this.#shared.noteAccepted(id, nowMs);
        return "key";
      case "key_dead": {
        const judged = this.#shared.judge(id, before, verdict.isConclusive, nowMs);
        if (judged === "blame") return "key";
        if (judged === "ignore") return "nobody";
        for (const { id, before } of judged) {
          const forgiven = this.#roster.get(id);
          if (forgiven === undefined) continue;
          this.#roster.place(forgiven, forgiveRejections(forgiven.health, before), nowMs);
        }
        return "forgiven";
      }
      case "model_denied":
        return "key";
      case "ok_empty":
      case "request_too_big_for_key":
      case "request_bad":
      case "provider_down":
      case "client_gone":
        return "nobody";
    }
  }
}
