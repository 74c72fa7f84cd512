import { isBytes } from "../core/http.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Ticker } from "../core/watch.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { Answer } from "./answer.ts";
import { answerNobody } from "./answer_nobody.ts";
import { attempt } from "./attempt.ts";
import type { AttemptResult } from "./attempt_result.ts";
import { AppError } from "../errors.ts";
import type { AttemptDeps, Plan } from "./plan.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { shortageError } from "./shortage_error.ts";
import { tellFailure } from "./tell_failure.ts";
import { nothingTried, takeTurn, type Tried } from "./turn.ts";

type Failed = Extract<AttemptResult, { kind: "failed" }>;

/** How often one request bears with a provider that is in trouble itself. */
const MAX_DOWN_ATTEMPTS = 4;
const BACKOFF_BASE_MS = 50;
const BACKOFF_CAP_MS = 1_000;

/**
 * Tries keys until one answers: never the same key twice, and only as long as another key may do better.
 * What the caller gets of failures is the last one that says something of its request; failures of keys are
 * ours, and told as a lack of keys. A request that is too long for its model goes on once with the fallback of it.
 * @throws {AppError} when there is no upstream's answer to pass on.
 */
export async function runAttempts(request: ProxiedRequest, first: Plan, deps: AttemptDeps): Promise<Answer> {
  let plan = first;
  let asked = first.providers;
  const { body, isRaw } = first.outgoing;
  // A body that was too large to keep is gone once it was sent.
  const isOneWay = body !== undefined && !isBytes(body);
  let tried = nothingTried();
  let worst: Failed | undefined;
  let downs = 0;
  let denials = 0;
  let denier: LiveProvider | undefined;
  /** Attempts that were made for another model. */
  let before = 0;
  while (request.attempts.length - before < plan.maxAttempts) {
    const taken = takeTurn(request, plan, tried, deps);
    const turn = taken instanceof Promise ? await taken : taken;
    if (request.isGone) {
      if (turn.kind === "lease") turn.live.pool.release(turn.lease);
      return callerGone(request);
    }
    if (turn.kind === "shortage") {
      if (worst === undefined) refuseUnlessAskable(plan);
      if (worst === undefined || isOfKey(worst.verdict)) {
        throw shortageError(plan, deps.ticker.now(), turn.shortage !== undefined, worst?.verdict);
      }
      break;
    }
    const result = await attempt(request, plan, turn, deps);
    if (result.kind === "answered") return result.answer;
    if (request.isGone) return callerGone(request);
    worst = worst === undefined || isOfKey(worst.verdict) || !isOfKey(result.verdict)
      ? later(worst, result)
      : worst;
    const { verdict } = result;
    const fallback = verdict.isTooLong === true && !isOneWay ? plan.ifTooLong?.() : undefined;
    if (fallback !== undefined) {
      // Another model: what was tried for this one says nothing of it.
      plan = fallback;
      tried = nothingTried();
      asked = [...asked, ...fallback.providers];
      before = request.attempts.length;
      continue;
    }
    if (verdict.action === "answer" || (isOneWay && result.wasSent)) break;
    tried.keys.push(turn.lease.key.id);
    switch (verdict.kind) {
      case "provider_down":
        if (++downs >= Math.max(MAX_DOWN_ATTEMPTS, plan.providers.length)) {
          return tellFailure(request, asked, isRaw, worst);
        }
        tried.providers.push(turn.live.provider.id);
        if (request.attempts.length - before < plan.maxAttempts && mustRecover(plan, tried)) {
          await pause(request, deps.ticker, backoffMs(downs, deps.random()));
        }
        break;
      case "model_denied":
      case "request_too_big_for_key":
        // Another account may be allowed more; if that one says the same, so would the rest.
        if (turn.live !== denier) denials = 0;
        denier = turn.live;
        if (++denials >= 2) {
          if (!hasOthers(plan, tried, turn.live)) return tellFailure(request, asked, isRaw, worst);
          tried.spent.push(turn.live.provider.id);
        }
        if (turn.lease.key.account !== undefined) tried.accounts.push(turn.lease.key.account);
        break;
      default:
        if (verdict.scope === "account" && turn.lease.key.account !== undefined) {
          tried.accounts.push(turn.lease.key.account);
        }
    }
    if (plan.providers.length > 1 && hasHadItsAttempts(request, turn.live, before)) {
      tried.spent.push(turn.live.provider.id);
    }
  }
  if (worst === undefined || isOfKey(worst.verdict)) {
    throw shortageError(plan, deps.ticker.now(), true, worst?.verdict);
  }
  return tellFailure(request, asked, isRaw, worst);
}

/** @throws {AppError} when the request cannot be translated for any of the providers, and none speaks its dialect. */
function refuseUnlessAskable({ providers, translation }: Plan): void {
  if (translation === undefined) return;
  let refusal: AppError | undefined;
  for (const { provider } of providers) {
    const why = translation.refusalOf(provider);
    if (why === undefined) return;
    refusal ??= why;
  }
  if (refusal !== undefined) throw refusal;
}

/** Whether there is another provider that has attempts left. */
function hasOthers(plan: Plan, { spent }: Tried, live: LiveProvider): boolean {
  return plan.providers.some((other) => other !== live && !spent.includes(other.provider.id));
}

/** A provider full of dead keys must not use up the attempts of those behind it. `from`: of the plan that counts. */
function hasHadItsAttempts({ attempts }: ProxiedRequest, { provider }: LiveProvider, from: number): boolean {
  let count = 0;
  for (let index = from; index < attempts.length; index++) {
    if (attempts[index]?.providerId === provider.id) count++;
  }
  return count >= provider.policy.maxAttempts;
}

/** Whether the next try meets a provider that has just failed: another one has nothing to recover from. */
function mustRecover(plan: Plan, tried: Tried): boolean {
  const { providers, spent } = tried;
  return plan.providers.every(({ provider: { id } }) => providers.includes(id) || spent.includes(id)) &&
    plan.providers.some(({ pool }) => pool.counts().total > tried.keys.length);
}

/** Failures that are held against a key say nothing of the caller's request. */
function isOfKey({ kind }: Verdict): boolean {
  return kind === "key_dead" || kind === "key_limited" || kind === "key_exhausted";
}

/** Of two answers about the request the first one stands: the second account only confirmed it. */
function later(first: Failed | undefined, second: Failed): Failed {
  const isAboutRequest = first?.verdict.kind === "model_denied" ||
    first?.verdict.kind === "request_too_big_for_key";
  return first !== undefined && isAboutRequest && second.verdict.kind === first.verdict.kind ? first : second;
}

/** @throws {AppError} when the caller is still there, because the request was cancelled in its stead. */
function callerGone(request: ProxiedRequest): Answer {
  if (request.isCancelled) {
    throw new AppError("forbidden", "Cannot go on with this request: an operator has cancelled it");
  }
  return answerNobody(request);
}

function backoffMs(downs: number, random: number): number {
  return Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** downs) * (0.5 + random);
}

/** Waits, unless the caller leaves before. */
function pause(request: ProxiedRequest, ticker: Ticker, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const alarm = { dueMs: ticker.now() + ms, expire: resolve };
  ticker.watch(alarm);
  const abort = () => {
    ticker.unwatch(alarm);
    resolve();
  };
  request.underway = { abort };
  return promise;
}
