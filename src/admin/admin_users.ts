import { z } from "zod";
import { hashPassword } from "../access/admin_password.ts";
import { OWNER_ID } from "../core/principal.ts";
import { ROLES } from "../core/role.ts";
import { Secret } from "../core/secret.ts";
import { AppError } from "../errors.ts";
import {
  type AdminUser,
  createAdminUser,
  deleteAdminUser,
  findAdminUser,
  findAdminUserByName,
  listAdminUsers,
  setAdminUser,
  setAdminUserPassword,
} from "../store/admin_user_store.ts";
import { setOwnerPassword } from "../store/owner_store.ts";
import { deleteSessionsOf } from "../store/session_store.ts";
import { EMPTY_FORM, type FormState } from "../../views/form_state.ts";
import { PasswordPage, UsersPage } from "../../views/accounts.tsx";
import type { View } from "../../views/view.ts";
import { action } from "./action.ts";
import type { AdminDeps } from "./deps.ts";
import { unprocessable } from "./provider_form.ts";
import { idParams } from "./provider_keys.ts";
import { newPassword } from "./set_up.ts";
import { beginSession } from "./sign_in.ts";

const userAnswer = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  isEnabled: z.boolean(),
  createdAtMs: z.number(),
  lastLoginMs: z.number().exactOptional(),
});

const newUserForm = z.strictObject({
  name: z.string().trim().min(1).max(64),
  role: z.enum(ROLES),
  password: newPassword,
});

const userForm = z.strictObject({ role: z.enum(ROLES), isEnabled: z.boolean(), password: newPassword })
  .partial();

/** `GET /admin/users`: everybody but the owner who is always there. */
export function listUsers(deps: AdminDeps) {
  return action({
    answer: z.object({ users: z.array(userAnswer) }),
    run: async () => ({ users: await listAdminUsers(deps.db) }),
    page: ({ users }, { view }) => usersPage(deps, view(), users, EMPTY_FORM),
  });
}

/** `POST /admin/users`: 201 with the user; 409 when the name is taken. */
export function addUser(deps: AdminDeps) {
  return action({
    body: newUserForm,
    answer: userAnswer,
    status: 201,
    run: async ({ body: { name, role, password }, note }) => {
      if (name.toLowerCase() === deps.owner.name.toLowerCase()) {
        throw new AppError("conflict", `Cannot add the user: the name ${JSON.stringify(name)} is taken`);
      }
      const passwordHash = await hashPassword(new Secret(password));
      const user = await createAdminUser(deps.db, { name, role, passwordHash }, deps.stamp());
      note({ target: user.name, detail: { role } });
      return user;
    },
    done: ({ name }, { view }) => ({
      to: "/admin/users",
      flash: view().messages.accounts.userAdded(name),
    }),
    form: async (form, { view }) => usersPage(deps, view(), await listAdminUsers(deps.db), form),
  });
}

/** `PATCH /admin/users/:id`: role, whether he may sign in, a new password; each but a better role ends his sessions. */
export function editUser(deps: AdminDeps) {
  return action({
    params: idParams,
    body: userForm,
    answer: userAnswer,
    run: ({ params, body, note }) =>
      deps.inTurn(async () => {
        const user = await findAdminUser(deps.db, params.id);
        if (user === undefined) throw unknownUser();
        const changed = {
          ...user,
          role: body.role ?? user.role,
          isEnabled: body.isEnabled ?? user.isEnabled,
        };
        if (!await setAdminUser(deps.db, changed)) throw unknownUser();
        if (body.password !== undefined) {
          await setAdminUserPassword(deps.db, user.id, await hashPassword(new Secret(body.password)));
        }
        if (!changed.isEnabled) await deleteSessionsOf(deps.db, user.id);
        note({ target: user.name, detail: { fields: Object.keys(body), role: changed.role } });
        return changed;
      }),
    done: ({ name }, { view }) => ({
      to: "/admin/users",
      flash: view().messages.accounts.userSaved(name),
    }),
  });
}

/** `DELETE /admin/users/:id`; whoever is signed in as him is not any more. */
export function removeUser(deps: AdminDeps) {
  return action({
    params: idParams,
    answer: z.object({ message: z.string(), id: z.string(), name: z.string() }),
    run: async ({ params, note }) => {
      const user = await findAdminUser(deps.db, params.id);
      if (user === undefined || !await deleteAdminUser(deps.db, user.id)) throw unknownUser();
      note({ target: user.name });
      return { message: "User deleted", id: user.id, name: user.name };
    },
    done: ({ name }, { view }) => ({
      to: "/admin/users",
      flash: view().messages.accounts.userDeleted(name),
    }),
  });
}

const passwordForm = z.strictObject({
  old: z.string().min(1).max(256),
  password: newPassword,
  repeat: z.string().max(256).exactOptional(),
});

/** `GET /admin/password`: the form for one's own. */
export function showPassword(deps: AdminDeps) {
  return action({
    answer: z.object({ isChangeable: z.boolean() }),
    run: ({ principal }) => ({
      isChangeable: principal?.id !== OWNER_ID || !deps.owner.isFromEnvironment,
    }),
    page: ({ isChangeable }, { view }) => PasswordPage({ view: view(), form: EMPTY_FORM, isChangeable }),
  });
}

/** `POST /admin/password`: one's own, given the present one. Every other session of the account ends. */
export function changePassword(deps: AdminDeps) {
  return action({
    body: passwordForm,
    answer: z.object({ message: z.string() }),
    run: async (input) => {
      const { principal, body, view } = input;
      const texts = view().messages.accounts;
      if (principal?.sessionId === undefined) {
        throw new AppError("forbidden", "Cannot change a password without a session of its account");
      }
      if (body.repeat !== undefined && body.repeat !== body.password) {
        throw unprocessable("repeat", texts.differs);
      }
      await requireOwnPassword(deps, principal, body.old, texts.wrongPassword);
      const hash = await hashPassword(new Secret(body.password));
      if (principal.id === OWNER_ID) {
        if (deps.owner.isFromEnvironment) throw new AppError("conflict", texts.byEnvironment);
        await setOwnerPassword(deps.db, OWNER_ID, hash, deps.ticker.now());
        deps.password.replace(hash);
        await deps.noteChange({ kind: "setting", ids: ["admin_password_hash"] });
      } else await setAdminUserPassword(deps.db, principal.id, hash);
      await beginSession(deps, input, principal);
      input.note({ target: principal.name, detail: {} });
      return { message: "Password changed" };
    },
    done: (_answer, { view }) => ({ to: "/admin/password", flash: view().messages.accounts.changed }),
    form: (form, { view }) => PasswordPage({ view: view(), form, isChangeable: true }),
  });
}

/**
 * Asks for the password again, before a secret is revealed or a password changed.
 * @throws {AppError} `unprocessable` at the field `old` for a wrong one
 */
export async function requireOwnPassword(
  deps: Pick<AdminDeps, "db" | "password">,
  principal: { readonly id: string; readonly name: string },
  presented: string,
  fault: string,
  field = "old",
): Promise<void> {
  const user = principal.id === OWNER_ID ? undefined : await findAdminUserByName(deps.db, principal.name);
  if (!await deps.password.matches(presented, user?.passwordHash)) throw unprocessable(field, fault);
}

function usersPage(deps: AdminDeps, view: View, users: readonly AdminUser[], form: FormState) {
  return UsersPage({ view, users, form, ownerName: deps.owner.name });
}

function unknownUser(): AppError {
  return new AppError("not_found", "Cannot find this user");
}
