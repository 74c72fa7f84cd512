import { errors, jwtVerify, SignJWT } from "jose";

/** What a session's cookie says: which session, whose, and since when. What it allows is looked up. */
export interface SessionClaims {
  readonly sessionId: string;
  readonly accountId: string;
  readonly issuedMs: number;
}

/** A token that is not renewed by then is worth nothing; every use after `RENEW_AFTER_MS` renews it. */
export const TOKEN_LIFE_MS = 2 * 3_600_000;
export const RENEW_AFTER_MS = 10 * 60_000;

const ISSUER = "keyturn";
const AUDIENCE = "keyturn-admin";
const ALGORITHM = "HS256";

/** Signs and reads the tokens of sessions: one algorithm, one audience, every claim required. */
export class SessionTokens {
  readonly #key: Uint8Array;

  /** @param key 32 bytes or more. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  sign(sessionId: string, accountId: string, nowMs: number): Promise<string> {
    const nowSeconds = Math.floor(nowMs / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(accountId)
      .setJti(sessionId)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + TOKEN_LIFE_MS / 1000)
      .sign(this.#key);
  }

  /** What the token says, or `undefined` for one that is not ours, not whole, or over. */
  async read(token: string, nowMs: number): Promise<SessionClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["sub", "jti", "iat", "exp"],
        currentDate: new Date(nowMs),
        // An expiry of years, signed with our own key by mistake, is none.
        maxTokenAge: TOKEN_LIFE_MS / 1000,
      });
      const { jti, sub, iat } = payload;
      if (typeof jti !== "string" || typeof sub !== "string" || typeof iat !== "number") return undefined;
      return { sessionId: jti, accountId: sub, issuedMs: iat * 1000 };
    } catch (error) {
      // Whatever is wrong with a token, it is simply no session.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }
}
