import { presetsOfKey } from "../core/key_shape.ts";
import type { Imported, ImportedProvider } from "../imports/imported.ts";
import type { FirstRunMessages } from "../../views/messages/first_run.en.ts";
import type { UndecidedShown } from "../../views/first_run_shown.ts";
import { withProvider } from "./import_into.ts";
import { runImport } from "./import_run.ts";
import { createLiveWriter } from "./import_writer.ts";
import { planOf } from "./import_planning.ts";
import type { OverviewDeps } from "./overview_deps.ts";

/** What has become of keys that were pasted. */
export interface Pasted {
  readonly added: readonly {
    readonly slug: string;
    readonly name: string;
    readonly added: number;
    readonly duplicate: number;
  }[];
  /** Entries that are no keys. */
  readonly leftOut: number;
  /** Of the import that holds the keys of which nobody has said whose they are; `null` when there are none. */
  readonly undecided: string | null;
}

/**
 * Adds the keys whose provider is known, by their shape or by `slug`, and makes that provider where it is missing. The
 * others are kept in memory as an import that is not begun, so that they need not be pasted again.
 *
 * @throws {AppError} `unprocessable` for a slug of nobody.
 */
export async function addPasted(
  deps: OverviewDeps,
  read: Imported,
  slug: string | undefined,
  by: string,
): Promise<Pasted> {
  const { imported, choices } = withProvider(
    read,
    slug === "" ? undefined : slug,
    deps.live.list().map(({ provider }) => provider),
  );
  const plan = planOf(deps, imported, choices);
  const report = await runImport(
    plan,
    { tags: [], withGroups: true, withClientKeys: false },
    createLiveWriter(deps),
  );
  const undecided = plan.providers.filter(({ destination }) => destination.kind === "ask")
    .flatMap(({ source }) => byShape(source));
  const job = undecided.length === 0
    ? undefined
    : await deps.imports.add({ ...imported, providers: undecided, groups: [], aliases: [] }, [], by);
  return {
    added: report.providers.map((each) => ({
      slug: each.slug,
      name: deps.live.find(each.slug)?.provider.name ?? each.slug,
      added: each.added,
      duplicate: each.duplicate,
    })),
    leftOut: imported.leftOut.length,
    undecided: job?.id ?? null,
  };
}

/** Keys that wait for somebody to say whose they are; `null` when they are gone, or chosen for. */
export function undecidedOf({ imports }: OverviewDeps, id: string | undefined): UndecidedShown | null {
  const waiting = id === undefined ? undefined : imports.find(id)?.imported;
  if (id === undefined || waiting === undefined) return null;
  const groups = waiting.providers.map(({ keys }) => {
    const [first] = keys;
    return {
      count: keys.length,
      ends: keys.slice(0, SHOWN_ENDS).map(({ secret }) => secret.lastFour),
      candidates: first === undefined ? [] : presetsOfKey(first.secret.reveal()),
    };
  });
  return { id, groups };
}

const SHOWN_ENDS = 4;

/** What was done, in one sentence. */
export function addedText({ added, leftOut, undecided }: Pasted, texts: FirstRunMessages["keys"]): string {
  const duplicate = added.reduce((sum, each) => sum + each.duplicate, 0);
  return texts.list([
    ...added.filter((each) => each.added > 0).map((each) => texts.added(each.added, each.name)),
    ...(duplicate > 0 ? [texts.duplicate(duplicate)] : []),
    ...(leftOut > 0 ? [texts.leftOut(leftOut)] : []),
    ...(undecided === null ? [] : [texts.choose]),
  ]);
}

/** Keys of one shape are of one provider, so that they are asked about together. */
function byShape(source: ImportedProvider): ImportedProvider[] {
  const groups = new Map<string, ImportedProvider["keys"][number][]>();
  for (const key of source.keys) {
    const shape = presetsOfKey(key.secret.reveal()).join();
    const group = groups.get(shape);
    if (group === undefined) groups.set(shape, [key]);
    else group.push(key);
  }
  return [...groups].map(([shape, keys]) => ({ ...source, ref: `${source.ref}:${shape}`, keys }));
}
