import type { ProviderKey } from "../core/provider_key.ts";
import type { KeyChangeItem, KeyFields } from "../store/key_change_items.ts";
import type { KeyAction, KeyChange } from "../store/key_change_store.ts";

/** What an action needs to be told beside the keys. */
export interface KeyWorkOptions {
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
  readonly weight?: number;
  readonly priority?: number;
}

/** Actions that write fields of the keys. */
export type FieldAction = Extract<KeyAction, "enable" | "disable" | "tag" | "weight">;

/** What the action makes of one key; `undefined` when the key is so already. */
export function changeItem(
  action: FieldAction,
  { addTags = [], removeTags = [], weight, priority }: KeyWorkOptions,
  key: ProviderKey,
): KeyChangeItem | undefined {
  switch (action) {
    case "enable":
    case "disable":
      return itemOf(key, { isEnabled: action === "enable" }, action === "enable" ? "enabled" : "disabled");
    case "tag": {
      const kept = key.tags.filter((tag) => !removeTags.includes(tag));
      const tags = [...new Set([...kept, ...addTags])];
      const isSame = tags.length === key.tags.length && tags.every((tag, at) => tag === key.tags[at]);
      return isSame ? undefined : itemOf(key, { tags }, "changed");
    }
    case "weight":
      return itemOf(key, {
        ...(weight !== undefined && { weight }),
        ...(priority !== undefined && { priority }),
      }, "changed");
  }
}

/** What brings one key back to what it was; `undefined` when it is so already. */
export function undoItem(key: ProviderKey, before: KeyFields): KeyChangeItem | undefined {
  const { isEnabled } = before;
  const event = isEnabled === undefined ? "changed" : isEnabled ? "enabled" : "disabled";
  return itemOf(key, before, event);
}

/** How long a change can be undone; deletions have their own time (`DELETED_KEPT_MS`). */
export const UNDO_MS = 10 * 60_000;
/** A change that did not get on for so long was broken off with its process. */
export const STALE_MS = 60_000;

/** Until when a change can be undone; `undefined` for never. */
export function undoUntilMs(change: KeyChange, deletedKeptMs: number): number | undefined {
  const { action, state, changed, updatedAtMs } = change;
  if (changed === 0 || action === "release" || action === "check") return undefined;
  if (state === "running" || state === "undoing" || state === "undone") return undefined;
  return updatedAtMs + (action === "delete" ? deletedKeptMs : UNDO_MS);
}

function itemOf(
  key: ProviderKey,
  after: KeyFields,
  event: KeyChangeItem["event"],
): KeyChangeItem | undefined {
  const { isEnabled, weight, priority, tags } = after;
  const before: KeyFields = {
    ...(isEnabled !== undefined && { isEnabled: key.isEnabled }),
    ...(weight !== undefined && { weight: key.weight }),
    ...(priority !== undefined && { priority: key.priority }),
    ...(tags !== undefined && { tags: key.tags }),
  };
  if (JSON.stringify(before) === JSON.stringify(inOrder(after))) return undefined;
  return { keyId: key.id, event, after, before };
}

/** With its fields in the order of `before`. */
function inOrder({ isEnabled, weight, priority, tags }: KeyFields): KeyFields {
  return {
    ...(isEnabled !== undefined && { isEnabled }),
    ...(weight !== undefined && { weight }),
    ...(priority !== undefined && { priority }),
    ...(tags !== undefined && { tags }),
  };
}
