import type { ClientKey } from "../core/client_key.ts";
import { compileNamePatterns, type NameTest } from "../core/name_pattern.ts";
import { type NetworkList, parseNetworkList } from "../core/network_list.ts";
import { AppError } from "../errors.ts";

interface CompiledBounds {
  readonly networks: NetworkList;
  readonly accepts: NameTest;
}

/** A client key that is changed is another object. */
const compiled = new WeakMap<ClientKey, CompiledBounds>();

/** Whether a client key may ask for a model by this name. */
export function acceptsModel(clientKey: ClientKey | undefined, name: string): boolean {
  return clientKey === undefined || clientKey.models.length === 0 || boundsOf(clientKey).accepts(name);
}

/** @throws {AppError} `forbidden` when a client key that is bound to networks comes from elsewhere. */
export function checkNetwork(clientKey: ClientKey, callerAddress: string | undefined): void {
  if (clientKey.networks.length === 0) return;
  if (boundsOf(clientKey).networks.includes(callerAddress ?? "")) return;
  throw new AppError(
    "forbidden",
    "Cannot serve this request: the client key may not be used from this address",
  );
}

/** Whether a client key may ask this provider or group by its slug. */
export function mayAsk(clientKey: ClientKey | undefined, slug: string): boolean {
  return clientKey === undefined || clientKey.targets.length === 0 || clientKey.targets.includes(slug);
}

/** @throws {AppError} `forbidden` for a slug that the client key is not bound to. */
export function checkTarget(clientKey: ClientKey | undefined, slug: string): void {
  if (mayAsk(clientKey, slug)) return;
  throw new AppError(
    "forbidden",
    `Cannot ask ${JSON.stringify(slug.slice(0, 64))}: the client key is not allowed to`,
  );
}

/** What a request says of models. */
export interface NamedModels {
  /** The caller's name of it, or `undefined`. */
  readonly asked: string | undefined;
  /** The same without the slug before it, if there is one. */
  readonly bare: string | undefined;
  /** Models that the body names beside. */
  readonly others: readonly string[];
  /** Whether it is a call that must name a model, for all that can be seen of it. */
  readonly isModelNeeded: boolean;
}

/**
 * @throws {AppError} `forbidden` when a client key that is bound to models asks for another, or names none where it
 * cannot be seen which one would serve: in the body of a batch, an upload, or what is passed through unread.
 */
export function checkModels(clientKey: ClientKey, named: NamedModels): void {
  if (clientKey.models.length === 0) return;
  const { asked, bare, others, isModelNeeded } = named;
  const { accepts } = boundsOf(clientKey);
  if (asked === undefined && isModelNeeded) {
    throw new AppError(
      "forbidden",
      "Cannot serve this request: it names no model, and the client key is bound to some",
    );
  }
  const isAskedGood = asked === undefined || accepts(asked) || (bare !== undefined && accepts(bare));
  const refused = isAskedGood ? others.find((other) => !accepts(other)) : asked;
  if (refused === undefined) return;
  throw new AppError(
    "forbidden",
    `Cannot use model ${JSON.stringify(refused.slice(0, 100))}: the client key is not allowed to`,
  );
}

function boundsOf(clientKey: ClientKey): CompiledBounds {
  let bounds = compiled.get(clientKey);
  if (bounds === undefined) {
    bounds = {
      networks: parseNetworkList(clientKey.networks).networks,
      accepts: compileNamePatterns(clientKey.models),
    };
    compiled.set(clientKey, bounds);
  }
  return bounds;
}
