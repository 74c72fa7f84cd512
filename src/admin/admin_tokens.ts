import { z } from "zod";
import { createAdminToken as newAdminToken } from "../access/admin_token.ts";
import { ROLES } from "../core/role.ts";
import { AppError } from "../errors.ts";
import {
  createAdminToken,
  deleteAdminToken,
  findAdminToken,
  listAdminTokens,
} from "../store/admin_token_store.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { TokensPage } from "../../views/admin_tokens.tsx";
import { action } from "./action.ts";
import { hashAdminToken } from "./authenticate.ts";
import type { AdminDeps } from "./deps.ts";
import { idParams } from "./provider_keys.ts";

const tokenAnswer = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  lastFour: z.string(),
  expiresAtMs: z.number().exactOptional(),
  createdAtMs: z.number(),
  createdBy: z.string(),
  lastUsedMs: z.number().exactOptional(),
});

const newTokenForm = z.strictObject({
  name: z.string().trim().min(1).max(200),
  role: z.enum(ROLES),
  /** Days until it ends; left out or `null`, it does not. */
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(null),
});

const DAY_MS = 86_400_000;

/** `GET /admin/tokens` */
export function listTokens({ db }: AdminDeps) {
  return action({
    answer: z.object({ tokens: z.array(tokenAnswer) }),
    run: async () => ({ tokens: await listAdminTokens(db) }),
    page: ({ tokens }, { view }) => TokensPage({ view: view(), tokens, form: EMPTY_FORM }),
  });
}

/** `POST /admin/tokens`: 201 with the token itself, which is shown this once and stored as a hash. */
export function addToken({ db, stamp, ticker }: AdminDeps) {
  return action({
    body: newTokenForm,
    answer: tokenAnswer.extend({ token: z.string() }),
    status: 201,
    run: async ({ body: { name, role, expiresInDays }, principal, note }) => {
      const secret = newAdminToken();
      const token = await createAdminToken(db, {
        name,
        role,
        hash: hashAdminToken(secret.reveal()),
        lastFour: secret.lastFour,
        createdBy: principal?.name ?? "",
        ...(expiresInDays !== null && { expiresAtMs: ticker.now() + expiresInDays * DAY_MS }),
      }, stamp());
      note({ target: name, detail: { role, expiresInDays } });
      return { ...token, token: secret.reveal() };
    },
    // Not sent on to another page: the token is in this answer and nowhere else.
    page: async ({ token, name }, { view }) =>
      TokensPage({
        view: view(),
        tokens: await listAdminTokens(db),
        form: EMPTY_FORM,
        made: { name, token },
      }),
    form: async (form, { view }) => TokensPage({ view: view(), tokens: await listAdminTokens(db), form }),
  });
}

/** `DELETE /admin/tokens/:id` */
export function removeToken({ db }: AdminDeps) {
  return action({
    params: idParams,
    answer: z.object({ message: z.string(), id: z.string() }),
    run: async ({ params: { id }, note }) => {
      const token = await findAdminToken(db, id);
      if (token === undefined || !await deleteAdminToken(db, id)) {
        throw new AppError("not_found", "Cannot find this admin token");
      }
      note({ target: token.name });
      return { message: "Token deleted", id };
    },
    done: (_answer, { view }) => ({
      to: "/admin/tokens",
      flash: view().messages.accounts.tokenDeleted,
    }),
  });
}
