import { z } from "zod";
import {
  type CredentialPlace,
  DIALECTS,
  type Provider,
  type ProviderPolicy,
  STRATEGIES,
  TRANSLATE_MODES,
  VENDORS,
} from "../core/provider.ts";
import { flag, integer, json, text } from "./columns.ts";
import type { Row } from "./database.ts";
import { storedPrices } from "./price_json.ts";
import { StoreError } from "./store_error.ts";

/** A provider from its row: the policy is `defaults` with the stored overrides laid over them. */
export function providerOf(row: Row, defaults: ProviderPolicy): Provider {
  return {
    id: text(row, "id"),
    slug: text(row, "slug"),
    name: text(row, "name"),
    dialect: oneOf(row, "dialect", DIALECTS),
    vendor: oneOf(row, "vendor", VENDORS),
    baseUrl: text(row, "base_url"),
    credential: json(row, "credential", credentialSchema),
    headers: json(row, "headers", headersSchema),
    strategy: oneOf(row, "strategy", STRATEGIES),
    isEnabled: flag(row, "enabled"),
    priority: integer(row, "priority"),
    models: json(row, "models", namesSchema),
    modelMap: json(row, "model_map", modelMapSchema),
    prices: json(row, "prices", storedPrices),
    policy: mergePolicy(defaults, json(row, "policy", overridesSchema)),
    allowedMethods: json(row, "allowed_methods", namesSchema),
    translate: oneOf(row, "translate", TRANSLATE_MODES),
  };
}

/** The columns slug to translate, in the order in which the statements of provider_store.ts name them. */
export function providerArgs(provider: Omit<Provider, "id">, defaults: ProviderPolicy): (string | number)[] {
  return [
    provider.slug,
    provider.name,
    provider.dialect,
    provider.vendor,
    provider.baseUrl,
    JSON.stringify(provider.credential),
    JSON.stringify(provider.headers),
    provider.strategy,
    provider.isEnabled ? 1 : 0,
    provider.priority,
    JSON.stringify(provider.models),
    JSON.stringify(provider.modelMap),
    JSON.stringify(provider.prices),
    JSON.stringify(overridesOf(provider.policy, defaults)),
    JSON.stringify(provider.allowedMethods),
    provider.translate,
  ];
}

const namesSchema = z.array(z.string());
const modelMapSchema = z.record(z.string(), z.string());
const headersSchema = z.array(z.tuple([z.string(), z.string()]));

const credentialSchema: z.ZodType<CredentialPlace> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("bearer") }),
  z.object({ kind: z.literal("header"), name: z.string(), prefix: z.string().exactOptional() }),
  z.object({ kind: z.literal("query"), name: z.string() }),
  z.object({ kind: z.literal("basic") }),
]);

/** Every override is optional, and one that this version does not know is dropped. */
const overridesSchema = z.object(
  {
    connectTimeoutMs: z.number(),
    firstByteTimeoutMs: z.number(),
    idleTimeoutMs: z.number(),
    deadlineMs: z.number(),
    maxAttempts: z.number(),
    maxWaitMs: z.number(),
    cooldownBaseMs: z.number(),
    cooldownCapMs: z.number(),
    maxConsecutiveFailures: z.number(),
    repeat: z.enum(["safe", "always", "never"]),
    onClientGone: z.enum(["abort", "drain"]),
    allowPrivateNetwork: z.boolean(),
    allowPlainHttp: z.boolean(),
  } satisfies Record<keyof ProviderPolicy, z.ZodType>,
).partial();

type PolicyOverrides = z.infer<typeof overridesSchema>;

function mergePolicy(defaults: ProviderPolicy, overrides: PolicyOverrides): ProviderPolicy {
  return overridesSchema.required().parse({ ...defaults, ...overrides });
}

function overridesOf(policy: ProviderPolicy, defaults: ProviderPolicy): Record<string, unknown> {
  const standard = new Map<string, unknown>(Object.entries(defaults));
  return Object.fromEntries(Object.entries(policy).filter(([name, value]) => standard.get(name) !== value));
}

function oneOf<T extends string>(row: Row, column: string, known: readonly T[]): T {
  const value = text(row, column);
  const found = known.find((name) => name === value);
  if (found === undefined) {
    throw new StoreError("bad_row", `Cannot read stored provider: unknown ${column} ${value}`);
  }
  return found;
}
