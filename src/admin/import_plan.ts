import { z } from "zod";
import { findPreset } from "../core/presets.ts";
import type { Provider, ProviderPolicy } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type {
  Imported,
  ImportedAlias,
  ImportedClientKey,
  ImportedGroup,
  ImportedProvider,
  LeftOut,
} from "../imports/imported.ts";
import type { ProviderDraft } from "../store/provider_store.ts";
import { draftProvider, newProviderForm, slugField } from "./provider_form.ts";

/** What stands here already. */
export interface Standing {
  readonly providers: readonly Provider[];
  readonly groupSlugs: readonly string[];
  readonly aliasNames: readonly string[];
  /** Defaults of every provider's policy. */
  readonly policy: ProviderPolicy;
  /** Why a provider must not be where it is (threat E1); `undefined` when it may. */
  readonly faultOf: (draft: ProviderDraft) => string | undefined;
}

/**
 * Where the keys of one provider of the file go: `skip`, `new` (a provider as the file has it), `at:<slug>` (one that
 * stands here), `preset:<slug>` (a known one that is made), or "" for what seems right.
 */
export type Choice = string;

/** Where keys go. `ask`: nobody has said whose they are. */
export type Destination =
  | { readonly kind: "existing"; readonly provider: Provider }
  | { readonly kind: "new"; readonly draft: ProviderDraft }
  | { readonly kind: "skip" }
  | {
    readonly kind: "ask";
    /** Why no provider can be made of what the file has. */
    readonly fault?: string;
  };

export interface PlannedProvider {
  readonly source: ImportedProvider;
  /** As it was asked for. */
  readonly choice: Choice;
  /** The choice that this comes to: never "", but for `ask`. */
  readonly settled: Choice;
  readonly destination: Destination;
}

/** What an import is going to do. */
export interface ImportPlan {
  readonly providers: readonly PlannedProvider[];
  readonly groups: readonly PlannedGroup[];
  readonly aliases: readonly ImportedAlias[];
  readonly clientKeys: readonly ImportedClientKey[];
  /** What the plan leaves out, beside what the file's reader has. */
  readonly leftOut: readonly LeftOut[];
}

/** A group of the file, its members by the slug that their provider has here. */
export interface PlannedGroup extends Omit<ImportedGroup, "members"> {
  readonly members:
    readonly (Omit<ImportedGroup["members"][number], "ref"> & { readonly provider: string })[];
}

/** What becomes of a file here, with a choice for each of its providers (by index; none is ""). */
export function planImport(imported: Imported, standing: Standing, choices: readonly Choice[]): ImportPlan {
  const leftOut: LeftOut[] = [];
  const taken = new Set([...standing.providers.map(({ slug }) => slug), ...standing.groupSlugs]);
  const slugs = new Map<string, string>();
  const providers = imported.providers.map((source, index): PlannedProvider => {
    const planned = settle(source, choices[index] ?? "", standing, taken, leftOut);
    const { destination } = planned;
    if (destination.kind === "existing") slugs.set(source.ref, destination.provider.slug);
    if (destination.kind === "new") {
      taken.add(destination.draft.slug);
      slugs.set(source.ref, destination.draft.slug);
    }
    return planned;
  });
  const groups = imported.groups.flatMap((group) => planGroup(group, slugs, taken, leftOut));
  const targets = new Map([...slugs, ...groups.map(({ slug }) => [slug, slug] as const)]);
  return {
    providers,
    groups,
    aliases: imported.aliases.filter(({ name }) => {
      if (!standing.aliasNames.includes(name)) return true;
      leftOut.push({ place: "aliases", reason: "taken", what: name });
      return false;
    }),
    clientKeys: imported.clientKeys.flatMap((clientKey) => planClientKey(clientKey, targets, leftOut)),
    leftOut,
  };
}

function settle(
  source: ImportedProvider,
  choice: Choice,
  standing: Standing,
  taken: ReadonlySet<string>,
  leftOut: LeftOut[],
): PlannedProvider {
  const asked = (settled: Choice, destination: Destination) => ({ source, choice, settled, destination });
  const { providers, policy } = standing;
  if (choice === "skip") return asked("skip", { kind: "skip" });
  if (choice.startsWith("at:")) {
    const provider = providers.find(({ slug }) => slug === choice.slice(3));
    if (provider !== undefined) return asked(choice, { kind: "existing", provider });
  }
  if (choice.startsWith("preset:")) {
    const preset = findPreset(choice.slice(7))?.slug;
    if (preset !== undefined) {
      return asked(choice, made(draftProvider({ preset, slug: freeSlug(preset, taken) }, policy), standing));
    }
  }
  const draft = draftOf(source, policy, taken, leftOut);
  if (choice !== "new") {
    const provider = likeliest(source, draft, providers);
    if (provider !== undefined) return asked(`at:${provider.slug}`, { kind: "existing", provider });
  }
  const destination: Destination = draft === undefined ? { kind: "ask" } : made(draft, standing);
  return asked(destination.kind === "ask" ? "" : "new", destination);
}

function made(draft: ProviderDraft, { faultOf }: Standing): Destination {
  const fault = faultOf(draft);
  return fault === undefined ? { kind: "new", draft } : { kind: "ask", fault };
}

/** The provider here that is the same upstream, or goes by the same name where the file tells nothing more. */
function likeliest(
  source: ImportedProvider,
  draft: ProviderDraft | undefined,
  providers: readonly Provider[],
): Provider | undefined {
  const named = providers.find(({ slug }) => slug === source.slug);
  if (draft === undefined) return named;
  const isSame = ({ baseUrl, dialect }: Provider) => baseUrl === draft.baseUrl && dialect === draft.dialect;
  if (named !== undefined && (isSame(named) || source.settings.baseUrl === undefined)) return named;
  return providers.find(isSame);
}

/** A new provider of what the file has; `undefined` when that is not enough. Settings that we refuse fall out. */
function draftOf(
  source: ImportedProvider,
  policy: ProviderPolicy,
  taken: ReadonlySet<string>,
  leftOut: LeftOut[],
): ProviderDraft | undefined {
  const wanted = source.slug !== "" ? source.slug : source.preset ?? "";
  if (source.preset === undefined && source.settings.baseUrl === undefined) return undefined;
  const whole = {
    ...source.settings,
    ...(source.preset !== undefined && { preset: source.preset }),
    ...(source.name !== "" && { name: source.name.slice(0, 200) }),
    slug: freeSlug(wanted === "" ? "provider" : wanted, taken),
  };
  const parsed = newProviderForm.safeParse(whole);
  if (parsed.success) return drafted(parsed.data, policy);
  const refused = new Set(parsed.error.issues.flatMap(membersOf));
  if (refused.has("baseUrl")) return undefined;
  for (const name of refused) leftOut.push({ place: source.name, reason: "invalid", what: name });
  const kept = newProviderForm.safeParse(
    Object.fromEntries(Object.entries(whole).filter(([name]) => !refused.has(name))),
  );
  return kept.success ? drafted(kept.data, policy) : undefined;
}

function drafted(form: z.infer<typeof newProviderForm>, policy: ProviderPolicy): ProviderDraft | undefined {
  try {
    return draftProvider(form, policy);
  } catch (error) {
    // Members that do not go together, in somebody's file: it is asked for what to do with it.
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** The members of the body that an issue is about. */
function membersOf(issue: z.core.$ZodIssue): string[] {
  return issue.code === "unrecognized_keys" && issue.path.length === 0
    ? [...issue.keys]
    : [String(issue.path[0] ?? "")];
}

/** The slug itself, or with the first number behind it that nobody has. */
function freeSlug(wanted: string, taken: ReadonlySet<string>): string {
  const base = slugField.safeParse(wanted).success
    ? wanted
    : `p-${wanted}`.slice(0, 60).replace(/[-_]+$/, "");
  if (!taken.has(base)) return base;
  for (let number = 2;; number++) {
    const slug = `${base.slice(0, 58)}-${number}`;
    if (!taken.has(slug)) return slug;
  }
}

function planGroup(
  { members, ...group }: ImportedGroup,
  slugs: ReadonlyMap<string, string>,
  taken: Set<string>,
  leftOut: LeftOut[],
): PlannedGroup[] {
  const what = group.name || group.slug;
  if (!slugField.safeParse(group.slug).success) {
    leftOut.push({ place: "groups", reason: "invalid", what });
    return [];
  }
  if (taken.has(group.slug)) {
    leftOut.push({ place: "groups", reason: "taken", what });
    return [];
  }
  const seen = new Set<string>();
  const planned = members.flatMap(({ ref, ...member }) => {
    const provider = slugs.get(ref);
    if (provider === undefined) {
      leftOut.push({ place: `groups.${group.slug}`, reason: "unknown_reference", what: ref });
    }
    if (provider === undefined || seen.has(provider)) return [];
    seen.add(provider);
    return [{ ...member, provider }];
  });
  taken.add(group.slug);
  return [{ ...group, name: what.slice(0, 200), members: planned }];
}

/** A client key that was bound stays bound: when nothing of what it was bound to comes along, it stays behind. */
function planClientKey(
  clientKey: ImportedClientKey,
  targets: ReadonlyMap<string, string>,
  leftOut: LeftOut[],
): ImportedClientKey[] {
  const bound = clientKey.targets.flatMap((target) => targets.get(target) ?? []);
  if (clientKey.targets.length > 0 && bound.length === 0) {
    leftOut.push({ place: "client_keys", reason: "unknown_reference", what: clientKey.name });
    return [];
  }
  return [{ ...clientKey, name: clientKey.name.slice(0, 200) || "imported", targets: [...new Set(bound)] }];
}
