import { z } from "zod";
import { KEY_ACTIONS, KEY_CHANGE_STATES, type KeyChange } from "../store/key_change_store.ts";
import type { KeyChanges } from "./key_changes.ts";

/** A change of many keys, as it is shown. */
export const keyChangeAnswer = z.object({
  id: z.string(),
  action: z.enum(KEY_ACTIONS),
  state: z.enum(KEY_CHANGE_STATES),
  /** Whom it is about: slugs of providers. */
  providers: z.array(z.string()),
  actor: z.string(),
  total: z.number(),
  done: z.number(),
  /** Keys that are different now. */
  changed: z.number(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  /** Until when it can be undone, if it can. */
  undoUntilMs: z.number().nullable(),
  /** Of a check. */
  checked: z.object({ accepted: z.number(), rejected: z.number(), failed: z.number() }).nullable(),
});

export type KeyChangeAnswer = z.infer<typeof keyChangeAnswer>;

export function changeShown(
  change: KeyChange,
  changes: Pick<KeyChanges, "undoUntilMs">,
): KeyChangeAnswer {
  const { id, action, state, actor, detail, total, done, changed, createdAtMs, updatedAtMs } = change;
  const checked = z.object({ accepted: z.number(), rejected: z.number(), failed: z.number() })
    .safeParse(detail);
  const providers = z.array(z.string()).safeParse(detail.providers);
  return {
    id,
    action,
    state,
    providers: providers.data ?? [],
    actor,
    total,
    done,
    changed,
    createdAtMs,
    updatedAtMs,
    undoUntilMs: changes.undoUntilMs(change) ?? null,
    checked: action === "check" && checked.success ? checked.data : null,
  };
}
