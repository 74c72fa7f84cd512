import { randomBytes } from "node:crypto";
import { Secret } from "../core/secret.ts";

/** Recognised by scanners of leaked secrets, and told apart from the owner's password by it. */
export const ADMIN_TOKEN_PREFIX = "kta_";

/** A new admin token of 256 random bits. */
export function createAdminToken(): Secret {
  return new Secret(ADMIN_TOKEN_PREFIX + randomBytes(32).toString("base64url"));
}
