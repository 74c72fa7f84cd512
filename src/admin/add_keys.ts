import { z } from "zod";
import { keyFault, type KeySeed, parseKeyEntry, parseKeyList } from "../core/key_list.ts";
import { MAX_WEIGHT, MIN_WEIGHT } from "../core/provider_key.ts";
import { Secret } from "../core/secret.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { addProviderKeys, type ProviderKeyEntry } from "../store/provider_key_import.ts";
import { findProviderKey, loadProviderKeys } from "../store/provider_key_store.ts";
import { action } from "./action.ts";
import type { AdminDeps } from "./deps.ts";
import { requireProvider, slugParams, unknownProvider } from "./providers.ts";

/** What an API Key Pool Service client that sends no `maxRequests` counts on. */
const DEFAULT_MAX_REQUESTS = 1000;

const newKeyForm = z.strictObject({
  provider: z.string().min(1),
  apiKey: z.string().superRefine((value, context) => {
    const fault = keyFault(value);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  }),
  /** `null` means no limit. */
  maxRequests: z.number().int().min(1).nullable().default(DEFAULT_MAX_REQUESTS),
  weight: z.number().int().min(MIN_WEIGHT).max(MAX_WEIGHT).exactOptional(),
  metadata: z.record(z.string(), z.unknown()).exactOptional(),
});

/** `POST /admin/keys`: 201 `{message, keyId, provider}`; 409 when the provider has the key already. */
export function addKey(deps: AdminDeps) {
  return action({
    body: newKeyForm,
    answer: z.object({ message: z.string(), keyId: z.string(), provider: z.string() }),
    status: 201,
    run: async ({ body: { provider: slug, apiKey, maxRequests, ...rest }, note }) => {
      const target = requireProvider(deps, slug);
      const entry = { ...rest, secret: new Secret(apiKey), ...(maxRequests !== null && { maxRequests }) };
      const { added: [key] } = await addToPool(deps, target, [entry]);
      if (key === undefined) throw new AppError("conflict", `Cannot add the key: ${slug} has it already`);
      note({ target: key.id });
      return { message: "Key added", keyId: key.id, provider: slug };
    },
  });
}

const MAX_BATCH = 100_000;

const batchForm = z.strictObject({
  keys: z.union([z.string(), z.array(z.string()).max(MAX_BATCH)]),
  weight: z.number().int().min(MIN_WEIGHT).max(MAX_WEIGHT).exactOptional(),
  priority: z.number().int().min(0).max(1_000_000).exactOptional(),
  account: z.string().min(1).max(200).exactOptional(),
  maxRequests: z.number().int().min(1).exactOptional(),
  tags: z.array(z.string().min(1).max(100)).max(50).exactOptional(),
  metadata: z.record(z.string(), z.unknown()).exactOptional(),
});

const batchAnswer = z.object({
  added: z.number(),
  duplicate: z.number(),
  invalid: z.number(),
  invalidEntries: z.array(z.object({ position: z.number(), reason: z.string() })),
  keyIds: z.array(z.string()),
});

/**
 * `POST /admin/providers/:slug/keys`: many keys at once, as an array or as text (newlines, commas,
 * `key:weight`). 201 with how many were added, were there before (or twice), and are no keys, these with
 * their position and the reason, never their text.
 */
export function addKeys(deps: AdminDeps) {
  return action({
    params: slugParams,
    body: batchForm,
    answer: batchAnswer,
    status: 201,
    run: async ({ params, body: { keys, ...common }, note }) => {
      const target = requireProvider(deps, params.slug);
      const { seeds, invalid } = typeof keys === "string" ? parseKeyList(keys) : readEntries(keys);
      const entries = seeds.map((seed) => ({ ...common, ...seed }));
      const { added, duplicates } = await addToPool(deps, target, entries);
      const counts = { added: added.length, duplicate: duplicates, invalid: invalid.length };
      note({ detail: counts });
      return { ...counts, invalidEntries: [...invalid], keyIds: added.map(({ id }) => id) };
    },
  });
}

/**
 * Stores keys, then lets the pool hand them out.
 * @throws {AppError} `not_found` when the provider was deleted meanwhile.
 */
function addToPool(deps: AdminDeps, target: LiveProvider, entries: readonly ProviderKeyEntry[]) {
  return deps.inTurn(async () => {
    // While it waited for its turn, the provider may have been deleted.
    if (deps.live.findById(target.provider.id) !== target) throw unknownProvider(target.provider.slug);
    const result = await storeAndPool(deps, target, entries);
    await deps.noteChange({ kind: "provider_keys", ids: result.added.map(({ id }) => id) });
    return result;
  });
}

async function storeAndPool(
  { db, keyring, stamp }: AdminDeps,
  { provider, pool }: LiveProvider,
  entries: readonly ProviderKeyEntry[],
) {
  const result = await addProviderKeys(db, keyring, provider.id, entries, stamp());
  if (result.added.length === 1 && result.added[0] !== undefined) {
    const stored = await findProviderKey(db, result.added[0].id);
    if (stored !== undefined) pool.set({ ...stored.key, sealedSecret: stored.sealedSecret });
    return result;
  }
  const isNew = new Set(result.added.map(({ id }) => id));
  if (isNew.size === 0) return result;
  for (const { key, sealedSecret } of await loadProviderKeys(db, provider.id)) {
    if (isNew.has(key.id)) pool.set({ ...key, sealedSecret });
  }
  return result;
}

/** Entries of an array, each one key: white space around it is a slip, inside it a fault. */
function readEntries(texts: readonly string[]) {
  const seeds: KeySeed[] = [];
  const invalid: { position: number; reason: string }[] = [];
  texts.forEach((entry, index) => {
    const seed = parseKeyEntry(entry.trim());
    if (typeof seed === "string") invalid.push({ position: index + 1, reason: seed });
    else seeds.push(seed);
  });
  return { seeds, invalid };
}
