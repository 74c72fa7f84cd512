import { headerValue } from "../core/http.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { lacksUsageAsk } from "./ask_usage.ts";
import { speaking } from "./askable.ts";
import type { Candidates, Named } from "./candidates.ts";
import type { Incoming } from "./incoming.ts";
import type { ModelPlace, NamedModel } from "./named_model.ts";
import { readOperation } from "./operation.ts";
import type { Plan } from "./plan.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import type { RequestBody } from "./request_body.ts";
import type { Target } from "./target.ts";
import type { ThoughtMemory } from "./thought_memory.ts";
import { Translation } from "./translation.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/** What is known of a request once its body is read. */
export interface Asks {
  readonly request: ProxiedRequest;
  readonly target: Target;
  readonly named: Named | undefined;
  readonly dialect: Dialect;
  readonly outgoing: OutgoingRequest;
  readonly naming: NamedModel;
  readonly json: RequestBody["json"];
  /** The model as the caller wrote it, or the default. */
  readonly asked: string | undefined;
  readonly place: ModelPlace;
  readonly thoughts: ThoughtMemory;
}

/** @throws {AppError} `unknown_provider` when nobody is left to ask. */
export function planOf(
  asks: Asks,
  { providers, model, groupSlug }: Candidates,
  ifTooLong: Plan["ifTooLong"],
): Plan {
  const { request, target, dialect, outgoing, naming, json } = asks;
  const [first] = providers;
  if (first === undefined) throw new AppError("unknown_provider", "Cannot find a provider for this request");
  const { policy } = first.provider;
  request.model = model;
  request.groupSlug = groupSlug;
  return {
    outgoing,
    naming,
    providers,
    dialect,
    translation: translationOf(asks, providers, model),
    lacksUsageAsk: dialect.name === "openai" && lacksUsageAsk(outgoing, json),
    model,
    ifTooLong,
    strategy: target.strategy,
    deadlineMs: request.startedMs + policy.deadlineMs,
    maxAttempts: attemptsOf(providers),
    maxWaitMs: waitOf(request.incoming, policy.maxWaitMs),
  };
}

/** `undefined`, as nearly always, when all providers are asked in the caller's own dialect. */
function translationOf(
  { request, target, dialect, outgoing, json, asked, place, thoughts }: Asks,
  providers: readonly LiveProvider[],
  model: string | undefined,
): Translation | undefined {
  const { name } = dialect;
  if (target.isRaw || name === "rest" || speaking(providers, name) === providers) return undefined;
  return new Translation({
    outgoing,
    dialect: name,
    operation: readOperation(name, outgoing.method, outgoing.rest),
    json: place === "nowhere" && asked !== undefined ? { ...json, model: asked } : json,
    askedModel: asked,
    modelInPath: place === "path" ? asked : undefined,
    model,
    isJsonArray: !/(?:^|&)alt=sse(?:&|$)/.test(target.query),
    requestId: request.id,
    nowMs: request.startedMs,
    owner: request.clientKey?.id,
    thoughts,
  });
}

/** Each provider gets the attempts of its own policy. */
function attemptsOf(providers: readonly LiveProvider[]): number {
  let sum = 0;
  for (const { provider } of providers) sum += provider.policy.maxAttempts;
  return sum;
}

/** `X-Pool-Max-Wait: seconds` shortens the time that a request waits for a key; it never makes it longer. */
function waitOf(incoming: Incoming, maxWaitMs: number): number {
  const header = headerValue(incoming.headers, "x-pool-max-wait");
  const seconds = header === undefined ? NaN : Number(header);
  return seconds >= 0 ? Math.min(maxWaitMs, seconds * 1000) : maxWaitMs;
}
