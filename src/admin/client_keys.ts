import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type ClientKey, isFromEnvironment, UNBOUND } from "../core/client_key.ts";
import { compileNamePatterns } from "../core/name_pattern.ts";
import { Secret } from "../core/secret.ts";
import { AppError } from "../errors.ts";
import {
  createClientKey,
  deleteClientKey,
  findClientKey,
  listClientKeys as readClientKeys,
  rotateClientKey,
  setClientKey,
  type StoredClientKey,
} from "../store/client_key_store.ts";
import { deleteWindows } from "../store/window_store.ts";
import { ClientKeyPage } from "../../views/client_key.tsx";
import { ClientKeyForm, clientKeyFormState, NEW_CLIENT_KEY } from "../../views/client_key_form.tsx";
import { ClientKeyOncePage } from "../../views/client_key_once.tsx";
import { type ClientKeyShown, ClientKeysPage, ClientKeySwitch } from "../../views/client_keys.tsx";
import type { View } from "../../views/view.ts";
import { action } from "./action.ts";
import { changeClientKey, clientKeyForm, newClientKeyForm, rotationForm } from "./client_key_form.ts";
import {
  clientKeyAnswer,
  type ClientKeyDeps,
  clientKeyView,
  clientKeyViews,
  newClientKeyAnswer,
  usageOfClientKeys,
} from "./client_key_view.ts";
import { wantsHtml } from "./face.ts";
import { firstModel } from "./first_run_model.ts";
import { idParams } from "./provider_keys.ts";
import { unprocessable } from "./provider_form.ts";

const pageQuery = z.object({
  after: z.string().max(64).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).exactOptional(),
});

/**
 * `GET /admin/client-keys?after=&limit=`: those of the environment (on the first page), then the stored ones, oldest
 * first; `next` is the `after` of the next page.
 */
export function listClientKeys(deps: ClientKeyDeps) {
  return action({
    query: pageQuery,
    answer: z.object({ clientKeys: z.array(clientKeyAnswer), next: z.string().nullable() }),
    run: async ({ query: { after, limit: asked }, context }) => {
      const limit = asked ?? (wantsHtml(context) ? SHOWN_ROWS : MAX_ROWS);
      const stored = await readClientKeys(deps.db, { limit, afterId: after ?? "" });
      const configured = after === undefined
        ? deps.clientKeys.list().filter(({ id }) => isFromEnvironment(id)).map((clientKey) => ({ clientKey }))
        : [];
      return {
        clientKeys: await clientKeyViews(deps, [...configured, ...stored]),
        next: stored.length === limit ? stored.at(-1)?.clientKey.id ?? null : null,
      };
    },
    page: async ({ clientKeys, next }, { view }) =>
      ClientKeysPage({
        view: view(),
        clientKeys,
        next,
        isOpenToAll: deps.process?.settings.ALLOW_ANONYMOUS === true,
        usage: await usageOfClientKeys(deps, clientKeys.map(({ id }) => id)),
      }),
  });
}

const SHOWN_ROWS = 50;
const MAX_ROWS = 1000;

/** `GET /admin/client-keys/:id` */
export function showClientKey(deps: ClientKeyDeps) {
  return action({
    params: idParams,
    answer: clientKeyAnswer,
    run: async ({ params: { id } }) => await clientKeyView(deps, await requireShown(deps, id)),
    page: (clientKey, { view }) => pageOf(deps, view(), clientKey),
  });
}

/** `GET /admin/client-keys/new`: the form, for a browser; programs get the slugs that a client key may be bound to. */
export function showNewClientKey(deps: ClientKeyDeps) {
  return action({
    answer: z.object({ targets: z.array(z.object({ slug: z.string(), isGroup: z.boolean() })) }),
    run: () => ({ targets: targetsToChoose(deps) }),
    page: ({ targets }, { view }) => ClientKeyForm({ view: view(), form: NEW_CLIENT_KEY, targets }),
  });
}

/** `GET /admin/client-keys/:id/edit`: the form, for a browser; programs get the client key. */
export function editClientKeyForm(deps: ClientKeyDeps) {
  return action({
    params: idParams,
    answer: clientKeyAnswer,
    run: async ({ params: { id } }) => await clientKeyView(deps, await requireStored(deps, id, "change")),
    page: (clientKey, { view }) =>
      ClientKeyForm({
        view: view(),
        form: clientKeyFormState(clientKey),
        edited: clientKey,
        targets: targetsToChoose(deps),
      }),
  });
}

/** `POST /admin/client-keys`: 201 with the key itself, which is shown this once and stored as a hash. */
export function addClientKey(deps: ClientKeyDeps) {
  return action({
    body: newClientKeyForm,
    answer: newClientKeyAnswer,
    status: 201,
    run: async ({ body: { key, ...form }, note }) => {
      const secret = secretFrom(key);
      checkTargets(deps, form.targets);
      const draft = { ...changeClientKey(UNBOUND, form), name: form.name, secret };
      return await deps.inTurn(async () => {
        const stored = await createClientKey(deps.db, deps.hashClientKey, draft, deps.stamp());
        note({ target: stored.clientKey.id, detail: { name: stored.clientKey.name } });
        return await shownOnce(deps, stored, secret);
      });
    },
    // Not sent on to another page: the secret is in this answer and nowhere else.
    page: (clientKey, { view }) =>
      ClientKeyOncePage({
        view: view(),
        clientKey,
        secret: clientKey.key,
        model: modelFor(deps, clientKey),
      }),
    form: (form, { view }) => ClientKeyForm({ view: view(), form, targets: targetsToChoose(deps) }),
  });
}

/** `PUT|PATCH /admin/client-keys/:id`: what is left out stays; `null` takes expiry or a limit away. */
export function editClientKey(deps: ClientKeyDeps) {
  return action({
    params: idParams,
    body: clientKeyForm,
    answer: clientKeyAnswer,
    run: async ({ params, body }) => {
      return await deps.inTurn(async () => {
        const stored = await requireStored(deps, params.id, "change");
        checkTargets(deps, body.targets, stored.clientKey.targets);
        const clientKey = changeClientKey(stored.clientKey, body);
        if (!await setClientKey(deps.db, clientKey)) throw unknownClientKey();
        return await takeOver(deps, { ...stored, clientKey });
      });
    },
    fragment: (clientKey, { view }) => ClientKeySwitch({ view: view(), clientKey }),
    done: ({ id, name }, { view }) => ({
      to: `/admin/client-keys/${id}`,
      flash: view().messages.clientKeys.saved(name),
    }),
    form: async (form, { view, params }) =>
      ClientKeyForm({
        view: view(),
        form,
        edited: (await requireStored(deps, params.id, "change")).clientKey,
        targets: targetsToChoose(deps),
      }),
  });
}

/** `POST /admin/client-keys/:id/rotate`: a new key, shown this once; the old one is accepted until the grace ends. */
export function rotateClientKeySecret(deps: ClientKeyDeps) {
  return action({
    params: idParams,
    body: rotationForm,
    isBodyOptional: true,
    answer: newClientKeyAnswer,
    run: async ({ params, body: { graceSeconds, key } }) => {
      const secret = secretFrom(key);
      return await deps.inTurn(async () => {
        const { clientKey: { id } } = await requireStored(deps, params.id, "rotate");
        const rotated = await rotateClientKey(deps.db, id, {
          hash: deps.hashClientKey(secret.reveal()),
          lastFour: secret.lastFour,
          ...(graceSeconds > 0 && { graceUntilMs: deps.ticker.now() + graceSeconds * 1000 }),
        });
        if (rotated === undefined) throw unknownClientKey();
        return await shownOnce(deps, rotated, secret);
      });
    },
    page: (clientKey, { view }) =>
      ClientKeyOncePage({
        view: view(),
        clientKey,
        secret: clientKey.key,
        model: modelFor(deps, clientKey),
        isRotated: true,
      }),
  });
}

/** `DELETE /admin/client-keys/:id` */
export function removeClientKey(deps: ClientKeyDeps) {
  return action({
    params: idParams,
    answer: z.object({ message: z.string(), id: z.string(), name: z.string() }),
    run: ({ params: { id }, note }) =>
      deps.inTurn(async () => {
        const { clientKey: { name } } = await requireStored(deps, id, "delete");
        note({ target: id, detail: { name } });
        if (!await deleteClientKey(deps.db, id)) throw unknownClientKey();
        deps.clientKeys.delete(id);
        await deps.noteChange({ kind: "client_key", ids: [id] });
        // It is deleted already. What its windows leave behind in Deno KV runs out by itself.
        await deleteWindows(deps.kv, id).catch((error) =>
          deps.log.warn("client_key.windows_left", { error })
        );
        return { message: "Client key deleted", id, name };
      }),
    done: ({ name }, { view }) => ({
      to: "/admin/client-keys",
      flash: view().messages.clientKeys.deleted(name),
    }),
  });
}

/** 192 random bits behind a prefix that secret scanners and people recognise. */
export function newClientKey(): Secret {
  return new Secret(`kt_${randomBytes(24).toString("base64url")}`);
}

function secretFrom(own: string | undefined): Secret {
  return own === undefined ? newClientKey() : new Secret(own);
}

/**
 * `known`: those that it is bound to already, which may be gone by now.
 * @throws {AppError} `unprocessable` for a slug of nobody: a typing error would shut the client key out.
 */
function checkTargets(
  { live, groups }: ClientKeyDeps,
  targets: readonly string[] = [],
  known: readonly string[] = [],
): void {
  targets.forEach((slug, index) => {
    if (live.find(slug) !== undefined || groups?.find(slug) !== undefined || known.includes(slug)) return;
    throw unprocessable(`targets.${index}`, "is no provider's or group's slug");
  });
}

function targetsToChoose({ live, groups }: ClientKeyDeps): { slug: string; isGroup: boolean }[] {
  const grouped = groups?.list() ?? [];
  return [
    ...live.list().map(({ provider: { slug } }) => ({ slug, isGroup: false })),
    ...grouped.map(({ slug }) => ({ slug, isGroup: true })),
  ];
}

async function pageOf(deps: ClientKeyDeps, view: View, clientKey: ClientKeyShown) {
  const usage = await usageOfClientKeys(deps, [clientKey.id]);
  return ClientKeyPage({ view, clientKey, usage: usage.get(clientKey.id), model: modelFor(deps, clientKey) });
}

/** A model that this client key may ask for, to be written into examples. */
function modelFor(
  { live, models }: ClientKeyDeps,
  clientKey: Pick<ClientKeyShown, "models" | "targets">,
): string {
  const named = clientKey.models.find((pattern) => !pattern.includes("*"));
  if (named !== undefined) return named;
  const usual = models === undefined ? "gpt-4o-mini" : firstModel({ live, models });
  const accepts = compileNamePatterns(clientKey.models);
  const allowed = models?.list(clientKey.targets, accepts) ?? [];
  return allowed.length === 0 || allowed.some(({ id }) => id === usual) ? usual : allowed[0]?.id ?? usual;
}

async function shownOnce(deps: ClientKeyDeps, stored: StoredClientKey, secret: Secret) {
  return { ...await takeOver(deps, stored), key: secret.reveal() };
}

/** Takes what is written over into memory and tells the other instances; gives what is shown of it. */
async function takeOver(deps: ClientKeyDeps, stored: StoredClientKey) {
  deps.clientKeys.set(stored);
  await deps.noteChange({ kind: "client_key", ids: [stored.clientKey.id] });
  return await clientKeyView(deps, stored);
}

/** One of the environment, or a stored one. @throws {AppError} `not_found` */
async function requireShown({ clientKeys, db }: ClientKeyDeps, id: string) {
  const configured = isFromEnvironment(id) ? clientKeys.list().find((each) => each.id === id) : undefined;
  const found = configured === undefined ? await findClientKey(db, id) : { clientKey: configured };
  if (found === undefined) throw unknownClientKey();
  return found;
}

/** @throws {AppError} `conflict` for a client key of the environment, `not_found` */
async function requireStored({ db }: ClientKeyDeps, id: string, action: string): Promise<StoredClientKey> {
  refuseConfigured(id, action);
  const found = await findClientKey(db, id);
  if (found === undefined) throw unknownClientKey();
  return found;
}

function refuseConfigured(id: ClientKey["id"], action: string): void {
  if (!isFromEnvironment(id)) return;
  throw new AppError("conflict", `Cannot ${action} this client key: it is set in the environment`);
}

function unknownClientKey(): AppError {
  return new AppError("not_found", "Cannot find this client key");
}
