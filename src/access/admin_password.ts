import { Buffer } from "node:buffer";
import { createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { Secret } from "../core/secret.ts";

/** OWASP's password storage page: N = 2^17, r = 8, p = 1; some 0.3 s and 128 MiB a try. */
const COST = { N: 1 << 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;
const HASH_BYTES = 32;
const MAX_PASSWORD_LENGTH = 256;

/** A new password of 144 random bits, easy to copy. */
export function createPassword(): string {
  return randomBytes(18).toString("base64url");
}

/** The text to store for a password: `scrypt$N$r$p$salt$hash`, different each time. */
export async function hashPassword(password: Secret): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password.reveal(), salt, COST.N, COST.r, COST.p);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Of no password at all: what is compared when nobody has the name, so that it takes as long as when somebody has. */
export const NOBODYS_PASSWORD = `scrypt$${COST.N}$${COST.r}$${COST.p}$${"A".repeat(22)}$${"A".repeat(43)}`;

/** Whether the password is the one that was stored. Text that is not ours is never right. */
export async function verifyPassword(stored: string, password: string): Promise<boolean> {
  const [scheme, n, r, p, salt = "", hash = ""] = stored.split("$");
  if (scheme !== "scrypt" || password.length > MAX_PASSWORD_LENGTH) return false;
  const expected = Buffer.from(hash, "base64url");
  const derived = await derive(password, Buffer.from(salt, "base64url"), Number(n), Number(r), Number(p));
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}

function derive(password: string, salt: Uint8Array, N: number, r: number, p: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(password, salt, HASH_BYTES, { N, r, p, maxmem: COST.maxmem }, (error, key) => {
    if (error) reject(error);
    else resolve(key);
  });
  return promise;
}

/** Wrong tries that are heard in one window; the right password that was seen before is not held up. */
const MAX_FAILURES = 10;
const WINDOW_MS = 60_000;

export type AdminCheck = "right" | "wrong" | "throttled";

/**
 * The owner's password as the admin API checks it on each request. The slow hash is computed once for a right
 * password, and a keyed hash of it remembered; each wrong try pays in full, one after the other because each
 * takes 128 MiB, and after ten in a minute none is heard until the minute is over.
 */
export class AdminPassword {
  #stored: string;
  readonly #memoryKey = randomBytes(32);
  readonly #checking = new Map<string, Promise<boolean>>();
  #lastCheck: Promise<unknown> = Promise.resolve();
  #rightDigest: Buffer | undefined;
  #failures = 0;
  #windowEndsMs = 0;

  constructor(stored: string) {
    this.#stored = stored;
  }

  /** Takes another password; the one before is wrong from now on. */
  replace(stored: string): void {
    if (stored === this.#stored) return;
    this.#stored = stored;
    this.#rightDigest = undefined;
  }

  /**
   * Whether a password is the owner's or, with `stored`, the one that this hash was made of. Not throttled: a sign-in
   * counts its own tries. One after the other, like every other try.
   */
  matches(presented: string, stored = this.#stored): Promise<boolean> {
    return this.#verify(presented, stored);
  }

  /** Seconds until tries are heard again, at least 1. */
  waitSeconds(nowMs: number): number {
    return Math.max(1, Math.ceil((this.#windowEndsMs - nowMs) / 1000));
  }

  async check(presented: string, nowMs: number): Promise<AdminCheck> {
    const digest = createHmac("sha256", this.#memoryKey).update(presented).digest();
    if (this.#rightDigest !== undefined && timingSafeEqual(digest, this.#rightDigest)) return "right";
    // Requests side by side with the same password are one try.
    const name = digest.toString("base64");
    const checking = this.#checking.get(name);
    if (checking !== undefined) return await checking ? "right" : "wrong";
    if (nowMs >= this.#windowEndsMs) {
      this.#failures = 0;
      this.#windowEndsMs = nowMs + WINDOW_MS;
    }
    // Counted before the hash is computed, so that tries side by side are held up too.
    if (++this.#failures > MAX_FAILURES) return "throttled";
    const stored = this.#stored;
    const checked = this.#verify(presented, stored);
    this.#checking.set(name, checked);
    try {
      if (!await checked) return "wrong";
    } finally {
      this.#checking.delete(name);
    }
    // It may have been replaced meanwhile.
    if (stored !== this.#stored) return "wrong";
    this.#rightDigest = digest;
    this.#failures = 0;
    return "right";
  }

  #verify(presented: string, stored: string): Promise<boolean> {
    const checked = this.#lastCheck.then(() => verifyPassword(stored, presented));
    this.#lastCheck = checked.catch(() => undefined);
    return checked;
  }
}
