import type { DialectName } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { ListedModel } from "../pool/model_index.ts";
import type { Answer } from "./answer.ts";
import { answerJson } from "./answer_json.ts";
import { canBeAsked } from "./askable.ts";
import type { Named, RouteDeps } from "./candidates.ts";
import { acceptsModel } from "./client_bounds.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import type { Target } from "./target.ts";

/** Which model a path asks about: "" for all of them, `undefined` for a path that asks for something else. */
function modelAskedAbout(rest: string, dialect: DialectName): string | undefined {
  const path = dialect === "gemini"
    ? /^(?:\/v1(?:beta)?)?\/models(?:\/([^:]+))?\/?$/
    : /^(?:\/v1)?\/models(?:\/(.+))?\/?$/;
  const found = path.exec(rest);
  return found === null ? undefined : found[1] ?? "";
}

/**
 * The answer to a request for the list of models, or for one of it: of all providers that this caller's conversations
 * reach, what this client key may use. Under a slug it is the upstream's own list where all of its servers speak the
 * caller's dialect. `undefined` for other requests; and, where somebody speaks that dialect, for a model that is in no
 * list and while nothing is known of any of these providers: they are asked themselves then.
 * @throws {AppError} `model_not_found`
 */
export function answerModelList(
  request: ProxiedRequest,
  target: Target,
  named: Named | undefined,
  deps: RouteDeps,
): Answer | undefined {
  const { dialect, incoming: { method } } = request;
  if (method !== "GET" || target.isRaw || dialect === "rest") return undefined;
  const about = modelAskedAbout(target.rest, dialect);
  return about === undefined ? undefined : listModels(request, about, target, named, deps);
}

/** Apart, because what its closures hold would be set aside for every request. */
function listModels(
  request: ProxiedRequest,
  about: string,
  { rest, query, slug }: Target,
  named: Named | undefined,
  { live, models }: RouteDeps,
): Answer | undefined {
  const { dialect, clientKey, incoming: { method } } = request;
  const call = { dialect, method, path: rest, isWhole: true };
  const isTheirs = ({ provider }: LiveProvider) => provider.dialect === "rest" || canBeAsked(provider, call);
  if (named?.servers.every(isTheirs) === true) return undefined;
  const reached = slug === undefined ? [] : [slug];
  const usable = models.list(
    slug === undefined ? clientKey?.targets ?? [] : reached,
    (name) => acceptsModel(clientKey, name),
  ).filter(isSpoken);
  const isOwnThere = named === undefined
    ? live.list().some(({ provider }) => provider.isEnabled && provider.dialect === dialect)
    : named.servers.some(isTheirs);
  if (about !== "") {
    const found = usable.find(({ id }) => id === about);
    if (found !== undefined) return answerJson(request, form(dialect, found));
    if (isOwnThere || named === undefined) return undefined;
    const name = JSON.stringify(about.slice(0, 100));
    throw new AppError("model_not_found", `Cannot find model ${name}: ${named.slug} does not list it`);
  }
  // A client key that may use none of the models that are known gets an empty list, not another's.
  const isAnyKnown = usable.length > 0 || models.list(reached, () => true).some(isSpoken);
  if (!isAnyKnown && (isOwnThere || live.list().length === 0)) return undefined;
  return answerJson(request, renderPage(dialect, usable, new URLSearchParams(query)));
}

/** Whether some server of it can be reached by conversations of any dialect. */
function isSpoken({ providers }: ListedModel): boolean {
  return providers.some(({ provider }) => provider.dialect !== "rest");
}

function renderPage(dialect: DialectName, listed: readonly ListedModel[], query: URLSearchParams): unknown {
  switch (dialect) {
    case "anthropic": {
      // platform.claude.com/docs/en/api/models-list: 20 a page, at most 1000.
      const limit = sizeOf(query.get("limit"), 20);
      const before = query.get("before_id");
      const page = before === null
        ? pageAfter(listed, query.get("after_id"), limit)
        : pageBefore(listed, before, limit);
      const data = page.models.map((each) => form(dialect, each));
      const first = page.models[0]?.id ?? null;
      return { data, has_more: page.hasMore, first_id: first, last_id: page.models.at(-1)?.id ?? null };
    }
    case "gemini": {
      // ai.google.dev/api/models#method:-models.list: 50 a page, at most 1000. Our page token is the last page's end.
      const page = pageAfter(listed, query.get("pageToken"), sizeOf(query.get("pageSize"), 50));
      const next = page.hasMore ? { nextPageToken: page.models.at(-1)?.id } : {};
      return { models: page.models.map((each) => form(dialect, each)), ...next };
    }
    case "openai":
    case "rest":
      return { object: "list", data: listed.map((each) => form(dialect, each)) };
  }
}

/** A model as its dialect lists it. When it was made and what it is good for are not known, so nothing is claimed. */
function form(dialect: DialectName, { id, providers }: ListedModel): unknown {
  switch (dialect) {
    case "anthropic":
      // The documentation allows the epoch for a date that is not known.
      return { type: "model", id, display_name: id, created_at: "1970-01-01T00:00:00Z" };
    case "gemini":
      return {
        name: `models/${id}`,
        displayName: id,
        supportedGenerationMethods: /embed/i.test(id)
          ? ["embedContent", "batchEmbedContents", "countTokens"]
          : ["generateContent", "streamGenerateContent", "countTokens"],
      };
    case "openai":
    case "rest":
      return { id, object: "model", created: 0, owned_by: providers[0]?.provider.slug ?? "keyturn" };
  }
}

interface Page {
  readonly models: readonly ListedModel[];
  readonly hasMore: boolean;
}

/** The list is in order of ids, so that a page also begins well behind a model that is gone. */
function pageAfter(listed: readonly ListedModel[], after: string | null, size: number): Page {
  const rest = after === null ? listed : listed.filter(({ id }) => id > after);
  return { models: rest.slice(0, size), hasMore: rest.length > size };
}

function pageBefore(listed: readonly ListedModel[], before: string, size: number): Page {
  const rest = listed.filter(({ id }) => id < before);
  return { models: rest.slice(-size), hasMore: rest.length > size };
}

const MAX_PAGE = 1000;

/** @throws {AppError} `invalid_request` for what is no number of models. */
function sizeOf(given: string | null, usual: number): number {
  if (given === null || given === "" || given === "0") return usual;
  if (!/^\d{1,9}$/.test(given)) {
    throw new AppError("invalid_request", `Cannot list models: takes a page size of 1 to ${MAX_PAGE}`);
  }
  return Math.min(MAX_PAGE, Number(given));
}
