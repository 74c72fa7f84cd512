import { z } from "zod";
import type { LiveProvider } from "../pool/live_providers.ts";
import { KeyRow } from "../../views/keys_table.tsx";
import { action } from "./action.ts";
import type { KeyDeps } from "./key_deps.ts";
import { foundKey } from "./key_detail.ts";
import { keyRows } from "./key_rows.ts";
import type { LivePart } from "./live_events.ts";

const MAX_FOLLOWED = 500;

/** `GET /admin/live/keys?ids=`: rows of the list as their keys change, as Server-Sent Events. */
export function followKeys(deps: KeyDeps) {
  const { live, liveEvents, ticker } = deps;
  return action({
    // The ids that are shown, with commas between: the list itself would look other keys up each time.
    query: z.object({
      ids: z.string().max(MAX_FOLLOWED * 40),
      /** When the page was made: what has happened since then is sent at once. */
      since: z.coerce.number().exactOptional(),
    }),
    produces: "text/event-stream",
    run: ({ query, view, context }) => {
      const shown = view();
      const followed = query.ids.split(",").slice(0, MAX_FOLLOWED).flatMap((id) => {
        const owner = live.list().find(({ pool }) => pool.get(id) !== undefined);
        return owner === undefined ? [] : [partOf(id, owner)];
      });
      function partOf(id: string, owner: LiveProvider): LivePart {
        let isFirst = true;
        return {
          key: `key:${id}`,
          elementId: `key-${id}`,
          version: () => {
            const isStale = isFirst && lastNewsMs(owner, id) >= (query.since ?? Infinity);
            isFirst = false;
            return isStale ? "" : versionOf(owner, id);
          },
          render: async () => {
            const nowMs = ticker.now();
            const found = foundKey(owner, id);
            const [row] = found === undefined ? [] : await keyRows(deps, [found], nowMs);
            return KeyRow({ view: { ...shown, nowMs }, id, row });
          },
        };
      }
      return liveEvents.open(() => followed, context.req.raw.signal);
    },
  });
}

function lastNewsMs({ pool }: LiveProvider, id: string): number {
  const { lastSuccessMs = 0, lastFailureMs = 0, sinceMs = 0, releasedAtMs = 0 } = pool.healthOf(id) ?? {};
  return Math.max(lastSuccessMs, lastFailureMs, sinceMs, releasedAtMs);
}

/** What of a key shows in its row. Mere use shows within ten seconds, so that a busy page costs little. */
function versionOf({ pool }: LiveProvider, id: string): string {
  const key = pool.get(id);
  const health = pool.healthOf(id);
  if (key === undefined || health === undefined) return "gone";
  const { state, untilMs, reason, models, lastSuccessMs = 0, lastFailureMs = 0 } = health;
  const used = Math.floor(Math.max(lastSuccessMs, lastFailureMs) / 10_000);
  const rests = Object.entries(models).map(([model, rest]) => `${model} ${rest.untilMs}`).join();
  return `${state} ${untilMs} ${reason} ${rests} ${used} ${key.isEnabled} ${key.weight} ${key.priority} ${key.tags}`;
}
