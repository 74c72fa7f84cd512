import { type ModelAlias, type NamedModel, parseModelName } from "../core/model_alias.ts";
import type { LiveGroups } from "./live_groups.ts";
import type { LiveProvider, LiveProviders } from "./live_providers.ts";

/** What a caller's name of a model stands for. */
export interface ResolvedModel extends NamedModel {
  /** What to ask for when the request turns out too long for the model; to be resolved in its turn. */
  readonly contextFallback?: string;
}

/** A model, or an alias, as a list of models shows it. */
export interface ListedModel {
  readonly id: string;
  /** Who serves it, the first in order first; never empty. */
  readonly providers: readonly LiveProvider[];
}

/**
 * Who offers which model. A provider offers the models that the operator told, or, where none were told, those that
 * upkeep has learned; and always the names that its model map translates. Providers that are switched off offer none.
 * Follows changes of the providers by itself.
 */
export class ModelIndex {
  readonly #live: LiveProviders;
  readonly #groups: LiveGroups;
  readonly #learned = new WeakMap<LiveProvider, readonly string[]>();
  readonly #aliases = new Map<string, ModelAlias>();
  #offers = new Map<string, LiveProvider[]>();
  #unlisted: readonly LiveProvider[] = [];
  /** The list of providers that the index was made from; another list means that something has changed. */
  #source: readonly LiveProvider[] | undefined;

  constructor(live: LiveProviders, groups: LiveGroups) {
    this.#live = live;
    this.#groups = groups;
  }

  /** Takes over what upkeep has learned of a provider; an empty list forgets it. Unknown ids are ignored. */
  setLearnedModels(providerId: string, models: readonly string[]): void {
    const live = this.#live.findById(providerId);
    if (live === undefined) return;
    if (models.length === 0) this.#learned.delete(live);
    else this.#learned.set(live, models);
    this.#source = undefined;
  }

  /** The providers that offer a model, by priority; empty when none is known to. */
  offering(model: string): readonly LiveProvider[] {
    this.#follow();
    return this.#offers.get(model) ?? [];
  }

  /** Providers of which no models are known, by priority: they may or may not serve one. */
  unlisted(): readonly LiveProvider[] {
    this.#follow();
    return this.#unlisted;
  }

  setAlias(alias: ModelAlias): void {
    this.#aliases.set(alias.name, alias);
  }

  deleteAlias(name: string): void {
    this.#aliases.delete(name);
  }

  findAlias(name: string): ModelAlias | undefined {
    return this.#aliases.get(name);
  }

  /** All aliases, by name. */
  aliases(): ModelAlias[] {
    return [...this.#aliases.values()].sort((one, other) => one.name < other.name ? -1 : 1);
  }

  /** Reads a caller's name: `provider/model` or `group/model` name both, else an alias, else it is the model's own. */
  resolve(name: string): ResolvedModel {
    const named = parseModelName(name, this.#isSlug);
    const alias = named.slug === undefined ? this.#aliases.get(name) : undefined;
    if (alias === undefined) return named;
    const { target, contextFallback } = alias;
    return {
      ...parseModelName(target, this.#isSlug),
      ...(contextFallback !== undefined && { contextFallback }),
    };
  }

  /**
   * Tells which providers a client key reaches by its targets: those that are named, and the members of groups that
   * are named. No targets reach all.
   */
  reachOf(targets: readonly string[]): (live: LiveProvider) => boolean {
    if (targets.length === 0) return () => true;
    const reached = new Set<LiveProvider>();
    for (const slug of targets) {
      const named = this.#live.find(slug);
      if (named !== undefined) reached.add(named);
      const group = this.#groups.find(slug);
      if (group?.isEnabled !== true) continue;
      for (const member of this.#groups.membersOf(group)) reached.add(member);
    }
    return (live) => reached.has(live);
  }

  /**
   * Every model and alias that a client key with these targets may ask for, by id. `accepts` holds the name that a
   * caller uses, so an alias' own, against the client key's model patterns.
   */
  list(targets: readonly string[], accepts: (name: string) => boolean): ListedModel[] {
    this.#follow();
    const isReached = this.reachOf(targets);
    const listed = new Map<string, readonly LiveProvider[]>();
    const add = (id: string, providers: readonly LiveProvider[]) => {
      if (providers.length > 0 && accepts(id)) listed.set(id, providers);
    };
    for (const [model, providers] of this.#offers) add(model, providers.filter(isReached));
    // An alias hides a model of its name, as it does in resolve().
    for (const alias of this.#aliases.values()) add(alias.name, this.#servers(alias, targets, isReached));
    return [...listed].map(([id, providers]) => ({ id, providers }))
      .sort((one, other) => one.id < other.id ? -1 : 1);
  }

  readonly #isSlug = (slug: string): boolean =>
    this.#live.find(slug) !== undefined || this.#groups.find(slug) !== undefined;

  /** Who serves an alias for a client key with these targets. */
  #servers(
    { target }: ModelAlias,
    targets: readonly string[],
    isReached: (live: LiveProvider) => boolean,
  ): readonly LiveProvider[] {
    const { slug, model } = parseModelName(target, this.#isSlug);
    if (slug === undefined) return this.offering(model).filter(isReached);
    if (targets.length > 0 && !targets.includes(slug)) return [];
    const named = this.#live.find(slug);
    if (named !== undefined) return named.provider.isEnabled ? [named] : [];
    const group = this.#groups.find(slug);
    return group?.isEnabled === true ? this.#groups.membersOf(group) : [];
  }

  /** Makes the index anew when it is asked for the first time after a change. */
  #follow(): void {
    const source = this.#live.list();
    if (source === this.#source) return;
    this.#source = source;
    this.#offers = new Map();
    const unlisted: LiveProvider[] = [];
    for (const live of source) {
      const { isEnabled, models, modelMap } = live.provider;
      if (!isEnabled) continue;
      const known = models.length > 0 ? models : this.#learned.get(live);
      if (known === undefined) unlisted.push(live);
      for (const model of new Set([...known ?? [], ...Object.keys(modelMap)])) {
        const offering = this.#offers.get(model);
        if (offering === undefined) this.#offers.set(model, [live]);
        else offering.push(live);
      }
    }
    this.#unlisted = unlisted;
  }
}
