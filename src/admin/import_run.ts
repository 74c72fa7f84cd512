import type { ModelAlias } from "../core/model_alias.ts";
import type { Provider } from "../core/provider.ts";
import { MAX_WEIGHT, MIN_WEIGHT } from "../core/provider_key.ts";
import type { ImportedClientKey, ImportedKey, LeftOut } from "../imports/imported.ts";
import { chunksOf, letOthersRun } from "../store/chunks.ts";
import type { ProviderKeyEntry } from "../store/provider_key_import.ts";
import type { ProviderDraft } from "../store/provider_store.ts";
import { StoreError } from "../store/store_error.ts";
import type { ImportPlan, PlannedGroup } from "./import_plan.ts";

/** What writes an import down: into a running server, or into its stores alone. */
export interface ImportWriter {
  /** @throws {StoreError} `taken` */
  createProvider(draft: ProviderDraft): Promise<Provider>;
  /** How many of the keys are new. */
  addKeys(provider: Provider, entries: readonly ProviderKeyEntry[]): Promise<number>;
  /** @throws {StoreError} `taken` */
  createGroup(group: PlannedGroup): Promise<void>;
  /** @throws {StoreError} `taken` */
  createAlias(alias: ModelAlias): Promise<void>;
  /** @throws {StoreError} `taken` when there is the very same client key. */
  createClientKey(clientKey: ImportedClientKey): Promise<void>;
}

/** Who follows an import, and may break it off. */
export interface ImportWatch {
  readonly signal?: AbortSignal;
  /** Told how many keys more have been dealt with. */
  readonly onKeys?: (count: number) => void;
  /** Told what has come of them so far. */
  readonly onReport?: (soFar: ImportReport) => void;
}

export interface ImportChoices {
  /** For every key of the import, beside its own. */
  readonly tags: readonly string[];
  /** Whether groups and aliases come along. */
  readonly withGroups: boolean;
  readonly withClientKeys: boolean;
}

/** What an import has done so far, and in the end. */
export interface ImportReport {
  readonly providers: readonly ProviderReport[];
  readonly groups: number;
  readonly aliases: number;
  readonly clientKeys: number;
  /** What the run itself had to leave out. */
  readonly leftOut: readonly LeftOut[];
}

export interface ProviderReport {
  readonly slug: string;
  readonly isNew: boolean;
  readonly added: number;
  /** The provider had them before. */
  readonly duplicate: number;
}

/** Some 25 ms of writing at a local file, and five steps of progress a second for a bar to move by. */
const CHUNK_KEYS = 256;

/**
 * Does what a plan says. It may be broken off, and be repeated whole: what is there counts as duplicate then.
 */
export async function runImport(
  plan: ImportPlan,
  choices: ImportChoices,
  writer: ImportWriter,
  { signal, onKeys = () => {}, onReport = () => {} }: ImportWatch = {},
): Promise<ImportReport> {
  const leftOut: LeftOut[] = [];
  const made = new Map<string, Provider>();
  const reports = new Map<string, { isNew: boolean; added: number; duplicate: number }>();
  for (const { source, destination } of plan.providers) {
    if (destination.kind === "skip" || destination.kind === "ask") continue;
    const isNew = destination.kind === "new" && !made.has(destination.draft.slug);
    const provider = destination.kind === "existing"
      ? destination.provider
      : made.get(destination.draft.slug) ?? await writer.createProvider(destination.draft);
    made.set(provider.slug, provider);
    const report = reports.get(provider.slug) ?? { isNew, added: 0, duplicate: 0 };
    reports.set(provider.slug, report);
    for (const chunk of chunksOf(source.keys, CHUNK_KEYS)) {
      signal?.throwIfAborted();
      const added = await writer.addKeys(provider, chunk.map((key) => entryOf(key, choices.tags)));
      report.added += added;
      report.duplicate += chunk.length - added;
      onReport({ ...NOTHING_YET, providers: reportsOf(reports) });
      onKeys(chunk.length);
      await letOthersRun();
    }
  }
  const groups = choices.withGroups
    ? await writeAll(plan.groups, (each) => writer.createGroup(each), leftOut, "groups")
    : 0;
  const aliases = choices.withGroups
    ? await writeAll(plan.aliases, (each) => writer.createAlias(each), leftOut, "aliases")
    : 0;
  const clientKeys = choices.withClientKeys
    ? await writeAll(plan.clientKeys, (each) => writer.createClientKey(each), leftOut, "client_keys")
    : 0;
  return {
    providers: reportsOf(reports),
    groups,
    aliases,
    clientKeys,
    leftOut,
  };
}

const NOTHING_YET = { groups: 0, aliases: 0, clientKeys: 0, leftOut: [] } as const;

function reportsOf(reports: ReadonlyMap<string, Omit<ProviderReport, "slug">>): ProviderReport[] {
  return [...reports].map(([slug, report]) => ({ slug, ...report }));
}

async function writeAll<T extends { readonly name: string }>(
  items: readonly T[],
  write: (item: T) => Promise<void>,
  leftOut: LeftOut[],
  place: string,
): Promise<number> {
  let count = 0;
  for (const item of items) {
    try {
      await write(item);
      count++;
    } catch (error) {
      // Somebody, or an import before, has it already: that is told and the rest goes on.
      if (!(error instanceof StoreError && error.fault === "taken")) throw error;
      leftOut.push({ place, reason: "taken", what: item.name });
    }
  }
  return count;
}

const MAX_TAGS = 50;
const MAX_PRIORITY = 1_000_000;

/** In the bounds that the API sets to a key that is typed in. */
function entryOf(key: ImportedKey, tags: readonly string[]): ProviderKeyEntry {
  const { place: _, weight, priority, account, maxRequests, tags: own = [], ...rest } = key;
  const all = [...new Set([...own, ...tags])].map((tag) => tag.slice(0, 100)).filter((tag) => tag !== "");
  return {
    ...rest,
    ...(weight !== undefined && { weight: bounded(weight, MIN_WEIGHT, MAX_WEIGHT) }),
    ...(priority !== undefined && { priority: bounded(priority, 0, MAX_PRIORITY) }),
    ...(account !== undefined && account !== "" && { account: account.slice(0, 200) }),
    ...(maxRequests !== undefined && maxRequests >= 1 && { maxRequests: Math.round(maxRequests) }),
    tags: all.slice(0, MAX_TAGS),
  };
}

function bounded(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.round(value)));
}
