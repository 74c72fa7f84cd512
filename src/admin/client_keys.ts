import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type ClientKey, isFromEnvironment, UNBOUND } from "../core/client_key.ts";
import type { ClientLimits } from "../core/client_limits.ts";
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
import { action } from "./action.ts";
import { changeClientKey, clientKeyForm, newClientKeyForm, rotationForm } from "./client_key_form.ts";
import type { AdminDeps } from "./deps.ts";
import type { GroupDeps } from "./groups.ts";
import { idParams } from "./provider_keys.ts";
import { unprocessable } from "./provider_form.ts";

/** What the actions on client keys work on besides, where there is one. */
export type ClientKeyDeps = AdminDeps & Partial<Pick<GroupDeps, "groups">>;

const pageQuery = z.object({
  after: z.string().max(64).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});

const limit = z.number().exactOptional();
const limitsAnswer = z.object(
  {
    requestsPerMinute: limit,
    tokensPerMinute: limit,
    concurrency: limit,
    requestsPerDay: limit,
    requestsPerMonth: limit,
    tokensPerDay: limit,
    tokensPerMonth: limit,
    nanoDollarsPerDay: limit,
    nanoDollarsPerMonth: limit,
  } satisfies Record<keyof ClientLimits, z.ZodType>,
);

/** What the API shows of a client key: never a hash. */
export const clientKeyAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  lastFour: z.string(),
  isEnabled: z.boolean(),
  expiresAtMs: z.number().exactOptional(),
  createdAtMs: z.number(),
  targets: z.array(z.string()).readonly(),
  models: z.array(z.string()).readonly(),
  networks: z.array(z.string()).readonly(),
  limits: limitsAnswer,
  isReadOnly: z.boolean(),
  lastUsedMs: z.number().nullable(),
  previousUntilMs: z.number().nullable(),
  windows: z.array(z.looseObject({})).readonly(),
});

/** With the client key itself, this once. */
const newClientKeyAnswer = clientKeyAnswer.extend({ key: z.string() });

/**
 * `GET /admin/client-keys?after=&limit=`: those of the environment (on the first page), then the stored ones, oldest
 * first; `next` is the `after` of the next page.
 */
export function listClientKeys(deps: ClientKeyDeps) {
  return action({
    query: pageQuery,
    answer: z.object({ clientKeys: z.array(clientKeyAnswer), next: z.string().nullable() }),
    run: async ({ query: { after, limit } }) => {
      const stored = await readClientKeys(deps.db, { limit, afterId: after ?? "" });
      const configured = after === undefined
        ? deps.clientKeys.list().filter(({ id }) => isFromEnvironment(id)).map((clientKey) => ({ clientKey }))
        : [];
      return {
        clientKeys: [...configured, ...stored].map((each) => clientKeyView(deps, each)),
        next: stored.length === limit ? stored.at(-1)?.clientKey.id ?? null : null,
      };
    },
  });
}

/** `GET /admin/client-keys/:id` */
export function showClientKey(deps: ClientKeyDeps) {
  return action({
    params: idParams,
    answer: clientKeyAnswer,
    run: async ({ params: { id } }) => {
      const configured = isFromEnvironment(id)
        ? deps.clientKeys.list().find((clientKey) => clientKey.id === id)
        : undefined;
      const found = configured === undefined ? await findClientKey(deps.db, id) : { clientKey: configured };
      if (found === undefined) throw unknownClientKey();
      return clientKeyView(deps, found);
    },
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
        note({ target: stored.clientKey.id });
        return await shownOnce(deps, stored, secret);
      });
    },
  });
}

/** `PUT|PATCH /admin/client-keys/:id`: what is left out stays; `null` takes expiry or a limit away. */
export function editClientKey(deps: ClientKeyDeps) {
  return action({
    params: idParams,
    body: clientKeyForm,
    answer: clientKeyAnswer,
    run: async ({ params, body }) => {
      checkTargets(deps, body.targets);
      return await deps.inTurn(async () => {
        const stored = await requireStored(deps, params.id, "change");
        const clientKey = changeClientKey(stored.clientKey, body);
        if (!await setClientKey(deps.db, clientKey)) throw unknownClientKey();
        return await takeOver(deps, { ...stored, clientKey });
      });
    },
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
  });
}

/** `DELETE /admin/client-keys/:id` */
export function removeClientKey(deps: ClientKeyDeps) {
  return action({
    params: idParams,
    answer: z.object({ message: z.string(), id: z.string() }),
    run: ({ params: { id } }) =>
      deps.inTurn(async () => {
        refuseConfigured(id, "delete");
        if (!await deleteClientKey(deps.db, id)) throw unknownClientKey();
        deps.clientKeys.delete(id);
        await deps.noteChange({ kind: "client_key", ids: [id] });
        return { message: "Client key deleted", id };
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

/** @throws {AppError} `unprocessable` for a slug of nobody: a typing error would shut the client key out. */
function checkTargets({ live, groups }: ClientKeyDeps, targets: readonly string[] = []): void {
  targets.forEach((slug, index) => {
    if (live.find(slug) !== undefined || groups?.find(slug) !== undefined) return;
    throw unprocessable(`targets.${index}`, "is no provider's or group's slug");
  });
}

async function shownOnce(deps: ClientKeyDeps, stored: StoredClientKey, secret: Secret) {
  return { ...await takeOver(deps, stored), key: secret.reveal() };
}

/** Takes what is written over into memory and tells the other instances; gives what is shown of it. */
async function takeOver(deps: ClientKeyDeps, stored: StoredClientKey) {
  deps.clientKeys.set(stored);
  await deps.noteChange({ kind: "client_key", ids: [stored.clientKey.id] });
  return clientKeyView(deps, stored);
}

/** Never a hash. `windows`: how its limits stand, as far as this instance knows; none before its first request. */
function clientKeyView(
  { limiter, ticker }: ClientKeyDeps,
  { clientKey, lastUsedMs, previous }: Omit<StoredClientKey, "hash">,
) {
  const isInGrace = previous !== undefined && previous.graceUntilMs > ticker.now();
  return {
    ...clientKey,
    limits: { ...clientKey.limits },
    isReadOnly: isFromEnvironment(clientKey.id),
    lastUsedMs: lastUsedMs ?? null,
    previousUntilMs: isInGrace ? previous.graceUntilMs : null,
    windows: limiter.statesOf(clientKey.id).map((window) => ({ ...window })),
  };
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
