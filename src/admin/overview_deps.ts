import type { RunningRequests } from "../core/running_request.ts";
import type { ImportDeps } from "./import_deps.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** What the overview and the first steps work on besides. */
export interface OverviewDeps extends UsageDeps, ImportDeps {
  readonly running: RunningRequests;
}
