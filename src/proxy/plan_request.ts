import type { ClientKeys } from "../access/client_keys.ts";
import type { ClientLimiter } from "../access/client_limiter.ts";
import { isBytes } from "../core/http.ts";
import type { NetworkList } from "../core/network_list.ts";
import type { DialectName } from "../core/provider.ts";
import type { RequestRecord } from "../core/request_record.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { modelInPath } from "../dialect/model_path.ts";
import { AppError } from "../errors.ts";
import type { LiveGroups } from "../pool/live_groups.ts";
import type { ResolvedModel } from "../pool/model_index.ts";
import { admit } from "./admit.ts";
import type { Answer } from "./answer.ts";
import { findModel, isRealtimePath, resolveModel } from "./asked_model.ts";
import { canBeAsked } from "./askable.ts";
import { callerAddress } from "./caller_address.ts";
import {
  type Candidates,
  foreign,
  type Named,
  requireNamed,
  type RouteDeps,
  serversByModel,
  serversOf,
} from "./candidates.ts";
import { checkModels, checkNetwork, checkTarget } from "./client_bounds.ts";
import { answerJson } from "./answer_json.ts";
import { type Asks, planOf } from "./make_plan.ts";
import type { LiveRequests } from "./live_requests.ts";
import { answerModelList } from "./model_lists.ts";
import { NamedModel } from "./named_model.ts";
import { checkPath } from "./path.ts";
import type { AttemptDeps, Plan } from "./plan.ts";
import { presentedKey } from "./presented_key.ts";
import { promptEstimateOf } from "./estimate_usage.ts";
import { withoutForeignThoughts } from "./foreign_thoughts.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { type BodyLimits, isJsonPath, readRequestBody, type RequestBody } from "./request_body.ts";
import { readTarget, type Target } from "./target.ts";

/** What serving a request needs from outside. */
export interface RelayDeps extends AttemptDeps, RouteDeps {
  readonly groups: LiveGroups;
  readonly clientKeys: ClientKeys;
  readonly limiter: ClientLimiter;
  /** Whose word on a caller's address is taken. */
  readonly trustedProxies: NetworkList;
  readonly limits: BodyLimits;
  readonly defaultModel: string | undefined;
  readonly newRequestId: () => string;
  readonly record: (request: RequestRecord) => void;
  /** Where requests that take a while are seen. */
  readonly running?: LiveRequests;
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
  const listed = answerModelList(request, target, named, deps);
  if (listed !== undefined) return listed;
  const dialect = dialectOf(upstreamDialectOf(request.dialect, incoming.method, target, named));
  const isJson = !target.isRaw && dialect.name !== "rest" && isJsonPath(incoming.method, target.rest);
  const body = await readBody(request, isJson, deps.limits);
  const found = findModel(target, body, dialect.modelInPath(target.rest));
  const asked = found.model ??
    (isJson && body.body !== undefined && isBytes(body.body) ? deps.defaultModel : undefined);
  const outgoing = {
    method: incoming.method,
    headers: incoming.headers,
    query: target.query,
    isRaw: target.isRaw,
    rest: target.rest,
    body: nativeBody(body, target, dialect.name),
  };
  request.model = asked;
  request.promptEstimate = promptEstimateOf(outgoing);
  const resolved = asked === undefined ? undefined : resolveModel(asked, named, target, deps);
  if (resolved !== undefined) request.model = resolved.model;
  if (request.clientKey !== undefined && request.clientKey.models.length > 0) {
    checkModels(request.clientKey, {
      asked,
      bare: bareName(asked, resolved),
      others: dialect.name === "rest" ? modelsIn(target.rest, body.otherModels) : body.otherModels,
      isModelNeeded: body.body !== undefined || isRealtimePath(target.rest),
    });
  }
  const asks: Asks = {
    request,
    target,
    named,
    dialect,
    outgoing,
    naming: new NamedModel(outgoing, found.place, found.model),
    json: body.json,
    asked,
    place: found.place,
    thoughts: deps.thoughts,
  };
  const candidates = route(asks, resolved, deps);
  const plan = planOf(asks, candidates, fallbackOf(asks, resolved, deps));
  const entering = admit(request, body, plan, deps.limiter, deps);
  if (entering !== undefined) await entering;
  return plan.translation?.mustEstimate(plan.providers) === true
    ? answerJson(request, plan.translation.estimate(), [["x-keyturn-estimated", "input_tokens"]])
    : plan;
}

async function readBody(request: ProxiedRequest, isJson: boolean, limits: BodyLimits): Promise<RequestBody> {
  try {
    return await readRequestBody(request.incoming, isJson, limits);
  } catch (error) {
    // A body breaks off when its sender leaves, and then nobody is to be told.
    if (error instanceof AppError) request.noticeLeaving();
    else request.leave();
    throw error;
  }
}

/** The body for providers of the caller's own dialect; those of other dialects get `json` translated. */
function nativeBody({ body, json }: RequestBody, { isRaw, rest }: Target, dialect: DialectName) {
  if (isRaw || json === undefined || body === undefined || !isBytes(body)) return body;
  return withoutForeignThoughts(dialect, rest, body, json) ?? body;
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
  request.groupSlug = named.group?.slug;
  if (target.dialect === undefined) request.dialect = named.servers[0]?.provider.dialect ?? request.dialect;
  return named;
}

/**
 * The caller's dialect, or `rest` where all that are named are of it: then everything passes as it is.
 * @throws {AppError} `invalid_request` when nobody of those that are named can be asked this.
 */
function upstreamDialectOf(
  spoken: DialectName,
  method: string,
  target: Target,
  named: Named | undefined,
): DialectName {
  if (target.isRaw || named === undefined) return spoken;
  let isRest = true;
  for (const { provider } of named.servers) {
    if (provider.dialect === spoken) return spoken;
    if (provider.dialect !== "rest") isRest = false;
  }
  if (isRest) return "rest";
  const wanted = { dialect: spoken, method, path: target.rest, isWhole: true };
  if (named.servers.some(({ provider }) => canBeAsked(provider, wanted))) return spoken;
  throw foreign(named.slug, named.servers, wanted);
}

function route(
  { request, target, named, dialect, outgoing: { method, rest: path, body } }: Asks,
  resolved: ResolvedModel | undefined,
  deps: RelayDeps,
): Candidates {
  const isWhole = body === undefined || isBytes(body);
  if (named === undefined) {
    const call = { dialect: dialect.name, method, path, isWhole };
    return serversByModel(resolved, call, request.clientKey, deps);
  }
  const model = resolved?.model;
  const asked = target.isRaw ? named.servers[0]?.provider.dialect ?? dialect.name : dialect.name;
  const providers = serversOf(named, { dialect: asked, method, path, isWhole, model }, deps);
  return { providers, model, groupSlug: named.group?.slug };
}

/** The way out for a request that proves too long, where the operator has told one. */
function fallbackOf(
  asks: Asks,
  resolved: ResolvedModel | undefined,
  deps: RelayDeps,
): Plan["ifTooLong"] {
  const { named, target } = asks;
  const fallback = resolved?.contextFallback;
  if (fallback === undefined) return undefined;
  return () => {
    try {
      const candidates = route(asks, resolveModel(fallback, named, target, deps), deps);
      return planOf(asks, candidates, undefined);
    } catch (error) {
      // Nobody has it, or not for this client key: then the refusal stands.
      if (error instanceof AppError) return undefined;
      throw error;
    }
  };
}
