import type { Context } from "hono";
import { z } from "zod";
import type { KeyHealth } from "../core/health.ts";
import { MAX_WEIGHT, MIN_WEIGHT, type ProviderKey } from "../core/provider_key.ts";
import { AppError } from "../errors.ts";
import {
  deleteProviderKeys,
  findProviderKey,
  listProviderKeys as readKeys,
  setProviderKey,
} from "../store/provider_key_store.ts";
import type { AdminDeps } from "./deps.ts";
import { readJson, readOptionalJson, readQuery } from "./json_body.ts";
import { requireProvider } from "./providers.ts";

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
    const form = await readJson(context, keyForm);
    return await deps.inTurn(async () => {
      const { stored, live } = await requireKey(deps, context.req.param("id") ?? "");
      const changed = changeKey(stored.key, form);
      if (!await setProviderKey(deps.db, changed)) throw unknownKey();
      const secret = live.pool.get(changed.id)?.secret;
      live.pool.set({
        ...changed,
        sealedSecret: stored.sealedSecret,
        ...(secret !== undefined && { secret }),
      });
      await deps.noteChange({ kind: "provider_keys", ids: [changed.id] });
      const key = keyView(changed, live.pool.healthOf(changed.id));
      return context.json({ message: "Key updated", keyId: changed.id, key });
    });
  };
}

/** `DELETE /admin/keys/:id` */
export function removeKey(deps: AdminDeps) {
  return (context: Context) =>
    deps.inTurn(async () => {
      const { stored: { key }, live } = await requireKey(deps, context.req.param("id") ?? "");
      if (await deleteProviderKeys(deps.db, [key.id]) === 0) throw unknownKey();
      live.pool.remove(key.id);
      await deps.noteChange({ kind: "provider_keys", ids: [key.id] });
      await deps.forgetHealth(key.providerId, [key.id]);
      return context.json({ message: "Key deleted", keyId: key.id });
    });
}

const releaseForm = z.strictObject({ model: z.string().min(1).max(200).exactOptional() });

/** `POST /admin/keys/:id/release`: a person's word that the key (or the key for a model) may be used again. */
export function releaseKey(deps: AdminDeps) {
  return async (context: Context) => {
    const { model } = await readOptionalJson(context, releaseForm);
    const { stored, live } = await requireKey(deps, context.req.param("id") ?? "");
    live.pool.clearRest(stored.key.id, model);
    await deps.saveHealth();
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
