import { z } from "zod";
import type { KeyHealth } from "../core/health.ts";
import { MAX_WEIGHT, MIN_WEIGHT, type ProviderKey } from "../core/provider_key.ts";
import { AppError } from "../errors.ts";
import {
  findProviderKey,
  listProviderKeys as readKeys,
  setProviderKey,
} from "../store/provider_key_store.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { KeyDetail } from "../../views/keys_detail.tsx";
import { KeyPage } from "../../views/keys_one.tsx";
import { action } from "./action.ts";
import type { AdminDeps } from "./deps.ts";
import { isPartial } from "./face.ts";
import { deleteOneKey } from "./key_delete.ts";
import { keyDetail } from "./key_detail.ts";
import { requireProvider, slugParams } from "./providers.ts";

/** The parameter of `/admin/keys/:id` and its like. */
export const idParams = z.object({ id: z.string() });

/** What is observed of a key: core/health.ts tells each field. */
export const healthAnswer = z.looseObject({
  state: z.enum(["ready", "cooling", "exhausted", "rejected"]),
  untilMs: z.number().exactOptional(),
  reason: z.string().exactOptional(),
  consecutiveFailures: z.number(),
  usedCount: z.number(),
  models: z.record(z.string(), z.unknown()),
});

/** A key without its secret, of which the last four characters are all that is ever shown. */
export const keyAnswer = z.object({
  id: z.string(),
  providerId: z.string(),
  lastFour: z.string(),
  isActive: z.boolean(),
  weight: z.number(),
  priority: z.number(),
  account: z.string().exactOptional(),
  maxRequests: z.number().exactOptional(),
  tags: z.array(z.string()).readonly(),
  metadata: z.record(z.string(), z.unknown()),
  createdAtMs: z.number(),
  health: healthAnswer.nullable(),
});

const pageQuery = z.object({
  after: z.string().max(64).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** `GET /admin/providers/:slug/keys?after=&limit=`: one page, oldest first; `next` is the `after` of the next one. */
export function listKeys(deps: AdminDeps) {
  return action({
    params: slugParams,
    query: pageQuery,
    answer: z.object({ keys: z.array(keyAnswer), next: z.string().nullable() }),
    run: async ({ params, query: { after, limit } }) => {
      const { provider, pool } = requireProvider(deps, params.slug);
      const page = { providerId: provider.id, limit, ...(after !== undefined && { afterId: after }) };
      const keys = await readKeys(deps.db, page);
      return {
        keys: keys.map((key) => keyView(key, pool.healthOf(key.id))),
        next: keys.length === limit ? keys.at(-1)?.id ?? null : null,
      };
    },
  });
}

const keyForm = z.strictObject({
  isActive: z.boolean(),
  weight: z.number().int().min(MIN_WEIGHT).max(MAX_WEIGHT),
  priority: z.number().int().min(0).max(1_000_000),
  account: z.string().min(1).max(200).nullable(),
  maxRequests: z.number().int().min(1).nullable(),
  tags: z.array(z.string().min(1).max(100)).max(50),
  metadata: z.record(z.string(), z.unknown()),
  /** The member `note` of the metadata alone. */
  note: z.string().max(2000).nullable(),
}).partial();

/** `PUT|PATCH /admin/keys/:id`: what is left out stays; `null` takes a limit or an account away. */
export function editKey(deps: AdminDeps) {
  return action({
    params: idParams,
    body: keyForm,
    answer: z.object({ message: z.string(), keyId: z.string(), key: keyAnswer }),
    run: ({ params, body }) =>
      deps.inTurn(async () => {
        const { stored, live } = await requireKey(deps, params.id);
        const changed = changeKey(stored.key, body);
        if (!await setProviderKey(deps.db, changed)) throw unknownKey();
        const secret = live.pool.get(changed.id)?.secret;
        live.pool.set({
          ...changed,
          sealedSecret: stored.sealedSecret,
          ...(secret !== undefined && { secret }),
        });
        await deps.noteChange({ kind: "provider_keys", ids: [changed.id] });
        const key = keyView(changed, live.pool.healthOf(changed.id));
        return { message: "Key updated", keyId: changed.id, key };
      }),
    fragment: async ({ keyId }, { view }) => {
      const { messages } = view();
      return KeyDetail({
        view: view(),
        detail: await keyDetail(deps, keyId, deps.ticker.now()),
        form: EMPTY_FORM,
        notice: messages.keys.detail.saved,
      });
    },
    done: ({ keyId }, { view }) => ({
      to: `/admin/keys/${keyId}`,
      flash: view().messages.keys.detail.saved,
    }),
    form: async (form, { view, params: { id }, context }) => {
      const detail = await keyDetail(deps, id, deps.ticker.now());
      const props = { view: view(), detail, form, opened: "edit" as const };
      return isPartial(context) ? KeyDetail(props) : KeyPage(props);
    },
  });
}

const keyDone = z.object({ message: z.string(), keyId: z.string() });

/** `DELETE /admin/keys/:id`: it can be brought back for seven days (`GET /admin/keys/changes`). */
export function removeKey(deps: AdminDeps) {
  return action({
    params: idParams,
    answer: keyDone.extend({ lastFour: z.string() }),
    run: ({ params, principal }) =>
      deps.inTurn(async () => {
        const { stored: { key } } = await requireKey(deps, params.id);
        await deleteOneKey(deps, key, principal?.name ?? "");
        return { message: "Key deleted", keyId: key.id, lastFour: key.lastFour };
      }),
    done: ({ lastFour }, { view }) => ({
      to: "/admin/keys",
      flash: view().messages.keys.detail.deleted(`…${lastFour}`),
    }),
  });
}

const releaseForm = z.strictObject({ model: z.string().min(1).max(200).exactOptional() });

/** `POST /admin/keys/:id/release`: a person's word that the key (or the key for a model) may be used again. */
export function releaseKey(deps: AdminDeps) {
  return action({
    params: idParams,
    body: releaseForm,
    isBodyOptional: true,
    answer: keyDone,
    run: async ({ params, body: { model } }) => {
      const { stored, live } = await requireKey(deps, params.id);
      live.pool.clearRest(stored.key.id, model);
      await deps.saveHealth();
      return { message: "Key released", keyId: stored.key.id };
    },
    fragment: async ({ keyId }, { view }) => {
      const { messages } = view();
      return KeyDetail({
        view: view(),
        detail: await keyDetail(deps, keyId, deps.ticker.now()),
        form: EMPTY_FORM,
        notice: messages.keys.detail.released,
      });
    },
    done: ({ keyId }, { view }) => ({
      to: `/admin/keys/${keyId}`,
      flash: view().messages.keys.detail.released,
    }),
  });
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
    metadata: withNote(form.metadata ?? key.metadata, form.note),
    ...(newAccount !== undefined && { account: newAccount }),
    ...(newMaximum !== undefined && { maxRequests: newMaximum }),
  };
}

/** Notes of imported keys stand under `name`: one that is written here takes its place. */
function withNote(
  metadata: ProviderKey["metadata"],
  note: string | null | undefined,
): ProviderKey["metadata"] {
  if (note === undefined) return metadata;
  const { note: _, ...others } = metadata;
  return note === null ? others : { ...others, note };
}

/** What the API shows of a key: never more of its secret than the last four characters. */
export function keyView(
  key: ProviderKey,
  health: KeyHealth | undefined,
): z.infer<typeof keyAnswer> {
  const { isEnabled, ...shown } = key;
  return { ...shown, isActive: isEnabled, health: health === undefined ? null : { ...health } };
}
