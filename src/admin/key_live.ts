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
    query: z.object({ ids: z.string().max(MAX_FOLLOWED * 40) }),
    produces: "text/event-stream",
    run: ({ query, view, context }) => {
      const shown = view();
      const followed = query.ids.split(",").slice(0, MAX_FOLLOWED).flatMap((id) => {
        const owner = live.list().find(({ pool }) => pool.get(id) !== undefined);
        return owner === undefined ? [] : [partOf(id, owner)];
      });
      function partOf(id: string, owner: LiveProvider): LivePart {
        return {
          key: `key:${id}`,
          elementId: `key-${id}`,
          version: () => versionOf(owner, id),
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
