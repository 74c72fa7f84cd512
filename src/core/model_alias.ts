/** A name that callers may ask for in the place of a model. */
export interface ModelAlias {
  /** What callers ask for. */
  readonly name: string;
  /** What they get: `model`, `provider/model` or `group/model`. Never another alias: aliases do not chain. */
  readonly target: string;
  /** The same, for a request that is too long for the target; `undefined` means that its refusal stands. */
  readonly contextFallback?: string;
}

/** A model as it was asked for, with the provider or group that it was asked of. */
export interface NamedModel {
  /** Of a provider or group; `undefined` when anyone may serve the model. */
  readonly slug: string | undefined;
  readonly model: string;
}

/**
 * Reads `slug/model`. What stands before the slash counts as a slug only if it is one (`isSlug`), because models
 * have slashes of their own: `meta-llama/llama-4` is a model of OpenRouter.
 */
export function parseModelName(name: string, isSlug: (slug: string) => boolean): NamedModel {
  const slash = name.indexOf("/");
  const slug = name.slice(0, Math.max(slash, 0));
  return slash > 0 && slash < name.length - 1 && isSlug(slug)
    ? { slug, model: name.slice(slash + 1) }
    : { slug: undefined, model: name };
}
