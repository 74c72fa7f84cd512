import { z } from "zod";
import { dialectDefaults, findPreset, type Preset, vendorOfHost } from "../core/presets.ts";
import {
  CLIENT_GONE_RULES,
  type DialectName,
  DIALECTS,
  type Provider,
  type ProviderPolicy,
  STRATEGIES,
  TRANSLATE_MODES,
  type TranslateMode,
  VENDORS,
} from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type { ProviderDraft } from "../store/provider_store.ts";
import type { NetworkGuard } from "../transport/network_guard.ts";
import { parseBaseUrl } from "../transport/origin.ts";
import { priceField } from "./price_form.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const headerName = z.string().max(100).regex(TOKEN, "takes the characters of an HTTP header name")
  .toLowerCase();
const headerValue = z.string().max(4096).regex(/^[\t\x20-\x7e]*$/, "takes printable ASCII characters");

/** What frames a message or names its host is ours to write; a credential belongs into a key, which is sealed. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "x-api-key",
  "x-goog-api-key",
  "api-key",
  "cookie",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
  "expect",
]);
const extraHeaderName = headerName.refine((name) => !OWN_HEADERS.has(name), "is not for extra headers");

const credential = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("bearer") }),
  z.strictObject({ kind: z.literal("basic") }),
  z.strictObject({
    kind: z.literal("query"),
    name: z.string().min(1).max(100).regex(/^[\w.~-]+$/, "takes letters, digits and . _ ~ -"),
  }),
  z.strictObject({ kind: z.literal("header"), name: headerName, prefix: headerValue.optional() }),
]);

export const modelName = z.string().min(1).max(200);

const ms = z.number().int().min(1).max(86_400_000);

const policy = z.strictObject({
  connectTimeoutMs: ms,
  firstByteTimeoutMs: ms,
  idleTimeoutMs: ms,
  deadlineMs: ms,
  maxAttempts: z.number().int().min(1).max(100),
  maxWaitMs: z.number().int().min(0).max(600_000),
  cooldownBaseMs: ms,
  cooldownCapMs: ms,
  maxConsecutiveFailures: z.number().int().min(1).max(100),
  repeat: z.enum(["safe", "always", "never"]),
  onClientGone: z.enum(CLIENT_GONE_RULES),
  allowPrivateNetwork: z.boolean(),
  allowPlainHttp: z.boolean(),
}).partial();

/** Slugs that are words of the admin API's own paths, or of the proxy's. */
const RESERVED_SLUGS: ReadonlySet<string> = new Set(["proxy", "admin", "v1", "v1beta", "health", "new"]);

/** The slug of a provider or a group. */
export const slugField = z.string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "takes 1 to 63 of a-z, 0-9, _ and -, a letter or digit first")
  .refine((slug) => !RESERVED_SLUGS.has(slug), "is a word of our own paths");

const fields = {
  slug: slugField,
  name: z.string().min(1).max(200),
  dialect: z.enum(DIALECTS),
  vendor: z.enum(VENDORS),
  baseUrl: z.string().max(2048).superRefine((value, context) => {
    const fault = baseUrlFault(value);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  }).transform((value) => value.replace(/\/+$/, "")),
  credential,
  headers: z.record(extraHeaderName, headerValue),
  strategy: z.enum(STRATEGIES),
  isEnabled: z.boolean(),
  priority: z.number().int().min(0).max(1000),
  models: z.array(modelName).max(10_000),
  modelMap: z.record(modelName, modelName).refine(
    (map) => Object.keys(map).length <= 1000,
    "takes 1000 models at most",
  ),
  prices: z.record(modelName, priceField).refine(
    (prices) => Object.keys(prices).length <= 1000,
    "takes 1000 prices at most",
  ),
  policy,
  allowedMethods: z.array(z.string().regex(/^[A-Z]{1,20}$/, "takes HTTP methods in capitals")).max(20),
  translate: z.enum(TRANSLATE_MODES),
};

/** Body of a new provider: a preset's slug, or a slug with a base URL; everything else has a default. */
export const newProviderForm = z.strictObject({ preset: z.string(), ...fields }).partial();
/** Body of a change: what is left out stays. */
export const providerForm = z.strictObject(fields).partial();

export type ProviderForm = z.infer<typeof providerForm>;

/**
 * A whole provider from what was given: over the preset, over the defaults of the dialect.
 * @throws {AppError} `unprocessable` for an unknown preset, a missing slug, a missing base URL.
 */
export function draftProvider(
  form: z.infer<typeof newProviderForm>,
  defaults: ProviderPolicy,
): ProviderDraft {
  const { preset: presetSlug, headers, policy: overrides, ...given } = form;
  const preset = presetSlug === undefined ? undefined : presetOf(presetSlug);
  const slug = given.slug ?? preset?.slug ?? missing("slug");
  const baseUrl = given.baseUrl ?? preset?.baseUrl ?? missing("baseUrl");
  const dialect = given.dialect ?? preset?.dialect ?? "openai";
  const base = preset !== undefined && preset.dialect === dialect ? preset : dialectDefaults(dialect);
  return {
    slug,
    name: given.name ?? preset?.name ?? slug,
    dialect,
    vendor: given.vendor ?? preset?.vendor ?? vendorOfHost(new URL(baseUrl).hostname) ?? base.vendor,
    baseUrl,
    credential: credentialFrom(given.credential) ?? base.credential,
    headers: headers === undefined ? base.headers : Object.entries(headers),
    strategy: given.strategy ?? "round_robin",
    isEnabled: given.isEnabled ?? true,
    priority: given.priority ?? 100,
    models: given.models ?? [],
    modelMap: given.modelMap ?? {},
    prices: given.prices ?? {},
    policy: { ...defaults, ...withoutUndefined(overrides) },
    allowedMethods: given.allowedMethods ?? [],
    translate: checkedMode(given.translate ?? "native", dialect),
  };
}

/** The provider with what was given in the place of what it had. */
export function changeProvider(provider: Provider, form: ProviderForm): Provider {
  const { headers, policy: overrides, credential: place, ...given } = form;
  return {
    ...provider,
    ...withoutUndefined(given),
    credential: credentialFrom(place) ?? provider.credential,
    headers: headers === undefined ? provider.headers : Object.entries(headers),
    policy: { ...provider.policy, ...withoutUndefined(overrides) },
    translate: checkedMode(given.translate ?? provider.translate, given.dialect ?? provider.dialect),
  };
}

/** Only Google and Anthropic have an OpenAI endpoint beside their own dialect. */
function checkedMode(mode: TranslateMode, dialect: DialectName): TranslateMode {
  if (mode === "native" || dialect === "gemini" || dialect === "anthropic") return mode;
  throw unprocessable("translate", "is openai_compatible for the dialects gemini and anthropic only");
}

/** A preset as a draft, for seeding. */
export function draftOfPreset(preset: Preset, defaults: ProviderPolicy): ProviderDraft {
  return draftProvider({ preset: preset.slug }, defaults);
}

function presetOf(slug: string): Preset {
  const preset = findPreset(slug);
  if (preset === undefined) throw unprocessable("preset", "is not known");
  return preset;
}

function credentialFrom(form: z.infer<typeof credential> | undefined): Provider["credential"] | undefined {
  if (form === undefined || form.kind !== "header") return form;
  const { prefix, ...named } = form;
  return prefix === undefined ? named : { ...named, prefix };
}

function missing(field: string): never {
  throw unprocessable(field, "is needed without a preset");
}

/** The answer for a field whose fault no schema can tell. */
export function unprocessable(field: string, fault: string): AppError {
  return new AppError("unprocessable", `Cannot accept the body: ${field} (${fault})`, {
    details: { fields: { [field]: fault } },
  });
}

/**
 * What a form can tell of a place where no provider may be; the rest shows when it is connected to.
 * @throws {AppError} `unprocessable` that says how it can be allowed.
 */
export function checkPlace(
  { baseUrl, policy }: Pick<Provider, "baseUrl" | "policy">,
  guard: NetworkGuard,
): void {
  const { allowPrivateNetwork: allowsPrivate, allowPlainHttp: allowsPlain } = policy;
  const fault = guard.faultOf({ ...parseBaseUrl(baseUrl).origin, allowsPrivate, allowsPlain });
  if (fault !== undefined) throw unprocessable("baseUrl", fault);
}

function baseUrlFault(value: string): string | undefined {
  try {
    parseBaseUrl(value);
    return undefined;
  } catch (error) {
    // Translated: the parser's message says what is wrong and repeats nothing of the URL.
    return error instanceof TypeError ? error.message.replace(/^Cannot use the base URL: /, "") : "not a URL";
  }
}

/** The members that are set: a member that is `undefined` must not erase what stands. */
export function withoutUndefined<T extends object>(
  value: T | undefined,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const name in value) {
    const member = value[name];
    if (member !== undefined) Object.assign(kept, { [name]: member });
  }
  return kept;
}
