import { z } from "zod";
import { DIALECTS } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import { Running } from "../../views/overview_running.tsx";
import type { RunningShown } from "../../views/overview_shown.ts";
import { action } from "./action.ts";
import type { OverviewDeps } from "./overview_deps.ts";
import { idParams } from "./provider_keys.ts";

/** So many are shown, and sent to every page that looks. */
const SHOWN = 20;

export const runningAnswer = z.object({
  count: z.number().int(),
  requests: z.array(z.object({
    id: z.string(),
    startedMs: z.number(),
    dialect: z.enum(DIALECTS),
    model: z.string().nullable(),
    clientKeyId: z.string().nullable(),
    clientKeyName: z.string().nullable(),
    provider: z.string().nullable(),
    providerKeyId: z.string().nullable(),
    lastFour: z.string().nullable(),
    attempt: z.number().int(),
    state: z.enum(["waiting", "asking", "answering"]),
  })).readonly(),
});

/** `GET /admin/running`: the requests under way on this instance that have taken more than a moment. */
export function listRunning(deps: OverviewDeps) {
  return action({
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
    answer: runningAnswer,
    run: ({ query: { limit } }) => runningOf(deps, limit),
  });
}

/** `DELETE /admin/running/:id`: breaks one off. Its caller gets 403, or its stream ends in the middle. */
export function cancelRunning(deps: OverviewDeps) {
  return action({
    params: idParams,
    answer: z.object({ message: z.string(), id: z.string() }),
    run: ({ params: { id }, view }) => {
      if (!deps.running.cancel(id)) {
        throw new AppError("not_found", view().messages.overview.running.isOver);
      }
      return { message: "Request cancelled", id };
    },
    fragment: (_answer, { view }) => Running({ view: view(), running: runningOf(deps) }),
    done: (_answer, { view }) => ({ to: "/admin", flash: view().messages.overview.running.cancelled }),
  });
}

/** What is under way now, the longest first. */
export function runningOf({ running }: OverviewDeps, limit = SHOWN): RunningShown {
  return { count: running.count, requests: running.list(limit) };
}
