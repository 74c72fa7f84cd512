import { z } from "zod";
import { isUntested, type KeyHealth, type KeyState } from "../core/health.ts";
import { Secret } from "../core/secret.ts";
import type { KeyListing } from "../pool/key_pool.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { PooledKey } from "../pool/pool_key.ts";
import { findKeyOwners } from "../store/provider_key_owners.ts";
import { findProviderKeyId } from "../store/provider_key_store.ts";
import type { AdminDeps } from "./deps.ts";

/** States that keys are looked for by. `untested` are some of the ready ones; `model_rest` may be in any state. */
export const FILTER_STATES = [
  "ready",
  "untested",
  "cooling",
  "exhausted",
  "rejected",
  "disabled",
  "model_rest",
] as const;

export const AGES = ["day", "week", "month", "older"] as const;

const part = z.string().max(200);

/** What provider keys are looked for by; what is left out does not matter. */
export const keyFilterFields = {
  /** Slug. */
  provider: z.string().max(63).exactOptional(),
  state: z.enum(FILTER_STATES).exactOptional(),
  /** Part of why it rests, for all or for a model: the rule or what the provider said. */
  reason: part.exactOptional(),
  /** Keys that rest for this model now. */
  model: part.exactOptional(),
  tag: part.exactOptional(),
  account: part.exactOptional(),
  /** Added in the last day, week or month, or before that. */
  age: z.enum(AGES).exactOptional(),
  /** Part of the last four characters, the id, a tag, the account or the note. */
  q: part.exactOptional(),
  /** Of a whole provider key (`POST /admin/keys/find`). */
  fingerprint: z.string().max(64).exactOptional(),
};

export const keyFilter = z.strictObject(keyFilterFields);

export type KeyFilter = z.infer<typeof keyFilter>;

/** A key as it stands in its pool. */
export type ListedKey = Readonly<KeyListing & { readonly usedCount: number }>;

/** A filter with what it takes to apply it to a key at once. */
export interface KeyMatcher {
  readonly providers: readonly LiveProvider[];
  /** By everything but the state. */
  readonly matches: (listed: ListedKey) => boolean;
  readonly matchesState: (listed: ListedKey) => boolean;
}

/** Looks up what of a filter is not in memory. An unknown provider has no keys. */
export async function matcherOf(
  { live, db }: Pick<AdminDeps, "live" | "db">,
  filter: KeyFilter,
  nowMs: number,
): Promise<KeyMatcher> {
  const { provider, state, fingerprint } = filter;
  const one = provider === undefined ? undefined : live.find(provider);
  const providers = provider === undefined ? live.list() : one === undefined ? [] : [one];
  const conditions = conditionsOf(filter, nowMs);
  if (fingerprint !== undefined) {
    const ids = await findIds(db, fingerprint);
    conditions.push(({ key }) => ids.has(key.id));
  }
  return {
    providers,
    matches: (listed) => conditions.every((condition) => condition(listed)),
    matchesState: (listed) => state === undefined || isInState(listed, state, nowMs),
  };
}

/** The state that counts: what the operator wants comes before what was observed. */
export function stateOf({ key, health }: ListedKey): KeyState | "disabled" {
  return key.isEnabled ? health.state : "disabled";
}

/** What people have called the key, where they did. */
export function noteOf({ metadata }: Pick<PooledKey, "metadata">): string | undefined {
  const { note, name } = metadata ?? {};
  return typeof note === "string" ? note : typeof name === "string" ? name : undefined;
}

/** The latest attempt with the key, as far as its health tells. */
export function lastUsedMs({ lastSuccessMs, lastFailureMs }: KeyHealth): number | undefined {
  const latest = Math.max(lastSuccessMs ?? 0, lastFailureMs ?? 0);
  return latest === 0 ? undefined : latest;
}

/** The whole provider key that a text seems to be: nobody looks for such a text otherwise. */
export function asProviderKey(text: string): Secret | undefined {
  return /^\S{20,}$/.test(text) && !UUID.test(text) ? new Secret(text) : undefined;
}

const UUID = /^[0-9a-f-]{36}$/;
const DAY_MS = 86_400_000;
const AGE_DAYS = { day: 1, week: 7, month: 30 } as const;

type Condition = (listed: ListedKey) => boolean;

function conditionsOf({ reason, model, tag, account, age, q }: KeyFilter, nowMs: number): Condition[] {
  const conditions: Condition[] = [];
  if (tag !== undefined) conditions.push(({ key }) => key.tags?.includes(tag) ?? false);
  if (account !== undefined) conditions.push(({ key }) => includes(key.account, account.toLowerCase()));
  if (age !== undefined) {
    const sinceMs = nowMs - DAY_MS * (age === "older" ? AGE_DAYS.month : AGE_DAYS[age]);
    conditions.push(({ key }) => (key.createdAtMs ?? 0) >= sinceMs === (age !== "older"));
  }
  if (model !== undefined) {
    conditions.push(({ health }) =>
      (Object.hasOwn(health.models, model) ? health.models[model]?.untilMs ?? 0 : 0) > nowMs
    );
  }
  if (reason !== undefined) {
    const wanted = reason.toLowerCase();
    conditions.push(({ health }) =>
      includes(health.rule, wanted) || includes(health.reason, wanted) ||
      Object.values(health.models).some((rest) =>
        rest.untilMs > nowMs && (includes(rest.rule, wanted) || includes(rest.reason, wanted))
      )
    );
  }
  if (q !== undefined) {
    const wanted = q.trim().toLowerCase();
    conditions.push(({ key }) =>
      includes(key.lastFour, wanted) || key.id.startsWith(wanted) || includes(key.account, wanted) ||
      (key.tags?.some((each) => includes(each, wanted)) ?? false) || includes(noteOf(key), wanted)
    );
  }
  return conditions;
}

function isInState(listed: ListedKey, state: typeof FILTER_STATES[number], nowMs: number): boolean {
  const { key, health } = listed;
  switch (state) {
    case "untested":
      return key.isEnabled && health.state === "ready" && isUntested(health);
    case "model_rest":
      return key.isEnabled && hasModelRest(health, nowMs);
    default:
      return stateOf(listed) === state;
  }
}

function hasModelRest({ models }: KeyHealth, nowMs: number): boolean {
  for (const model in models) if ((models[model]?.untilMs ?? 0) > nowMs) return true;
  return false;
}

/** `wanted` in lower case. */
function includes(text: string | undefined, wanted: string): boolean {
  return text !== undefined && text.toLowerCase().includes(wanted);
}

async function findIds(db: AdminDeps["db"], fingerprint: string): Promise<ReadonlySet<string>> {
  const owners = (await findKeyOwners(db, [fingerprint])).get(fingerprint) ?? [];
  const ids = await Promise.all(owners.map((owner) => findProviderKeyId(db, owner, fingerprint)));
  return new Set(ids.filter((id) => id !== undefined));
}
