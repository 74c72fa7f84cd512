import { spanOf } from "../core/client_limits.ts";
import { SEALED } from "../core/verdict.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { AttentionKind, AttentionShown, CapacityShown, TopShown } from "../../views/overview_shown.ts";
import { canServe } from "./overview_capacity.ts";
import type { OverviewDeps } from "./overview_deps.ts";

/** From this part on, a budget is told of. */
const MUCH = 0.8;
const SOON_MS = 7 * 86_400_000;
/** More client keys than this are not gone through four times a second. */
const MAX_CLIENT_KEYS = 2000;

/** What a person should look at, the worst first. `isOpenHttp`: this very page is read over an open wire. */
export function attentionOf(
  deps: OverviewDeps,
  capacity: readonly CapacityShown[],
  isOpenHttp: boolean,
): AttentionShown[] {
  const found = [
    ...ofSetUp(deps, capacity, isOpenHttp),
    ...capacity.flatMap((each) => ofProvider(deps, each)),
    ...ofClientKeys(deps),
    ...ofStatistics(deps),
  ];
  return [...found.filter(({ isSevere }) => isSevere), ...found.filter(({ isSevere }) => !isSevere)];
}

/** Models that were used and have no price. */
export function unpricedOf(models: readonly TopShown[]): AttentionShown[] {
  const unpriced = models.filter((model) => model.unpriced > 0);
  if (unpriced.length === 0) return [];
  const names = unpriced.map(({ id }) => id).filter((id) => id !== "");
  return [item("unpriced", false, { count: unpriced.length, names: names.slice(0, 5) })];
}

function ofSetUp(
  { clientKeys, process, isLoopbackOnly }: OverviewDeps,
  capacity: readonly CapacityShown[],
  isOpenHttp: boolean,
): AttentionShown[] {
  const isAnonymousAllowed = process.settings.ALLOW_ANONYMOUS === true;
  const hasKeys = capacity.some(({ counts }) => counts.total > 0);
  return [
    // Before there are keys, the first steps say what to do.
    ...(!hasKeys || isAnonymousAllowed || clientKeys.list().some(({ isEnabled }) => isEnabled)
      ? []
      : [item("no_client_key", false, {})]),
    ...(isAnonymousAllowed && !isLoopbackOnly ? [item("open_to_all", true, {})] : []),
    ...(isOpenHttp ? [item("no_https", true, {})] : []),
  ];
}

function ofProvider(deps: OverviewDeps, shown: CapacityShown): AttentionShown[] {
  const { slug, name, isEnabled, counts, modelRests, nextReadyMs, downUntilMs } = shown;
  const live = deps.live.find(slug);
  if (live === undefined || !isEnabled) return [];
  const about = { id: slug, name, total: counts.total };
  if (counts.total === 0) return [item("provider_empty", false, about)];
  const sealed = counts.rejected === 0 ? 0 : sealedCount(live, counts.rejected);
  const rejected = counts.rejected - sealed;
  const hasSharedCause = live.pool.sharedCauseSinceMs !== undefined;
  const noneReady = !canServe(shown) && downUntilMs === null && counts.total > counts.disabled;
  return [
    ...(hasSharedCause ? [item("shared_cause", true, about)] : []),
    ...(downUntilMs === null ? [] : [item("breaker_open", true, { ...about, untilMs: downUntilMs })]),
    ...(noneReady ? [item("none_ready", true, { ...about, untilMs: nextReadyMs })] : []),
    ...modelRests.filter(({ keys }) => counts.ready > 0 && keys >= counts.ready).map((
      { model, keys, ...rest },
    ) => item("model_resting", true, { ...about, count: keys, names: [model], untilMs: rest.nextReadyMs })),
    ...(sealed === 0 ? [] : [item("keys_sealed", true, { ...about, count: sealed })]),
    ...(rejected <= 0 ? [] : [item("keys_rejected", false, { ...about, count: rejected })]),
  ];
}

function ofClientKeys({ clientKeys, limiter, ticker }: OverviewDeps): AttentionShown[] {
  const nowMs = ticker.now();
  const found: AttentionShown[] = [];
  for (const { id, name, isEnabled, expiresAtMs } of clientKeys.list().slice(0, MAX_CLIENT_KEYS)) {
    if (!isEnabled) continue;
    if (expiresAtMs !== undefined && expiresAtMs > nowMs && expiresAtMs - nowMs < SOON_MS) {
      found.push(item("client_key_expiring", false, { id, name, untilMs: expiresAtMs }));
    }
    for (const { limit, limitValue, remaining, resetMs } of limiter.statesOf(id)) {
      // A minute is over before anybody has looked.
      if (spanOf(limit) === "minute" || limitValue <= 0) continue;
      const share = 1 - remaining / limitValue;
      if (share < MUCH) continue;
      // To the percent and the minute, so that the page is not told of every request.
      const untilMs = Math.round((nowMs + resetMs) / 60_000) * 60_000;
      const used = Math.floor(share * 100) / 100;
      found.push(item("budget", remaining === 0, { id, name, untilMs, share: used, names: [limit] }));
    }
  }
  return found;
}

function ofStatistics({ usage }: OverviewDeps): AttentionShown[] {
  const { failedFlushes, waitingCounts } = usage.recorder();
  return failedFlushes > 0 && waitingCounts > STUCK_ROWS
    ? [item("statistics_stuck", true, { count: waitingCounts })]
    : [];
}

/** More rows than half a second of traffic leaves waiting. */
const STUCK_ROWS = 500;

/** Keys whose secrets do not open are rejected too: looked for only when the number of rejected keys has changed. */
const sealedCounts = new WeakMap<LiveProvider, { readonly rejected: number; readonly sealed: number }>();

function sealedCount(live: LiveProvider, rejected: number): number {
  const known = sealedCounts.get(live);
  if (known?.rejected === rejected) return known.sealed;
  let sealed = 0;
  live.pool.each(({ key, health }) => {
    if (key.isEnabled && health.state === "rejected" && health.rule === SEALED.rule) sealed++;
  });
  sealedCounts.set(live, { rejected, sealed });
  return sealed;
}

function item(
  kind: AttentionKind,
  isSevere: boolean,
  about: Partial<Omit<AttentionShown, "kind" | "isSevere">>,
): AttentionShown {
  return {
    kind,
    isSevere,
    id: null,
    name: null,
    count: 0,
    total: 0,
    untilMs: null,
    share: null,
    names: [],
    ...about,
  };
}
