import { PRESETS } from "../core/presets.ts";
import { AppError } from "../errors.ts";
import type { Imported } from "../imports/imported.ts";
import type { View } from "../../views/view.ts";
import { importAnswerOf } from "./import_answer.ts";
import { countKeys } from "./import_counts.ts";
import type { ImportDeps } from "./import_deps.ts";
import type { ImportJob } from "./import_jobs.ts";
import { placeFault } from "./import_place.ts";
import { type Choice, planImport } from "./import_plan.ts";

/** Of one that is not begun: what it would do with these choices. */
export async function answerOf(deps: ImportDeps, job: ImportJob, choices: readonly Choice[]) {
  if (job.imported === undefined) return importAnswerOf(job);
  const plan = planOf(deps, job.imported, choices);
  return importAnswerOf(job, { plan, counts: await countKeys(deps.db, plan, job.fingerprints) });
}

/** What becomes of a file here. */
export function planOf(
  { live, groups, models, policy, guard }: ImportDeps,
  imported: Imported,
  choices: readonly Choice[],
) {
  const standing = {
    providers: live.list().map(({ provider }) => provider),
    groupSlugs: groups.list().map(({ slug }) => slug),
    aliasNames: [...models.aliases()].map(({ name }) => name),
    policy,
    faultOf: (draft: Parameters<typeof placeFault>[0]) => placeFault(draft, guard),
  };
  return planImport(imported, standing, choices);
}

/** The choices of a URL, over those that the import was begun with. */
export function choicesOf(
  query: Readonly<Record<string, string>>,
  { choices, imported }: ImportJob,
): Choice[] {
  return (imported?.providers ?? []).map((_, index) => query[`into.${index}`] ?? choices[index] ?? "");
}

/** Where keys may go: providers that stand here, and known ones that do not. */
export function targetsOf({ live }: ImportDeps) {
  const here = live.list().map(({ provider: { slug, name } }) => ({ slug, name }));
  const taken = new Set(here.map(({ slug }) => slug));
  const known = PRESETS.filter(({ slug }) => !taken.has(slug)).map(({ slug, name }) => ({ slug, name }));
  return { here, known };
}

/** @throws {AppError} `not_found` */
export function requireJob({ imports }: ImportDeps, id: string, view: View): ImportJob {
  const job = imports.find(id);
  if (job === undefined) throw new AppError("not_found", view.messages.importKeys.gone);
  return job;
}
