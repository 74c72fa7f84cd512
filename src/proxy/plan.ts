import type { PricedModel } from "../core/price.ts";
import type { Provider, Strategy } from "../core/provider.ts";
import type { Ticker } from "../core/watch.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Log } from "../log.ts";
import type { OpenSecret } from "../pool/credential.ts";
import type { LiveGroups } from "../pool/live_groups.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { Transport } from "../transport/transport.ts";
import { nameAt, type NamedModel } from "./named_model.ts";
import type { ThoughtMemory } from "./thought_memory.ts";
import type { Translation } from "./translation.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/** All that is decided of a request before its first attempt. */
export interface Plan {
  /** As the caller wrote it; `outgoingTo()` gives what is sent. */
  readonly outgoing: OutgoingRequest;
  readonly naming: NamedModel;
  /** In the order in which they are asked; never empty. */
  readonly providers: readonly LiveProvider[];
  /** How upstreams answer, but for those that `translation` is for. */
  readonly dialect: Dialect;
  /** For providers that are not asked in the caller's own dialect; `undefined` when there is none among them. */
  readonly translation: Translation | undefined;
  /** Whether it is a chat's stream of OpenAI's dialect whose caller has not asked for its usage. */
  readonly lacksUsageAsk: boolean;
  /** The model to ask for, aliases resolved; `nameAt()` gives a provider's own name of it. */
  readonly model: string | undefined;
  /** The plan for another model, when the request is too long for this one; `undefined` when there is none. */
  readonly ifTooLong: (() => Plan | undefined) | undefined;
  readonly strategy: Strategy | undefined;
  /** Moment by which the answer must have begun. */
  readonly deadlineMs: number;
  readonly maxAttempts: number;
  /** How long it may wait for a key. */
  readonly maxWaitMs: number;
}

/** The request as it goes to one provider. */
export function outgoingTo(plan: Plan, provider: Provider): OutgoingRequest {
  return plan.naming.as(nameAt(plan, provider));
}

/** What the plan's model costs at one provider; `undefined` when no price is known. */
export function priceAt(
  plan: Plan,
  provider: Provider,
  { priceOf }: Pick<AttemptDeps, "priceOf">,
): PricedModel | undefined {
  // A request that names no model costs what any model does, where that is told.
  return priceOf(provider, nameAt(plan, provider) ?? "");
}

/** What the attempts need from outside. */
export interface AttemptDeps {
  readonly transport: Transport;
  readonly ticker: Ticker;
  readonly random: () => number;
  readonly log: Log;
  readonly openSecret: OpenSecret;
  /** No other provider key may be used than this one: for tries by hand. */
  readonly onlyKeyId?: string;
  /** Hears how each provider does. */
  readonly groups: LiveGroups;
  readonly thoughts: ThoughtMemory;
  /** What a model, by the provider's own name of it, costs now. */
  readonly priceOf: (provider: Provider, model: string) => PricedModel | undefined;
}
