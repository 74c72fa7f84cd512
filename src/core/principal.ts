import type { Role } from "./role.ts";

/** The id of the account that is always there: its password is `ADMIN_PASSWORD`, or set on the first page. */
export const OWNER_ID = "owner";

/** Who asks for an admin action, and by what: a session of a browser, the owner's password, or an admin token. */
export interface Principal {
  readonly by: "session" | "password" | "token";
  /** Of the account or of the token. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Of a session only. */
  readonly sessionId?: string;
}
