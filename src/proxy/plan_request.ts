import type { ClientKeys } from "../access/client_keys.ts";
import type { ClientLimiter } from "../access/client_limiter.ts";
import { headerValue, isBytes } from "../core/http.ts";
import type { NetworkList } from "../core/network_list.ts";
import type { DialectName } from "../core/provider.ts";
import type { RequestRecord } from "../core/request_record.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { modelInPath } from "../dialect/model_path.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { ResolvedModel } from "../pool/model_index.ts";
import { admit } from "./admit.ts";
import type { Answer } from "./answer.ts";
import { findModel, isRealtimePath, resolveModel } from "./asked_model.ts";
import { callerAddress } from "./caller_address.ts";
import {
  type Candidates,
  type Named,
  requireNamed,
  type RouteDeps,
  serversByModel,
  serversOf,
} from "./candidates.ts";
import { checkModels, checkNetwork, checkTarget } from "./client_bounds.ts";
import type { Incoming } from "./incoming.ts";
import { answerModelList } from "./model_lists.ts";
import { NamedModel } from "./named_model.ts";
import { checkPath } from "./path.ts";
import type { AttemptDeps, Plan } from "./plan.ts";
import { presentedKey } from "./presented_key.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { type BodyLimits, isJsonPath, readRequestBody } from "./request_body.ts";
import { readTarget, type Target } from "./target.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/** What serving a request needs from outside. */
export interface RelayDeps extends AttemptDeps, RouteDeps {
  readonly clientKeys: ClientKeys;
  readonly limiter: ClientLimiter;
  /** Whose word on a caller's address is taken. */
  readonly trustedProxies: NetworkList;
  readonly limits: BodyLimits;
  readonly defaultModel: string | undefined;
  readonly newRequestId: () => string;
  readonly record: (request: RequestRecord) => void;
}

/**
 * Route, authenticate, read the body, choose who may serve it, and let it in by its client key's limits. What needs
 * no provider is answered here.
 */
export async function planRequest(request: ProxiedRequest, deps: RelayDeps): Promise<Plan | Answer> {
  const { incoming } = request;
  checkPath(incoming.path);
  const target = readTarget(incoming.path, incoming.query, incoming.headers);
  if (target === undefined) throw new AppError("not_found", "Cannot find this path");
  if (target.dialect !== undefined) request.dialect = target.dialect;
  authenticate(request, deps);
  const named = target.slug === undefined ? undefined : nameIn(request, target, target.slug, deps);
  const listed = answerModelList(request, target, deps);
  if (listed !== undefined) return listed;
  const dialect = dialectOf(upstreamDialectOf(request.dialect, target, named));
  const isJson = !target.isRaw && dialect.name !== "rest" && isJsonPath(incoming.method, target.rest);
  const body = await readRequestBody(incoming, isJson, deps.limits);
  const found = findModel(target, body, dialect.modelInPath(target.rest));
  const asked = found.model ??
    (isJson && body.body !== undefined && isBytes(body.body) ? deps.defaultModel : undefined);
  const resolved = asked === undefined ? undefined : resolveModel(asked, named, target, deps);
  if (request.clientKey !== undefined && request.clientKey.models.length > 0) {
    checkModels(request.clientKey, {
      asked,
      bare: bareName(asked, resolved),
      others: dialect.name === "rest" ? modelsIn(target.rest, body.otherModels) : body.otherModels,
      isModelNeeded: body.body !== undefined || isRealtimePath(target.rest),
    });
  }
  const outgoing = {
    method: incoming.method,
    headers: incoming.headers,
    query: target.query,
    isRaw: target.isRaw,
    rest: target.rest,
    body: body.body,
  };
  const asks: Asks = {
    request,
    target,
    named,
    dialect,
    outgoing,
    naming: new NamedModel(outgoing, found.place, found.model),
    deps,
  };
  const candidates = route(asks, resolved);
  const plan = planOf(asks, candidates, fallbackOf(asks, resolved));
  const entering = admit(request, body, plan, deps.limiter);
  if (entering !== undefined) await entering;
  return plan;
}

/** The model of `provider/model`; `undefined` for an alias of such a one. */
function bareName(asked: string | undefined, resolved: ResolvedModel | undefined): string | undefined {
  return resolved?.slug !== undefined && asked === `${resolved.slug}/${resolved.model}`
    ? resolved.model
    : undefined;
}

/** What passes unread may still name a model in its path. */
function modelsIn(path: string, others: readonly string[]): readonly string[] {
  const model = modelInPath(path);
  return model === undefined ? others : [...others, model];
}

/** What is known of a request once its body is read. */
interface Asks {
  readonly request: ProxiedRequest;
  readonly target: Target;
  readonly named: Named | undefined;
  readonly dialect: Dialect;
  readonly outgoing: OutgoingRequest;
  readonly naming: NamedModel;
  readonly deps: RelayDeps;
}

function authenticate(request: ProxiedRequest, deps: RelayDeps): void {
  const { incoming } = request;
  const presented = presentedKey(incoming.headers, incoming.query);
  const caller = deps.clientKeys.authenticate(presented, deps.ticker.now());
  if (caller === undefined) {
    throw new AppError(
      "unauthorized",
      presented === undefined
        ? "Cannot serve this request: no client key is presented"
        : "Cannot serve this request: the client key is not valid",
    );
  }
  if (caller === "anonymous") return;
  request.clientKey = caller;
  if (caller.networks.length > 0) checkNetwork(caller, callerAddress(incoming, deps.trustedProxies));
}

/** Whom the path names; a path that tells no dialect is in that of its provider. */
function nameIn(request: ProxiedRequest, target: Target, slug: string, deps: RelayDeps): Named {
  checkTarget(request.clientKey, slug);
  const named = requireNamed(deps, slug, target.isRaw);
  if (target.dialect === undefined) request.dialect = named.servers[0]?.provider.dialect ?? request.dialect;
  return named;
}

/** @throws {AppError} `invalid_request` when nobody of those that are named speaks the caller's dialect. */
function upstreamDialectOf(spoken: DialectName, target: Target, named: Named | undefined): DialectName {
  if (target.isRaw || named === undefined) return spoken;
  let other: DialectName = "rest";
  for (const { provider } of named.servers) {
    if (provider.dialect === spoken) return spoken;
    if (provider.dialect !== "rest") other = provider.dialect;
  }
  if (other === "rest") return "rest";
  throw new AppError(
    "invalid_request",
    `Cannot send this request to ${named.slug}: it speaks ${other}, the request ${spoken}`,
  );
}

function route(
  { request, target, named, dialect, outgoing: { method }, deps }: Asks,
  resolved: ResolvedModel | undefined,
): Candidates {
  if (named === undefined) {
    return serversByModel(resolved, { dialect: dialect.name, method }, request.clientKey, deps);
  }
  const model = resolved?.model;
  const asked = target.isRaw ? named.servers[0]?.provider.dialect ?? dialect.name : dialect.name;
  return { providers: serversOf(named, { dialect: asked, method, model }, deps), model };
}

/** The way out for a request that proves too long, where the operator has told one. */
function fallbackOf(asks: Asks, resolved: ResolvedModel | undefined): Plan["ifTooLong"] {
  const { named, target, deps } = asks;
  const fallback = resolved?.contextFallback;
  if (fallback === undefined) return undefined;
  return () => {
    try {
      const candidates = route(asks, resolveModel(fallback, named, target, deps));
      return planOf(asks, candidates, undefined);
    } catch (error) {
      // Nobody has it, or not for this client key: then the refusal stands.
      if (error instanceof AppError) return undefined;
      throw error;
    }
  };
}

function planOf(asks: Asks, { providers, model }: Candidates, ifTooLong: Plan["ifTooLong"]): Plan {
  const { request, target, dialect, outgoing, naming } = asks;
  const [first] = providers;
  if (first === undefined) throw new AppError("unknown_provider", "Cannot find a provider for this request");
  const { policy } = first.provider;
  request.model = model;
  return {
    outgoing,
    naming,
    providers,
    dialect,
    model,
    ifTooLong,
    strategy: target.strategy,
    deadlineMs: request.startedMs + policy.deadlineMs,
    maxAttempts: attemptsOf(providers),
    maxWaitMs: waitOf(request.incoming, policy.maxWaitMs),
  };
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
