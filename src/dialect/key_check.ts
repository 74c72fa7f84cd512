import type { KeyCheckResult } from "../core/key_check.ts";
import type { DialectName, Vendor } from "../core/provider.ts";
import type { Verdict } from "../core/verdict.ts";

/** A request that shows whether a provider knows a key. It costs nothing and changes nothing. */
export interface KeyCheckRequest {
  readonly method: "GET";
  /** Behind the provider's prefix, with its query if it has one. */
  readonly path: string;
  /**
   * Whether the vendor is known to refuse it without a valid key. Where it is not, a success proves nothing until
   * the same request was refused with a made-up key: local servers and some relays list their models to everyone.
   */
  readonly isKnownToAuthenticate: boolean;
}

/** What of a provider decides how its keys are checked. */
export interface CheckedProvider {
  readonly vendor: Vendor;
  readonly dialect: DialectName;
  /** A path that the operator names for it; the only way for `rest`, of which nothing is known. */
  readonly keyCheckPath?: string;
}

/**
 * The request that proves a key of this provider, or `undefined` when none is known.
 *
 * - OpenRouter lists its models to everyone, key or not; `GET /api/v1/key` tells of the key itself and answers 401
 *   to a wrong one (openrouter.ai/docs/api/api-reference/api-keys/get-current-key; charmbracelet/crush#997).
 * - OpenAI, Groq, Mistral, DeepSeek: `GET /models` needs the key (platform.openai.com/docs/api-reference/models,
 *   console.groq.com/docs/api-reference#models, docs.mistral.ai/api/endpoint/models,
 *   api-docs.deepseek.com/api/list-models). Others who speak that dialect may or may not ask for one.
 * - Anthropic: `GET /v1/models`, `x-api-key` required (platform.claude.com/docs/en/api/models-list).
 * - Gemini: `GET /v1beta/models`, an invalid key gets 400 API_KEY_INVALID (ai.google.dev/api/models).
 */
export function keyCheckRequest(provider: CheckedProvider): KeyCheckRequest | undefined {
  const { vendor, dialect, keyCheckPath } = provider;
  if (keyCheckPath !== undefined) return get(keyCheckPath, false);
  if (vendor === "openrouter") return get("/v1/key", true);
  switch (dialect) {
    case "openai":
      return get("/v1/models", ASKS_FOR_KEY.has(vendor));
    case "anthropic":
      return get("/v1/models?limit=1", vendor === "anthropic");
    case "gemini":
      return get("/v1beta/models?pageSize=1", vendor === "gemini");
    case "rest":
      return undefined;
  }
}

/** What the verdict on the answer says of the key. Only an explicit yes or no counts. */
export function readKeyCheck(verdict: Verdict): KeyCheckResult {
  switch (verdict.kind) {
    case "succeeded":
    case "ok_empty":
      return "accepted";
    case "key_dead":
      return "rejected";
    default:
      // A restricted key of OpenAI may not list models: the refusal names its scopes, so the key itself is known.
      return verdict.rule === "openai.missing_scopes" ? "accepted" : "failed";
  }
}

/** Vendors of OpenAI's dialect whose list of models needs a key. */
const ASKS_FOR_KEY: ReadonlySet<Vendor> = new Set(["openai", "groq", "mistral", "deepseek"]);

function get(path: string, isKnownToAuthenticate: boolean): KeyCheckRequest {
  return { method: "GET", path, isKnownToAuthenticate };
}
