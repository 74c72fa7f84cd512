import type { Header } from "./http.ts";
import type { ModelPrices } from "./price.ts";

/** A wire protocol. `rest` is any HTTP API that is passed through as it is. */
export type DialectName = "openai" | "anthropic" | "gemini" | "rest";

export const DIALECTS: readonly DialectName[] = ["openai", "anthropic", "gemini", "rest"];

/**
 * Whose failures these are: providers of one dialect differ in what their errors mean
 * (reference: the table of failures in docs/failures.md). `other` has only the rules of its dialect.
 */
export type Vendor =
  | "openai"
  | "azure"
  | "openrouter"
  | "deepseek"
  | "groq"
  | "mistral"
  | "anthropic"
  | "gemini"
  | "other";

export const VENDORS: readonly Vendor[] = [
  "openai",
  "azure",
  "openrouter",
  "deepseek",
  "groq",
  "mistral",
  "anthropic",
  "gemini",
  "other",
];

/** How a provider key travels: `Authorization: Bearer`, a named header, a query parameter, or Basic. */
export type CredentialPlace =
  | { readonly kind: "bearer" }
  | { readonly kind: "header"; readonly name: string; readonly prefix?: string }
  | { readonly kind: "query"; readonly name: string }
  | { readonly kind: "basic" };

/** Which key of a pool is handed out next. */
export type Strategy = "round_robin" | "weighted" | "least_used" | "random" | "priority";

export const STRATEGIES: readonly Strategy[] = [
  "round_robin",
  "weighted",
  "least_used",
  "random",
  "priority",
];

/**
 * Whether a request that went out and got no answer may be sent again: `safe` asks the dialect whether
 * the call is safe to repeat, `always` and `never` decide for every call.
 */
export type RepeatRule = "safe" | "always" | "never";

/**
 * What becomes of an answer under way whose caller has left: the provider is broken off, or, for some seconds more,
 * read to the end, so that what it cost is known (most charge for it either way).
 */
export type ClientGoneRule = "abort" | "drain";

export const CLIENT_GONE_RULES: readonly ClientGoneRule[] = ["abort", "drain"];

export interface ProviderPolicy {
  /** To open a connection, TLS included. */
  readonly connectTimeoutMs: number;
  /** From the request's last byte to the answer's first. */
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of an answer. */
  readonly idleTimeoutMs: number;
  /** For all attempts together, up to the moment the answer begins. */
  readonly deadlineMs: number;
  /** How many provider keys one request may try, the first included. */
  readonly maxAttempts: number;
  /** How long a request may wait for a key that is about to be free. */
  readonly maxWaitMs: number;
  /** The first step of the cooldown ladder, for limits that name no time. */
  readonly cooldownBaseMs: number;
  /** The last step of the cooldown ladder. */
  readonly cooldownCapMs: number;
  /** Doubtful rejections in a row after which a key is not used any more. */
  readonly maxConsecutiveFailures: number;
  readonly repeat: RepeatRule;
  readonly onClientGone: ClientGoneRule;
  /** Whether the provider may be in a private network or on this machine; not asked where the environment says it. */
  readonly allowPrivateNetwork: boolean;
  /** Whether keys may go to it in the clear over the internet. */
  readonly allowPlainHttp: boolean;
}

/**
 * How callers of another dialect are served: `native` translates to and from the provider's own dialect;
 * `openai_compatible` sends what speaks OpenAI's dialect as it is to the provider's own OpenAI endpoint, where it has
 * one (Google, Anthropic), and translates the rest.
 */
export type TranslateMode = "native" | "openai_compatible";

export const TRANSLATE_MODES: readonly TranslateMode[] = ["native", "openai_compatible"];

/** A named upstream: where it is, how it is spoken to, how its keys are handed out. It owns a pool. */
export interface Provider {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly dialect: DialectName;
  readonly vendor: Vendor;
  /** Scheme, host, port and path prefix, without a trailing slash: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly credential: CredentialPlace;
  /** Sent with every request, e.g. `anthropic-version`; a caller's own header of that name wins. */
  readonly headers: readonly Header[];
  readonly strategy: Strategy;
  readonly isEnabled: boolean;
  /** Order among providers that offer the same model: the lower number is asked first. */
  readonly priority: number;
  /** Model ids that this provider offers; empty means not told. */
  readonly models: readonly string[];
  /** Names that this provider has for callers' models; `providerModel()` reads it. */
  readonly modelMap: Readonly<Record<string, string>>;
  /** What its models cost, by its own names of them; a model without a price costs client keys nothing. */
  readonly prices: ModelPrices;
  readonly policy: ProviderPolicy;
  readonly translate: TranslateMode;
  /** Methods that callers may use; empty means all. */
  readonly allowedMethods: readonly string[];
}

/** The provider's own name for a model that a caller asks for: mapped if the map has it, else the same. */
export function providerModel({ modelMap }: Pick<Provider, "modelMap">, model: string): string {
  // A caller may well ask for a model "constructor".
  return Object.hasOwn(modelMap, model) ? modelMap[model] ?? model : model;
}
