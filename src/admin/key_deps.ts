import type { AdminDeps } from "./deps.ts";
import type { KeyChanges } from "./key_changes.ts";

/** What the pages of provider keys work on besides. */
export interface KeyDeps extends AdminDeps {
  readonly keyChanges: KeyChanges;
}
