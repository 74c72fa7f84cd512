import { z } from "zod";
import { AppError } from "../errors.ts";
import { KeyChangeCard, KeyChangesPage } from "../../views/keys_changes.tsx";
import { action } from "./action.ts";
import { changeShown, keyChangeAnswer } from "./key_change_shown.ts";
import type { KeyDeps } from "./key_deps.ts";
import type { LivePart } from "./live_events.ts";
import { idParams } from "./provider_keys.ts";

/** `GET /admin/keys/changes`: what was done to many keys lately, and what can still be undone. */
export function listChanges({ keyChanges }: KeyDeps) {
  return action({
    answer: z.object({ changes: z.array(keyChangeAnswer) }),
    run: async () => ({
      changes: (await keyChanges.list()).map((change) => changeShown(change, keyChanges)),
    }),
    page: ({ changes }, { view }) => KeyChangesPage({ view: view(), changes }),
  });
}

/** `GET /admin/keys/changes/:id`: how far one is. */
export function showChange(deps: KeyDeps) {
  return action({
    params: idParams,
    answer: keyChangeAnswer,
    run: ({ params: { id } }) => requireChange(deps, id),
    page: (change, { view }) => KeyChangesPage({ view: view(), changes: [change] }),
    fragment: (change, { view }) => KeyChangeCard({ view: view(), change }),
  });
}

/** `POST /admin/keys/changes/:id/undo`: brings the keys back to what they were. 409 when its time is over. */
export function undoChange(deps: KeyDeps) {
  return action({
    params: idParams,
    answer: keyChangeAnswer,
    run: async ({ params: { id }, principal, view, note }) => {
      const { action, changed } = await requireChange(deps, id);
      const change = await deps.keyChanges.undo(id, principal?.name ?? "");
      if (change === undefined) throw new AppError("conflict", view().messages.keys.change.tooLate);
      note({ target: id, detail: { action, changed } });
      return changeShown(change, deps.keyChanges);
    },
    done: (change) => ({ to: `/admin/keys?change=${change.id}` }),
    fragment: (change, { view }) => KeyChangeCard({ view: view(), change }),
  });
}

/** `POST /admin/keys/changes/:id/stop`: breaks it off; what is done stays. */
export function stopChange(deps: KeyDeps) {
  return action({
    params: idParams,
    answer: keyChangeAnswer,
    run: async ({ params: { id }, view }) => {
      const change = await requireChange(deps, id);
      if (!deps.keyChanges.stop(id)) throw new AppError("conflict", view().messages.keys.change.notRunning);
      return change;
    },
    done: ({ id }) => ({ to: `/admin/keys?change=${id}` }),
    fragment: (change, { view }) => KeyChangeCard({ view: view(), change }),
  });
}

/** `GET /admin/live/key-changes/:id`: its progress, as Server-Sent Events. */
export function followChange({ keyChanges, liveEvents, ticker }: KeyDeps) {
  return action({
    params: idParams,
    // What the page shows already: it may be over before the stream has begun.
    query: z.object({ shown: z.string().max(64).default("") }),
    produces: "text/event-stream",
    run: ({ params: { id }, query, view, context }) => {
      const shown = view();
      let isFirst = true;
      const partOf = (): LivePart[] => {
        const change = keyChanges.running(id);
        if (change === undefined) return [];
        return [{
          key: `key-change:${id}`,
          elementId: `change-${id}`,
          version: () => {
            const version = isFirst ? query.shown : `${change.state}-${change.done}`;
            isFirst = false;
            return version;
          },
          render: () =>
            KeyChangeCard({
              view: { ...shown, nowMs: ticker.now() },
              change: changeShown(change, keyChanges),
            }),
        }];
      };
      return liveEvents.open(partOf, context.req.raw.signal);
    },
  });
}

/** @throws {AppError} `not_found` */
async function requireChange({ keyChanges }: KeyDeps, id: string) {
  const change = await keyChanges.find(id);
  if (change === undefined) throw new AppError("not_found", "Cannot find this change of keys");
  return changeShown(change, keyChanges);
}
