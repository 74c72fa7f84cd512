import type { ClientKeys } from "../access/client_keys.ts";
import type { DialectName } from "../core/provider.ts";
import type { RequestRecord } from "../core/request_record.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider, LiveProviders } from "../pool/live_providers.ts";
import { candidatesFor, namedProvider } from "./candidates.ts";
import type { Incoming } from "./incoming.ts";
import { addStringMember, findStringMember, replaceStringMember } from "./json_member.ts";
import { checkPath } from "./path.ts";
import type { AttemptDeps, Plan } from "./plan.ts";
import { presentedKey } from "./presented_key.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { type BodyLimits, isJsonPath, readRequestBody, type RequestBody } from "./request_body.ts";
import { readTarget, type Target } from "./target.ts";

/** What serving a request needs from outside. */
export interface RelayDeps extends AttemptDeps {
  readonly live: LiveProviders;
  readonly clientKeys: ClientKeys;
  readonly limits: BodyLimits;
  readonly defaultModel: string | undefined;
  readonly newRequestId: () => string;
  readonly record: (request: RequestRecord) => void;
}

/** Route, authenticate, read the body, choose who may serve it. */
export async function planRequest(request: ProxiedRequest, deps: RelayDeps): Promise<Plan> {
  const { incoming } = request;
  checkPath(incoming.path);
  const target = readTarget(incoming.path, incoming.query, incoming.headers);
  if (target === undefined) throw new AppError("not_found", "Cannot find this path");
  if (target.dialect !== undefined) request.dialect = target.dialect;
  authenticate(request, deps);
  const named = target.slug === undefined
    ? undefined
    : namedProvider(deps.live, target.slug, incoming.method);
  if (named !== undefined && target.dialect === undefined) request.dialect = named.provider.dialect;
  const upstreamDialect = upstreamDialectOf(request.dialect, target, named);
  const isJson = !target.isRaw && upstreamDialect !== "rest" && isJsonPath(incoming.method, target.rest);
  const body = await readRequestBody(incoming, isJson, deps.limits);
  const dialect = dialectOf(upstreamDialect);
  const asked = dialect.modelInPath(target.rest) ?? body.model ?? modelInQuery(target) ??
    (isJson && body.body !== undefined ? deps.defaultModel : undefined);
  const { providers, rewrittenModel } = named === undefined
    ? candidatesFor(deps.live, target, upstreamDialect, asked, incoming.method)
    : { providers: [named], rewrittenModel: undefined };
  request.model = rewrittenModel ?? asked;
  const { policy } = firstOf(providers).provider;
  return {
    outgoing: {
      method: incoming.method,
      headers: incoming.headers,
      query: target.query,
      isRaw: target.isRaw,
      ...withModel(target, body, asked, request.model),
    },
    providers,
    dialect,
    model: request.model,
    strategy: target.strategy,
    deadlineMs: request.startedMs + policy.deadlineMs,
    maxAttempts: policy.maxAttempts,
    maxWaitMs: waitOf(incoming, policy.maxWaitMs),
  };
}

function authenticate(request: ProxiedRequest, deps: RelayDeps): void {
  const presented = presentedKey(request.incoming.headers, request.incoming.query);
  const caller = deps.clientKeys.authenticate(presented, deps.ticker.now());
  if (caller === undefined) {
    throw new AppError(
      "unauthorized",
      presented === undefined
        ? "Cannot serve this request: no client key is presented"
        : "Cannot serve this request: the client key is not valid",
    );
  }
  if (caller !== "anonymous") request.clientKey = caller;
}

/** @throws {AppError} `invalid_request` when the provider does not speak the caller's dialect. */
function upstreamDialectOf(
  spoken: DialectName,
  target: Target,
  named: LiveProvider | undefined,
): DialectName {
  if (target.isRaw || named === undefined) return spoken;
  const { dialect, slug } = named.provider;
  if (dialect === "rest" || dialect === spoken) return dialect;
  throw new AppError(
    "invalid_request",
    `Cannot send this request to ${slug}: it speaks ${dialect}, the request ${spoken}`,
  );
}

function firstOf(providers: readonly LiveProvider[]): LiveProvider {
  const [first] = providers;
  if (first === undefined) throw new AppError("unknown_provider", "Cannot find a provider for this request");
  return first;
}

/** Path and body with the model that is really asked for; both stay as they came when it is the same. */
function withModel(target: Target, body: RequestBody, asked: string | undefined, wanted: string | undefined) {
  const same = { rest: target.rest, body: body.body };
  if (wanted === undefined) return same;
  if (asked !== undefined && asked !== wanted && target.rest.includes(`/models/${asked}`)) {
    return { ...same, rest: target.rest.replace(`/models/${asked}`, `/models/${wanted}`) };
  }
  if (!(body.body instanceof Uint8Array) || body.model === wanted) return same;
  const member = findStringMember(body.body, "model");
  const changed = member === undefined
    ? addStringMember(body.body, "model", wanted)
    : replaceStringMember(body.body, member, wanted);
  return { ...same, body: changed };
}

/** `X-Pool-Max-Wait: seconds` shortens the time that a request waits for a key; it never makes it longer. */
function waitOf(incoming: Incoming, maxWaitMs: number): number {
  const header = incoming.headers.find(([name]) => name === "x-pool-max-wait")?.[1];
  const seconds = header === undefined ? NaN : Number(header);
  return seconds >= 0 ? Math.min(maxWaitMs, seconds * 1000) : maxWaitMs;
}

/** A realtime session names its model in the query, since it begins without a body. */
function modelInQuery(target: Target): string | undefined {
  if (!target.rest.endsWith("/realtime")) return undefined;
  return new URLSearchParams(target.query).get("model") ?? undefined;
}
