import { AppError } from "../errors.ts";
import type { ResolvedModel } from "../pool/model_index.ts";
import type { Named, RouteDeps } from "./candidates.ts";
import type { ModelPlace } from "./named_model.ts";
import type { RequestBody } from "./request_body.ts";
import type { Target } from "./target.ts";

/** Google's SDK writes `provider/model` into the path as it is. */
const SLASHED_IN_PATH = /^\/v1(?:beta)?\/models\/([^:?]+\/[^:?]+):[A-Za-z]+$/;

/** The model that a request names, and where. */
export function findModel(
  { slug, rest, query, dialect }: Target,
  body: RequestBody,
  inPath: string | undefined,
): { readonly model: string | undefined; readonly place: ModelPlace } {
  if (inPath !== undefined) return { model: inPath, place: "path" };
  const slashed = slug === undefined && dialect === "gemini" ? SLASHED_IN_PATH.exec(rest)?.[1] : undefined;
  if (slashed !== undefined) return { model: slashed, place: "path" };
  if (body.model !== undefined) return { model: body.model, place: "body" };
  if (!isRealtimePath(rest)) return NOWHERE;
  // A realtime session names its model in the query, since it begins without a body.
  const models = new URLSearchParams(query).getAll("model");
  if (models.length > 1) {
    throw new AppError("invalid_request", "Cannot serve this request: it names more than one model");
  }
  return models[0] === undefined ? NOWHERE : { model: models[0], place: "query" };
}

const NOWHERE = { model: undefined, place: "nowhere" } as const;

/** A session that names its model in the query. */
export function isRealtimePath(rest: string): boolean {
  return rest.endsWith("/realtime");
}

/**
 * What a caller's name of a model stands for. Under a slug it is that provider's own name, unless it is an alias of
 * something that may be had there; what passes as it is keeps its names.
 */
export function resolveModel(
  asked: string,
  named: Named | undefined,
  target: Pick<Target, "isRaw">,
  { models }: Pick<RouteDeps, "models">,
): ResolvedModel {
  const literal = { slug: undefined, model: asked };
  if (named === undefined) return models.resolve(asked);
  if (target.isRaw || models.findAlias(asked) === undefined) return literal;
  const resolved = models.resolve(asked);
  return resolved.slug === undefined || resolved.slug === named.slug ? resolved : literal;
}
