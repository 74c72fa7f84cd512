import type { Context } from "hono";
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { isFromEnvironment } from "../core/client_key.ts";
import { Secret } from "../core/secret.ts";
import { AppError } from "../errors.ts";
import { createClientKey, deleteClientKey } from "../store/client_key_store.ts";
import type { AdminDeps } from "./deps.ts";
import { readJson } from "./json_body.ts";

const newClientKeyForm = z.strictObject({
  name: z.string().min(1).max(200),
  expiresAtMs: z.number().int().positive().exactOptional(),
});

/** `GET /admin/client-keys` */
export function listClientKeys({ clientKeys }: AdminDeps) {
  return (context: Context) => context.json({ clientKeys: clientKeys.list() });
}

/** `POST /admin/client-keys`: 201 with the key itself, which is shown this once and stored as a hash. */
export function addClientKey({ db, hashClientKey, clientKeys, stamp }: AdminDeps) {
  return async (context: Context) => {
    const form = await readJson(context, newClientKeyForm);
    const secret = newClientKey();
    const { clientKey, hash } = await createClientKey(db, hashClientKey, { ...form, secret }, stamp());
    clientKeys.set({ hash, clientKey });
    return context.json({ ...clientKey, key: secret.reveal() }, 201);
  };
}

/** `DELETE /admin/client-keys/:id` */
export function removeClientKey({ db, clientKeys }: AdminDeps) {
  return async (context: Context) => {
    const id = context.req.param("id") ?? "";
    if (isFromEnvironment(id)) {
      throw new AppError("conflict", "Cannot delete this client key: it is set in the environment");
    }
    if (!await deleteClientKey(db, id)) throw new AppError("not_found", "Cannot find this client key");
    clientKeys.delete(id);
    return context.json({ message: "Client key deleted", id });
  };
}

/** 192 random bits behind a prefix that secret scanners and people recognise. */
export function newClientKey(): Secret {
  return new Secret(`kt_${randomBytes(24).toString("base64url")}`);
}
