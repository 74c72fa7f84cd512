import { createHash } from "node:crypto";
import type { Context } from "hono";
import { ADMIN_TOKEN_PREFIX } from "../access/admin_token.ts";
import { RENEW_AFTER_MS, TOKEN_LIFE_MS } from "../access/session_token.ts";
import { OWNER_ID, type Principal } from "../core/principal.ts";
import { AppError } from "../errors.ts";
import { findAdminTokenByHash, noteTokenUse } from "../store/admin_token_store.ts";
import { findAdminUser } from "../store/admin_user_store.ts";
import { findSession } from "../store/session_store.ts";
import { cookieText, readCookie } from "./cookies.ts";
import type { DashboardDeps } from "./dashboard_deps.ts";
import { isSecureRequest } from "./secure_request.ts";

type AuthenticateDeps = Pick<
  DashboardDeps,
  "db" | "ticker" | "password" | "owner" | "sessionTokens" | "publicUrl"
>;

/**
 * Who asks: by `X-Admin-Key` or `Authorization: Bearer` (the owner's password or an admin token), else by the cookie
 * of a session, which is renewed through `setCookie` while it is used. `undefined` when nobody is signed in.
 * @throws {AppError} `unauthorized` or `rate_limited` for a credential that is presented and not right.
 */
export async function authenticate(
  deps: AuthenticateDeps,
  context: Context,
  setCookie: (text: string) => void,
): Promise<Principal | undefined> {
  const presented = context.req.header("x-admin-key") ?? bearer(context.req.header("authorization"));
  if (presented === undefined || presented === "") return await sessionPrincipal(deps, context, setCookie);
  return presented.startsWith(ADMIN_TOKEN_PREFIX)
    ? await tokenPrincipal(deps, presented)
    : await ownerPrincipal(deps, presented);
}

/** What is stored of an admin token: it is random enough that nothing slower is needed. */
export function hashAdminToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

async function ownerPrincipal(
  { password, ticker, owner }: AuthenticateDeps,
  presented: string,
): Promise<Principal> {
  switch (await password.check(presented, ticker.now())) {
    case "right":
      return { by: "password", id: OWNER_ID, name: owner.name, role: "owner" };
    case "wrong":
      throw new AppError("unauthorized", "Cannot serve this request: the admin key is not valid");
    case "throttled":
      throw new AppError("rate_limited", "Cannot serve this request: too many wrong admin keys", {
        retryAfterSeconds: password.waitSeconds(ticker.now()),
      });
  }
}

/** A use is written down once a minute. */
const USE_EVERY_MS = 60_000;

async function tokenPrincipal({ db, ticker }: AuthenticateDeps, presented: string): Promise<Principal> {
  const token = await findAdminTokenByHash(db, hashAdminToken(presented));
  const nowMs = ticker.now();
  if (token === undefined || (token.expiresAtMs !== undefined && token.expiresAtMs <= nowMs)) {
    throw new AppError("unauthorized", "Cannot serve this request: the admin token is not valid, or over");
  }
  if (nowMs - (token.lastUsedMs ?? 0) >= USE_EVERY_MS) await noteTokenUse(db, token.id, nowMs);
  return { by: "token", id: token.id, name: token.name, role: token.role };
}

async function sessionPrincipal(
  { db, ticker, owner, sessionTokens, publicUrl }: AuthenticateDeps,
  context: Context,
  setCookie: (text: string) => void,
): Promise<Principal | undefined> {
  const isSecure = isSecureRequest(context, publicUrl);
  const cookie = readCookie(context, "session", isSecure);
  if (cookie === undefined) return undefined;
  const nowMs = ticker.now();
  const claims = await sessionTokens.read(cookie, nowMs);
  if (claims === undefined) return undefined;
  const { sessionId, accountId, issuedMs } = claims;
  const session = await findSession(db, sessionId);
  if (session === undefined || session.accountId !== accountId || session.expiresAtMs <= nowMs) {
    return undefined;
  }
  if (nowMs - issuedMs >= RENEW_AFTER_MS) {
    const token = await sessionTokens.sign(sessionId, accountId, nowMs);
    setCookie(cookieText("session", token, { isSecure, maxAgeMs: TOKEN_LIFE_MS }));
  }
  if (accountId === OWNER_ID) {
    return { by: "session", id: OWNER_ID, name: owner.name, role: "owner", sessionId };
  }
  const user = await findAdminUser(db, accountId);
  if (user === undefined || !user.isEnabled) return undefined;
  return { by: "session", id: user.id, name: user.name, role: user.role, sessionId };
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization !== undefined && /^bearer /i.test(authorization)
    ? authorization.slice(7).trim()
    : undefined;
}
