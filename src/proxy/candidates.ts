import type { DialectName } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider, LiveProviders } from "../pool/live_providers.ts";
import type { Target } from "./target.ts";

/** Who may serve a request, in the order in which they are asked. */
export interface Candidates {
  readonly providers: readonly LiveProvider[];
  /** The model to ask for, when it differs from the one that the request named. */
  readonly rewrittenModel: string | undefined;
}

/**
 * The provider that a path names.
 * @throws {AppError} `unknown_provider` when there is none or it is switched off; `method_not_allowed`.
 */
export function namedProvider(live: LiveProviders, slug: string, method: string): LiveProvider {
  const found = live.find(slug);
  if (found === undefined || !found.provider.isEnabled) {
    throw new AppError("unknown_provider", `Cannot find provider ${JSON.stringify(slug.slice(0, 64))}`);
  }
  checkMethod(found, method);
  return found;
}

/**
 * Who serves a model: `provider/model` names both; else the providers whose model list has it, in priority
 * order; else the first provider of the dialect that told no models.
 * @throws {AppError} `model_not_found` when nobody does.
 */
export function candidatesFor(
  live: LiveProviders,
  target: Target,
  dialect: DialectName,
  model: string | undefined,
  method: string,
): Candidates {
  const slash = model?.indexOf("/") ?? -1;
  if (model !== undefined && slash > 0) {
    const named = live.find(model.slice(0, slash));
    if (named !== undefined && isUsable(named, dialect)) {
      checkMethod(named, method);
      return { providers: [named], rewrittenModel: model.slice(slash + 1) };
    }
  }
  const usable = live.list().filter((each) => isUsable(each, dialect));
  const offering = model === undefined
    ? []
    : usable.filter(({ provider }) => provider.models.includes(model));
  const providers = offering.length > 0 ? offering : defaultProvider(usable, model);
  const first = providers[0];
  if (first === undefined) throw nobody(target, dialect, model, usable.length > 0);
  checkMethod(first, method);
  return { providers, rewrittenModel: undefined };
}

/** Translation between dialects is not this step's: a provider serves callers of its own dialect. */
function isUsable({ provider }: LiveProvider, dialect: DialectName): boolean {
  return provider.isEnabled && provider.dialect === dialect;
}

/** A request that names no model (a list of files, of models) goes to the first provider of its dialect. */
function defaultProvider(usable: readonly LiveProvider[], model: string | undefined): LiveProvider[] {
  const found = model === undefined ? usable[0] : usable.find(({ provider }) => provider.models.length === 0);
  return found === undefined ? [] : [found];
}

function nobody(
  target: Target,
  dialect: DialectName,
  model: string | undefined,
  isSpoken: boolean,
): AppError {
  if (model === undefined) {
    return new AppError(
      "not_found",
      `Cannot serve ${target.rest.slice(0, 100)}: no provider speaks ${dialect}`,
    );
  }
  const name = JSON.stringify(model.slice(0, 100));
  return new AppError(
    "model_not_found",
    isSpoken
      ? `Cannot find model ${name}: no provider offers it`
      : `Cannot find model ${name}: no provider speaks ${dialect}`,
  );
}

function checkMethod({ provider }: LiveProvider, method: string): void {
  if (provider.allowedMethods.length === 0 || provider.allowedMethods.includes(method)) return;
  throw new AppError(
    "method_not_allowed",
    `Cannot use ${method} here: ${provider.slug} takes ${provider.allowedMethods.join(", ")}`,
  );
}
