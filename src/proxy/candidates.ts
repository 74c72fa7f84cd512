import type { ClientKey } from "../core/client_key.ts";
import type { Group } from "../core/group.ts";
import type { Provider } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type { LiveGroups } from "../pool/live_groups.ts";
import type { LiveProvider, LiveProviders } from "../pool/live_providers.ts";
import type { ModelIndex, ResolvedModel } from "../pool/model_index.ts";
import { allowing, askable, type Call, canBeAsked, speaking } from "./askable.ts";
import { checkTarget } from "./client_bounds.ts";

/** Where it stands who serves what. */
export interface RouteDeps {
  readonly live: LiveProviders;
  readonly groups: Pick<LiveGroups, "find" | "membersOf" | "takeOrder">;
  readonly models: ModelIndex;
}

/** A provider or a group that a path, or the name of a model, asks for by its slug. */
export interface Named {
  readonly slug: string;
  readonly group: Group | undefined;
  /** Who may be asked at all; for a group not in the order of asking. Never empty. */
  readonly servers: readonly LiveProvider[];
}

/** A call and the model that it is for. */
export interface Wanted extends Call {
  /** The caller's name, after aliases and slugs are resolved. */
  readonly model: string | undefined;
}

/** Who serves a request, in the order in which they are asked, and the model that they are asked for. */
export interface Candidates {
  /** Never empty. */
  readonly providers: readonly LiveProvider[];
  readonly model: string | undefined;
  /** Slug of the group that they are members of, where one was asked for. */
  readonly groupSlug: string | undefined;
}

/**
 * The provider or group that a path names. A raw path names providers only.
 * @throws {AppError} `unknown_provider` when there is none or it is switched off; `no_key_available` for a group
 * whose members all are.
 */
export function requireNamed(deps: RouteDeps, slug: string, isRaw: boolean): Named {
  const named = findNamed(deps, slug);
  if (named === undefined || (isRaw && named.group !== undefined)) {
    throw new AppError("unknown_provider", `Cannot find provider ${JSON.stringify(slug.slice(0, 64))}`);
  }
  if (named.servers.length > 0) return named;
  throw new AppError("no_key_available", `Cannot serve this request: no member of ${slug} is switched on`);
}

function findNamed({ live, groups }: RouteDeps, slug: string): Named | undefined {
  const server = live.find(slug);
  if (server !== undefined) {
    return server.provider.isEnabled ? { slug, group: undefined, servers: [server] } : undefined;
  }
  const group = groups.find(slug);
  return group?.isEnabled === true ? { slug, group, servers: groups.membersOf(group) } : undefined;
}

/**
 * Who of a named provider or group serves a request: for a group a turn is taken, and members that cannot be asked
 * this or offer other models are left out.
 * @throws {AppError} `invalid_request` when nobody can be asked this; `body_too_large`; `method_not_allowed`.
 */
export function serversOf(
  { slug, group, servers }: Named,
  wanted: Wanted,
  { groups }: RouteDeps,
): readonly LiveProvider[] {
  const asked = group === undefined ? servers : groups.takeOrder(group, wanted.model);
  const able = askable(asked, wanted);
  if (able.length === 0) throw foreign(slug, servers, wanted);
  const { model } = wanted;
  if (group === undefined || model === undefined) return allowing(able, wanted.method);
  const offering = able.filter(({ provider }) => mayOffer(provider, model));
  return allowing(offering.length === 0 ? able : offering, wanted.method);
}

/** The answer for a request that neither a provider nor any member of a group can be asked. */
export function foreign(slug: string, servers: readonly LiveProvider[], wanted: Call): AppError {
  const dialects = [...new Set(servers.map(({ provider }) => provider.dialect))].join(", ");
  if (!wanted.isWhole && servers.some(({ provider }) => canBeAsked(provider, { ...wanted, isWhole: true }))) {
    return new AppError(
      "body_too_large",
      `Cannot translate this request for ${slug}: its body is larger than what is kept`,
    );
  }
  return new AppError(
    "invalid_request",
    `Cannot send this request to ${slug}: it speaks ${dialects}, the request ${wanted.dialect}`,
  );
}

/** What the operator told counts here; a list that was learned may not have everything. */
function mayOffer({ models, modelMap }: Provider, model: string): boolean {
  return models.length === 0 || models.includes(model) || Object.hasOwn(modelMap, model);
}

/**
 * Who serves a model that no path names a provider for: whom the name itself names; else the providers that offer
 * it, by priority; else the first one that may have it, because nobody knows all of its models. Without a model it is
 * the first provider of the dialect.
 * @throws {AppError} `model_not_found` or `not_found` when nobody does; `forbidden` for a slug or providers that the
 * client key is not bound to; `method_not_allowed`.
 */
export function serversByModel(
  resolved: ResolvedModel | undefined,
  wanted: Call,
  clientKey: ClientKey | undefined,
  deps: RouteDeps,
): Candidates {
  const model = resolved?.slug === undefined ? resolved?.model : `${resolved.slug}/${resolved.model}`;
  if (resolved?.slug !== undefined) {
    const named = findNamed(deps, resolved.slug);
    if (named !== undefined && isMeant(named, resolved.slug, resolved.model, wanted, deps)) {
      checkTarget(clientKey, named.slug);
      return {
        providers: serversOf(named, { ...wanted, model: resolved.model }, deps),
        model: resolved.model,
        groupSlug: named.group?.slug,
      };
    }
  }
  const offering = model === undefined ? NOBODY : askable(deps.models.offering(model), wanted);
  const known = offering.length > 0 ? offering : unsure(model, wanted, deps);
  if (known.length === 0) throw nobody(wanted, model, deps);
  const reached = reachedBy(clientKey, known, deps);
  if (reached.length === 0) {
    throw new AppError(
      "forbidden",
      "Cannot serve this request: the client key may not ask any provider that could",
    );
  }
  // Those that offer it may stand in for each other; of those that only may have it, one is asked.
  const allowed = allowing(reached, wanted.method);
  return { providers: known === offering ? allowed : allowed.slice(0, 1), model, groupSlug: undefined };
}

const NOBODY: readonly LiveProvider[] = [];

/**
 * Whether `slug/model` names this provider or group. OpenRouter has models whose names begin with the slug of somebody
 * who speaks another dialect here: they are its own where it lists them.
 */
function isMeant(
  { servers }: Named,
  slug: string,
  model: string,
  wanted: Call,
  { models }: RouteDeps,
): boolean {
  const { dialect } = wanted;
  if (servers.some(({ provider }) => provider.dialect === dialect)) return true;
  return askable(servers, wanted).length > 0 &&
    speaking(models.offering(`${slug}/${model}`), dialect).length === 0;
}

/**
 * Who may have a model that no list has: providers without any list, then those whose list was only learned. It is
 * a guess, so those of the caller's own dialect come first, whatever their priority.
 */
function unsure(
  model: string | undefined,
  wanted: Call,
  deps: RouteDeps,
): readonly LiveProvider[] {
  const own = guess(model, wanted, false, deps);
  return own.length > 0 ? own : guess(model, wanted, true, deps);
}

function guess(
  model: string | undefined,
  wanted: Call,
  isTranslated: boolean,
  { live, models }: RouteDeps,
): readonly LiveProvider[] {
  if (model !== undefined) {
    const unlisted = isTranslated
      ? askable(models.unlisted(), wanted)
      : speaking(models.unlisted(), wanted.dialect);
    if (unlisted.length > 0) return unlisted;
  }
  const able = isTranslated ? askable(live.list(), wanted) : speaking(live.list(), wanted.dialect);
  return able.filter(({ provider }) =>
    provider.isEnabled && (model === undefined || provider.models.length === 0)
  );
}

function reachedBy(
  clientKey: ClientKey | undefined,
  servers: readonly LiveProvider[],
  { models }: RouteDeps,
): readonly LiveProvider[] {
  if (clientKey === undefined || clientKey.targets.length === 0) return servers;
  return servers.filter(models.reachOf(clientKey.targets));
}

function nobody(
  wanted: Call,
  model: string | undefined,
  { live }: RouteDeps,
): AppError {
  const { dialect } = wanted;
  const isSpoken = live.list().some(({ provider }) => provider.isEnabled && canBeAsked(provider, wanted));
  if (model === undefined) {
    return new AppError("not_found", `Cannot serve this request: no provider speaks ${dialect}`);
  }
  const name = JSON.stringify(model.slice(0, 100));
  return new AppError(
    "model_not_found",
    isSpoken
      ? `Cannot find model ${name}: no provider offers it`
      : `Cannot find model ${name}: no provider speaks ${dialect}`,
  );
}
