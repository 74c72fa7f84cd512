import { z } from "zod";
import { isMalformed, LEFT_OUT_REASONS, type LeftOut, PRODUCTS } from "../imports/imported.ts";
import type { KeyCounts } from "./import_counts.ts";
import type { ImportJob } from "./import_jobs.ts";
import type { ImportPlan, PlannedProvider } from "./import_plan.ts";

const countsAnswer = z.object({ fresh: z.number(), elsewhere: z.number(), duplicate: z.number() });

const leftOutAnswer = z.object({
  /** A line, or a path in the file. */
  place: z.union([z.number(), z.string()]),
  reason: z.enum(LEFT_OUT_REASONS),
  what: z.string().exactOptional(),
});

const plannedAnswer = z.object({
  /** As the file has it; "" when it does not tell. */
  slug: z.string(),
  name: z.string(),
  baseUrl: z.string().nullable(),
  keys: z.number(),
  /** What `into` of the start means for it: `at:<slug>`, `new`, `preset:<slug>`, `skip`, or "" for nobody told. */
  into: z.string(),
  /** Slug of where the keys go; `null` when they go nowhere. */
  target: z.string().nullable(),
  isNew: z.boolean(),
  /** Whether the file has enough to make a provider of it. */
  canBeNew: z.boolean(),
  fault: z.string().exactOptional(),
  counts: countsAnswer.nullable(),
});

const tallyAnswer = z.object({
  total: z.number(),
  checked: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  failed: z.number(),
});

const reportAnswer = z.object({
  providers: z.array(z.object({
    slug: z.string(),
    isNew: z.boolean(),
    added: z.number(),
    duplicate: z.number(),
  })).readonly(),
  groups: z.number(),
  aliases: z.number(),
  clientKeys: z.number(),
});

/** One import in the list of them. */
export const importSummary = z.object({
  id: z.string(),
  product: z.enum(PRODUCTS),
  state: z.enum(["preview", "running", "checking", "done", "stopped", "failed"]),
  createdAtMs: z.number(),
  by: z.string(),
  keys: z.number(),
  added: z.number(),
});
export type ImportSummary = z.infer<typeof importSummary>;

/** One import with all that may be known of it. */
export const importAnswer = importSummary.extend({
  /** Before it is begun: what it would do. */
  plan: z.object({
    providers: z.array(plannedAnswer),
    groups: z.number(),
    aliases: z.number(),
    clientKeys: z.number(),
    totals: countsAnswer.extend({ undecided: z.number(), malformed: z.number() }),
  }).nullable(),
  /** Once it is begun. */
  progress: z.object({ done: z.number(), total: z.number(), check: tallyAnswer.nullable() }).nullable(),
  report: reportAnswer.nullable(),
  leftOutTotal: z.number(),
  /** The first hundred. */
  leftOut: z.array(leftOutAnswer),
});
export type ImportAnswer = z.infer<typeof importAnswer>;
export type PlannedAnswer = z.infer<typeof plannedAnswer>;

const MAX_LEFT_OUT = 100;

export function importSummaryOf(job: ImportJob): ImportSummary {
  const { id, product, state, createdMs, by, keyCount, report } = job;
  const added = report?.providers.reduce((sum, each) => sum + each.added, 0) ?? 0;
  return { id, product, state, createdAtMs: createdMs, by, keys: keyCount, added };
}

/** `planned`: what it would do, before it is begun. */
export function importAnswerOf(
  job: ImportJob,
  planned?: { readonly plan: ImportPlan; readonly counts: readonly (KeyCounts | undefined)[] },
): ImportAnswer {
  const leftOut = planned === undefined ? job.leftOut : [...job.leftOut, ...planned.plan.leftOut];
  const hasBegun = job.state !== "preview";
  return {
    ...importSummaryOf(job),
    plan: planned === undefined ? null : planAnswerOf(planned.plan, planned.counts, leftOut),
    progress: hasBegun ? { done: job.done, total: job.total, check: job.check ?? null } : null,
    report: job.report === undefined ? null : reportOf(job.report),
    leftOutTotal: leftOut.length,
    // What was meant to be a key comes first: somebody may want to mend it.
    leftOut: [
      ...leftOut.filter(({ reason }) => isMalformed(reason)).slice(0, MAX_LEFT_OUT),
      ...leftOut.filter(({ reason }) => !isMalformed(reason)).slice(0, MAX_LEFT_OUT),
    ].slice(0, MAX_LEFT_OUT),
  };
}

function reportOf({ providers, groups, aliases, clientKeys }: NonNullable<ImportJob["report"]>) {
  return { providers, groups, aliases, clientKeys };
}

function planAnswerOf(
  plan: ImportPlan,
  counts: readonly (KeyCounts | undefined)[],
  leftOut: readonly LeftOut[],
): NonNullable<ImportAnswer["plan"]> {
  const totals = { fresh: 0, elsewhere: 0, duplicate: 0 };
  for (const count of counts) {
    totals.fresh += count?.fresh ?? 0;
    totals.elsewhere += count?.elsewhere ?? 0;
    totals.duplicate += count?.duplicate ?? 0;
  }
  return {
    providers: plan.providers.map((planned, index) => plannedAnswerOf(planned, counts[index])),
    groups: plan.groups.length,
    aliases: plan.aliases.length,
    clientKeys: plan.clientKeys.length,
    totals: {
      ...totals,
      undecided: plan.providers.reduce(
        (sum, { source, destination }) => sum + (destination.kind === "ask" ? source.keys.length : 0),
        0,
      ),
      malformed: leftOut.filter(({ reason }) => isMalformed(reason)).length,
    },
  };
}

function plannedAnswerOf(
  { source, settled, destination }: PlannedProvider,
  counts: KeyCounts | undefined,
): PlannedAnswer {
  const { baseUrl } = source.settings;
  return {
    slug: source.slug,
    name: source.name,
    baseUrl: typeof baseUrl === "string" ? baseUrl : null,
    keys: source.keys.length,
    into: settled,
    target: destination.kind === "existing"
      ? destination.provider.slug
      : destination.kind === "new"
      ? destination.draft.slug
      : null,
    isNew: destination.kind === "new",
    canBeNew: source.preset !== undefined || baseUrl !== undefined,
    ...(destination.kind === "ask" && destination.fault !== undefined && { fault: destination.fault }),
    counts: counts === undefined ? null : { ...counts },
  };
}
