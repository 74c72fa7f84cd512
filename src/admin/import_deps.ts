import type { GroupDeps } from "./groups.ts";
import type { ImportJobs } from "./import_jobs.ts";

/** What the actions on imports work on besides. */
export interface ImportDeps extends GroupDeps {
  readonly imports: ImportJobs;
}
