import type { DialectName, Provider } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { compatiblePath } from "./openai_compatible.ts";
import { isCarriedTo, readOperation } from "./operation.ts";

/** What servers must be able to do. */
export interface Call {
  /** The caller's, or `rest` for what passes as it is. */
  readonly dialect: DialectName;
  readonly method: string;
  /** Behind the slug. */
  readonly path: string;
  /** Whether it can be asked in another dialect as well: only what was read whole can be translated. */
  readonly isWhole: boolean;
}

/** Those that speak the dialect: the list itself when all of it does, as nearly always. */
export function speaking(servers: readonly LiveProvider[], dialect: DialectName): readonly LiveProvider[] {
  for (const { provider } of servers) {
    if (provider.dialect !== dialect) return servers.filter((each) => each.provider.dialect === dialect);
  }
  return servers;
}

/** Those that can be asked this, in their own dialect or translated; the list itself when all can. */
export function askable(servers: readonly LiveProvider[], wanted: Call): readonly LiveProvider[] {
  for (const { provider } of servers) {
    if (!canBeAsked(provider, wanted)) return servers.filter((each) => canBeAsked(each.provider, wanted));
  }
  return servers;
}

/** Whether a provider can be asked this, in its own dialect or translated. */
export function canBeAsked(provider: Provider, wanted: Call): boolean {
  const { dialect } = provider;
  if (dialect === wanted.dialect) return true;
  if (!wanted.isWhole) return false;
  if (wanted.dialect === "openai" && compatiblePath(provider, wanted.method, wanted.path) !== undefined) {
    return true;
  }
  const operation = readOperation(wanted.dialect, wanted.method, wanted.path);
  return operation !== undefined && isCarriedTo(operation, dialect);
}

/** @throws {AppError} `method_not_allowed` when none of them takes the method. */
export function allowing(servers: readonly LiveProvider[], method: string): readonly LiveProvider[] {
  if (servers.every(({ provider }) => provider.allowedMethods.length === 0)) return servers;
  const allowed = servers.filter(({ provider: { allowedMethods } }) =>
    allowedMethods.length === 0 || allowedMethods.includes(method)
  );
  const [first] = servers;
  if (allowed.length > 0 || first === undefined) return allowed;
  const { slug, allowedMethods } = first.provider;
  throw new AppError(
    "method_not_allowed",
    `Cannot use ${method} here: ${slug} takes ${allowedMethods.join(", ")}`,
  );
}
