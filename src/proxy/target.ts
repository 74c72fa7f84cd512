import type { Header } from "../core/http.ts";
import { headerValue } from "../core/http.ts";
import { type DialectName, STRATEGIES, type Strategy } from "../core/provider.ts";
import { AppError } from "../errors.ts";

/** What a path asks for: a provider by its slug, or whoever offers the model that the request names. */
export interface Target {
  /** Slug of a provider; `undefined` routes by model. */
  readonly slug: string | undefined;
  /** How the caller speaks, so also how errors are told; `undefined` means as the provider does. */
  readonly dialect: DialectName | undefined;
  /** The path that goes upstream, behind the provider's prefix. */
  readonly rest: string;
  /** Query that goes upstream, without "?" and without what was meant for us. */
  readonly query: string;
  /** Overrides the provider's strategy for this request. */
  readonly strategy: Strategy | undefined;
  /** Whether the request passes as it is, whatever the provider's dialect. */
  readonly isRaw: boolean;
}

/**
 * Reads the route table of docs/api.md: every prefix meets here in one `Target`.
 * `undefined` when the path belongs to no route of the proxy.
 * @throws {AppError} `not_found` for a route without a slug; `invalid_request` for an unknown strategy.
 */
export function readTarget(path: string, query: string, headers: readonly Header[]): Target | undefined {
  if (path.startsWith("/v1/")) return byModel(path, query, v1Dialect(path, query, headers));
  if (path.startsWith("/v1beta/")) return byModel(path, query, "gemini");
  if (path.startsWith("/llm/")) return bySlug(path, "/llm/", query, headers, false);
  if (path.startsWith("/proxy/")) return bySlug(path, "/proxy/", query, headers, true);
  if (path.startsWith("/api/proxy/")) return bySlug(path, "/api/proxy/", query, headers, false);
  if (path.startsWith("/api/")) return withStrategy(bySlug(path, "/api/", query, headers, false));
  return undefined;
}

/** The dialect in which a path's errors are told when nothing else is known of the request. */
export function dialectOfPath(path: string, headers: readonly Header[]): DialectName | undefined {
  if (
    path.includes("/v1/messages") || path.endsWith("/messages") || path.endsWith("/messages/count_tokens")
  ) {
    return "anthropic";
  }
  if (path.includes("/v1beta/") || GEMINI_METHOD.test(path)) return "gemini";
  if (OPENAI_PATH.test(path)) return "openai";
  if (headerValue(headers, "anthropic-version") !== undefined) return "anthropic";
  if (headerValue(headers, "x-goog-api-key") !== undefined) return "gemini";
  // A list of models under a slug, asked for with OpenAI's way to send a key.
  if (MODELS_PATH.test(path) && /^bearer /i.test(headerValue(headers, "authorization") ?? "")) {
    return "openai";
  }
  return undefined;
}

const GEMINI_METHOD = /:(?:stream)?(?:generateContent|countTokens|embedContent|batchEmbedContents)$/i;
const MODELS_PATH = /^(?:\/v1)?\/models(?:\/|$)/;
const OPENAI_PATH =
  /\/(?:chat\/completions|completions|responses|embeddings|images|audio|moderations|files|batches|realtime)(?:\/|$)/;

/** `/v1/models` is a path of three dialects; the headers that their clients always send tell which. */
function v1Dialect(path: string, query: string, headers: readonly Header[]): DialectName {
  if (path.startsWith("/v1/messages")) return "anthropic";
  if (!path.startsWith("/v1/models")) return "openai";
  if (headerValue(headers, "anthropic-version") !== undefined) return "anthropic";
  // Google's own SDK asks under /v1 as well as under /v1beta.
  const isGemini = GEMINI_METHOD.test(path) || headerValue(headers, "x-goog-api-key") !== undefined ||
    query.split("&").some((pair) => nameOf(pair) === "key");
  return isGemini ? "gemini" : "openai";
}

function byModel(path: string, query: string, dialect: DialectName): Target {
  return {
    slug: undefined,
    dialect,
    rest: path,
    query: withoutParameters(query, isCredential),
    strategy: undefined,
    isRaw: false,
  };
}

function bySlug(
  path: string,
  prefix: string,
  query: string,
  headers: readonly Header[],
  isRaw: boolean,
): Target {
  const end = path.indexOf("/", prefix.length);
  const slug = end === -1 ? path.slice(prefix.length) : path.slice(prefix.length, end);
  if (slug === "") throw new AppError("not_found", `Cannot serve ${prefix}: no provider is named`);
  const rest = end === -1 ? "" : path.slice(end);
  return {
    slug,
    dialect: isRaw ? "rest" : dialectOfPath(rest, headers),
    rest,
    query: withoutParameters(query, isCredential),
    strategy: undefined,
    isRaw,
  };
}

/** System 4's names of strategies, beside our own. */
const STRATEGY_NAMES = new Map<string, Strategy>([
  ...STRATEGIES.map((name) => [name, name] as const),
  ["roundRobin", "round_robin"],
  ["leastUsed", "least_used"],
]);

function withStrategy(target: Target): Target {
  const given = new URLSearchParams(target.query).get("strategy");
  if (given === null) return target;
  const strategy = STRATEGY_NAMES.get(given);
  if (strategy === undefined) {
    throw new AppError(
      "invalid_request",
      `Cannot use this strategy: takes one of ${[...STRATEGY_NAMES.keys()].join(", ")}`,
    );
  }
  return { ...target, strategy, query: withoutParameters(target.query, (name) => name === "strategy") };
}

const isCredential = (name: string) => name === "key" || name === "access_token";

/** A query without the parameters that `isDropped` names; the others stay as they were typed. */
function withoutParameters(query: string, isDropped: (name: string) => boolean): string {
  if (query === "") return "";
  const kept = query.split("&").filter((pair) => !isDropped(nameOf(pair)));
  return kept.join("&");
}

function nameOf(pair: string): string {
  const name = pair.split("=", 1)[0] ?? "";
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    // A broken percent-encoding names no parameter of ours.
    return name;
  }
}
