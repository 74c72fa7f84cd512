import type { LiveProvider } from "../pool/live_providers.ts";
import type { CapacityShown, HealthShown } from "../../views/overview_shown.ts";
import type { AdminDeps } from "./deps.ts";

/** What each provider can serve with, those that do worst first. Looks at no single key. */
export function capacityOf({ live, ticker }: Pick<AdminDeps, "live" | "ticker">): CapacityShown[] {
  const nowMs = ticker.now();
  return live.list().map((each) => shownOf(each, nowMs)).sort((one, other) =>
    troubleOf(other) - troubleOf(one)
  );
}

/** Models beyond these are for the page of the keys. */
const SHOWN_MODELS = 3;

function shownOf(live: LiveProvider, nowMs: number): CapacityShown {
  const { provider: { slug, name, isEnabled }, pool } = live;
  const counts = pool.counts();
  const rests = counts.cooling + counts.exhausted > 0;
  return {
    slug,
    name,
    isEnabled,
    counts,
    busy: Math.min(pool.busyCount, counts.ready),
    modelRests: pool.modelRests().toSorted((one, other) => other.count - one.count).slice(0, SHOWN_MODELS)
      .map(({ model, count, nextDueMs }) => ({ model, keys: count, nextReadyMs: nextDueMs })),
    nextReadyMs: (rests ? pool.outlook(undefined).readyAtMs : undefined) ?? null,
    downUntilMs: live.closedToCallsUntilMs(nowMs) ?? null,
  };
}

/** Whether requests can be served, in one look. Providers that are switched off or have no keys do not count. */
export function healthOf(capacity: readonly CapacityShown[]): HealthShown {
  const meant = capacity.filter(({ isEnabled, counts }) => isEnabled && counts.total > counts.disabled);
  const able = meant.filter(canServe);
  const sum = (count: "ready" | "total") => meant.reduce((all, { counts }) => all + counts[count], 0);
  const [first] = meant;
  return {
    state: meant.length === 0
      ? "empty"
      : able.length === 0
      ? "down"
      : able.length < meant.length
      ? "partly"
      : "good",
    able: able.length,
    providers: meant.length,
    ready: sum("ready"),
    keys: sum("total"),
    weakest: first !== undefined && troubleOf(first) > WORTH_TELLING ? first : null,
  };
}

export function canServe({ counts, downUntilMs }: CapacityShown): boolean {
  return counts.ready > 0 && downUntilMs === null;
}

/** Providers of which at least half of the keys are ready need no words. */
const WORTH_TELLING = 1;

/** Steps of how bad it is, so that the order holds while keys come and go; 0 for what nobody counts on. */
function troubleOf({ isEnabled, counts, downUntilMs }: CapacityShown): number {
  const wanted = counts.total - counts.disabled;
  if (!isEnabled || wanted === 0) return 0;
  if (downUntilMs !== null) return 4;
  if (counts.ready === 0) return 3;
  return counts.ready * 2 < wanted ? 2 : 1;
}
