import { z } from "zod";
import { NOBODYS_PASSWORD } from "../access/admin_password.ts";
import { isKeyedMark, keyedMark } from "../access/keyed_mark.ts";
import {
  ACCOUNT_POLICY,
  addFailure,
  ADDRESS_POLICY,
  throttledAddress,
  waitMs,
} from "../access/login_throttle.ts";
import { TOKEN_LIFE_MS } from "../access/session_token.ts";
import { OWNER_ID } from "../core/principal.ts";
import { AppError } from "../errors.ts";
import { findAdminUserByName, noteLogin } from "../store/admin_user_store.ts";
import {
  changeLoginFailures,
  deleteLoginFailures,
  findLoginFailures,
} from "../store/login_throttle_store.ts";
import { createSession, deleteSession } from "../store/session_store.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { LoginPage } from "../../views/sign_in.tsx";
import { action } from "./action.ts";
import { cookieText, dropCookieText, readCookie } from "./cookies.ts";
import type { DashboardDeps } from "./dashboard_deps.ts";
import { ownPath } from "./own_path.ts";
import type { Call } from "./route.ts";
import { redirectTo, wantsHtml } from "./face.ts";
import { isSecureRequest } from "./secure_request.ts";
import { needsSetUp } from "./sign_in_path.ts";

/** However much it is used. */
const SESSION_LIFE_MS = 7 * 86_400_000;
const DEVICE_LIFE_MS = 180 * 86_400_000;

const loginForm = z.strictObject({
  name: z.string().min(1).max(64),
  password: z.string().min(1).max(256),
  next: z.string().max(2000).exactOptional(),
});

const nextQuery = z.object({ next: z.string().max(2000).exactOptional() });

/** `GET /admin/login`: the form; who is signed in already goes on. */
export function showLogin(deps: DashboardDeps) {
  return action({
    query: nextQuery,
    answer: z.object({ isSetUp: z.boolean() }),
    run: async ({ principal, context, query }) => {
      if (!wantsHtml(context)) return { isSetUp: !await needsSetUp(deps) };
      if (principal !== undefined) return redirectTo(context, ownPath(query.next, "/admin"));
      return await needsSetUp(deps) ? redirectTo(context, "/admin/setup") : { isSetUp: true };
    },
    page: (_answer, { view, query }) =>
      LoginPage({ view: view(), form: EMPTY_FORM, next: ownPath(query.next, "/admin") }),
  });
}

/** `POST /admin/login`: begins a session, as a cookie. */
export function logIn(deps: DashboardDeps) {
  return action({
    body: loginForm,
    answer: z.object({ name: z.string(), role: z.string() }),
    run: async (input) => {
      const { name, password } = input.body;
      const account = await checkPassword(deps, input, name, password);
      await beginSession(deps, input, account);
      input.note({ actor: account.name, target: account.name, detail: {} });
      return { name: account.name, role: account.role };
    },
    done: (_answer, { body }) => ({ to: ownPath(body.next, "/admin") }),
    form: (form, { view }) => LoginPage({ view: view(), form, next: ownPath(form.values.next, "/admin") }),
  });
}

/** `POST /admin/logout`: ends this session, here and in the database. */
export function logOut(deps: DashboardDeps) {
  return action({
    answer: z.object({ message: z.string() }),
    run: async ({ principal, context, setCookie, note }) => {
      if (principal?.sessionId !== undefined) await deleteSession(deps.db, principal.sessionId);
      setCookie(dropCookieText("session", isSecureRequest(context, deps.publicUrl)));
      note({ target: principal?.name ?? "" });
      return { message: "Signed out" };
    },
    done: (_answer, { view }) => ({ to: "/admin/login", flash: view().messages.signIn.signedOut }),
  });
}

/** Begins a session of an account in the browser that asks, and remembers that it has been signed in with there. */
export async function beginSession(
  { db, ticker, sessionTokens, markKeys, publicUrl }: DashboardDeps,
  { context, setCookie }: Pick<Call, "context" | "setCookie">,
  account: { readonly id: string },
): Promise<void> {
  const nowMs = ticker.now();
  const id = crypto.randomUUID();
  await createSession(db, {
    id,
    accountId: account.id,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + SESSION_LIFE_MS,
  });
  const isSecure = isSecureRequest(context, publicUrl);
  const token = await sessionTokens.sign(id, account.id, nowMs);
  setCookie(cookieText("session", token, { isSecure, maxAgeMs: TOKEN_LIFE_MS }));
  const device = keyedMark(markKeys.device, account.id);
  setCookie(cookieText("device", device, { isSecure, maxAgeMs: DEVICE_LIFE_MS }));
}

/**
 * Whose password it is. A name that nobody has takes as long as one that somebody has, and answers the same.
 * @throws {AppError} `unauthorized`, or `rate_limited` with the seconds to wait
 */
async function checkPassword(deps: DashboardDeps, call: Call, name: string, password: string) {
  const user = await findAccount(deps, name);
  const device = readCookie(call.context, "device", isSecureRequest(call.context, deps.publicUrl)) ?? "";
  const isKnownDevice = user !== undefined && isKeyedMark(deps.markKeys.device, user.id, device);
  const forget = await countTry(deps, call, name.toLowerCase(), isKnownDevice);
  const isRight = await deps.password.matches(
    password,
    user?.passwordHash ?? (user ? undefined : NOBODYS_PASSWORD),
  );
  if (user === undefined || !user.isEnabled || !isRight) {
    throw new AppError("unauthorized", call.view().messages.signIn.wrong);
  }
  await forget();
  if (user.id !== OWNER_ID) await noteLogin(deps.db, user.id, deps.ticker.now());
  return user;
}

/** `passwordHash` is left out for the owner, whose password is elsewhere. */
async function findAccount({ db, owner }: DashboardDeps, name: string) {
  if (name.toLowerCase() === owner.name.toLowerCase()) {
    return {
      id: OWNER_ID,
      name: owner.name,
      role: "owner" as const,
      isEnabled: true,
      passwordHash: undefined,
    };
  }
  return await findAdminUserByName(db, name);
}

/**
 * Counts a try before it is made, so that many at once are held up, too. Gives what takes the count back. An account
 * is held up only for browsers that nobody has signed in to it with: strangers cannot lock its owner out.
 * @throws {AppError} `rate_limited`
 */
async function countTry(
  { kv, ticker }: DashboardDeps,
  { address, view }: Call,
  account: string,
  isKnownDevice: boolean,
): Promise<() => Promise<void>> {
  const nowMs = ticker.now();
  const counters = [
    { kind: "address" as const, name: throttledAddress(address), policy: ADDRESS_POLICY },
    ...(isKnownDevice ? [] : [{ kind: "account" as const, name: account, policy: ACCOUNT_POLICY }]),
  ];
  for (const { kind, name, policy } of counters) {
    const wait = waitMs(await findLoginFailures(kv, kind, name), policy, nowMs);
    if (wait === 0) continue;
    const retryAfterSeconds = Math.ceil(wait / 1000);
    throw new AppError("rate_limited", view().messages.signIn.wait(retryAfterSeconds), { retryAfterSeconds });
  }
  for (const { kind, name, policy } of counters) {
    await changeLoginFailures(kv, kind, name, (known) => addFailure(known, policy, nowMs), policy.forgetMs);
  }
  return async () => {
    for (const { kind, name } of counters) await deleteLoginFailures(kv, kind, name);
  };
}
