import type { Context } from "hono";
import { z } from "zod";
import type { KeyHealth } from "../core/health.ts";
import { type KeySeed, parseKeyEntry, parseKeyList } from "../core/key_list.ts";
import { MAX_WEIGHT, MIN_WEIGHT, type ProviderKey } from "../core/provider_key.ts";
import { AppError } from "../errors.ts";
import { addProviderKeys, type ProviderKeyEntry } from "../store/provider_key_import.ts";
import {
  deleteProviderKeys,
  findProviderKey,
  listProviderKeys as readKeys,
  loadProviderKeys,
  setProviderKey,
} from "../store/provider_key_store.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { AdminDeps } from "./deps.ts";
import { readJson, readQuery } from "./json_body.ts";
import { requireProvider } from "./providers.ts";

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

/**
 * `POST /admin/providers/:slug/keys`: many keys at once, as an array or as text (newlines, commas,
 * `key:weight`). 201 with how many were added, were there before (or twice), and are no keys, these with
 * their position and the reason, never their text.
 */
export function addKeys(deps: AdminDeps) {
  return async (context: Context) => {
    const target = requireProvider(deps, context.req.param("slug") ?? "");
    const { keys, ...common } = await readJson(context, batchForm);
    const { seeds, invalid } = typeof keys === "string" ? parseKeyList(keys) : readEntries(keys);
    const entries = seeds.map(({ secret, weight }) => ({ weight, ...common, secret }));
    const { added, duplicates } = await addToPool(deps, target, entries);
    return context.json(
      {
        added: added.length,
        duplicate: duplicates,
        invalid: invalid.length,
        invalidEntries: invalid,
        keyIds: added.map(({ id }) => id),
      },
      201,
    );
  };
}

/** Stores keys, then lets the pool hand them out. */
export async function addToPool(
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

const pageQuery = z.object({
  after: z.string().max(64).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** `GET /admin/providers/:slug/keys?after=&limit=`: one page, oldest first; `next` is the `after` of the next one. */
export function listKeys(deps: AdminDeps) {
  return async (context: Context) => {
    const { provider, pool } = requireProvider(deps, context.req.param("slug") ?? "");
    const { after, limit } = readQuery(context, pageQuery);
    const page = { providerId: provider.id, limit, ...(after !== undefined && { afterId: after }) };
    const keys = await readKeys(deps.db, page);
    return context.json({
      keys: keys.map((key) => keyView(key, pool.healthOf(key.id))),
      next: keys.length === limit ? keys.at(-1)?.id ?? null : null,
    });
  };
}

const keyForm = z.strictObject({
  isActive: z.boolean(),
  weight: z.number().int().min(MIN_WEIGHT).max(MAX_WEIGHT),
  priority: z.number().int().min(0).max(1_000_000),
  account: z.string().min(1).max(200).nullable(),
  maxRequests: z.number().int().min(1).nullable(),
  tags: z.array(z.string().min(1).max(100)).max(50),
  metadata: z.record(z.string(), z.unknown()),
}).partial();

/** `PUT|PATCH /admin/keys/:id`: what is left out stays; `null` takes a limit or an account away. */
export function editKey(deps: AdminDeps) {
  return async (context: Context) => {
    const { stored, live } = await requireKey(deps, context.req.param("id") ?? "");
    const changed = changeKey(stored.key, await readJson(context, keyForm));
    if (!await setProviderKey(deps.db, changed)) throw unknownKey();
    const secret = live.pool.get(changed.id)?.secret;
    live.pool.set({ ...changed, sealedSecret: stored.sealedSecret, ...(secret !== undefined && { secret }) });
    return context.json({
      message: "Key updated",
      keyId: changed.id,
      key: keyView(changed, live.pool.healthOf(changed.id)),
    });
  };
}

/** `DELETE /admin/keys/:id` */
export function removeKey(deps: AdminDeps) {
  return async (context: Context) => {
    const { stored, live } = await requireKey(deps, context.req.param("id") ?? "");
    if (await deleteProviderKeys(deps.db, [stored.key.id]) === 0) throw unknownKey();
    live.pool.remove(stored.key.id);
    return context.json({ message: "Key deleted", keyId: stored.key.id });
  };
}

const releaseForm = z.strictObject({ model: z.string().min(1).max(200).exactOptional() });

/** `POST /admin/keys/:id/release`: a person's word that the key (or the key for a model) may be used again. */
export function releaseKey(deps: AdminDeps) {
  return async (context: Context) => {
    const { stored, live } = await requireKey(deps, context.req.param("id") ?? "");
    const hasBody = Number(context.req.header("content-length") ?? 0) > 0;
    const { model } = hasBody ? await readJson(context, releaseForm) : {};
    live.pool.clearRest(stored.key.id, model);
    return context.json({ message: "Key released", keyId: stored.key.id });
  };
}

async function requireKey({ db, live }: AdminDeps, id: string) {
  const stored = await findProviderKey(db, id);
  const owner = stored === undefined ? undefined : live.findById(stored.key.providerId);
  if (stored === undefined || owner === undefined) throw unknownKey();
  return { stored, live: owner };
}

function unknownKey(): AppError {
  return new AppError("not_found", "Cannot find this key");
}

function changeKey(key: ProviderKey, form: z.infer<typeof keyForm>): ProviderKey {
  const { account, maxRequests, ...kept } = key;
  const newAccount = form.account === undefined ? account : form.account ?? undefined;
  const newMaximum = form.maxRequests === undefined ? maxRequests : form.maxRequests ?? undefined;
  return {
    ...kept,
    isEnabled: form.isActive ?? key.isEnabled,
    weight: form.weight ?? key.weight,
    priority: form.priority ?? key.priority,
    tags: form.tags ?? key.tags,
    metadata: form.metadata ?? key.metadata,
    ...(newAccount !== undefined && { account: newAccount }),
    ...(newMaximum !== undefined && { maxRequests: newMaximum }),
  };
}

/** What the API shows of a key: never more of its secret than the last four characters. */
export function keyView(key: ProviderKey, health: KeyHealth | undefined) {
  const { isEnabled, ...shown } = key;
  return { ...shown, isActive: isEnabled, health: health ?? null };
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
