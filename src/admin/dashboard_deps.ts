import type { AdminPassword } from "../access/admin_password.ts";
import type { SessionTokens } from "../access/session_token.ts";
import type { Ticker } from "../core/watch.ts";
import type { Database } from "../store/database.ts";
import type { Stamp } from "../store/stamp.ts";
import type { LiveEvents } from "./live_events.ts";
import type { StaticFiles } from "./static_files.ts";

/** What signing in and showing pages need. */
export interface DashboardDeps {
  readonly db: Database;
  readonly kv: Deno.Kv;
  readonly ticker: Ticker;
  readonly stamp: () => Stamp;
  /** The owner's. */
  readonly password: AdminPassword;
  readonly owner: {
    /** `ADMIN_USERNAME`. */
    readonly name: string;
    /** Whether `ADMIN_PASSWORD` is set: nothing else changes it then. */
    readonly isFromEnvironment: boolean;
  };
  readonly sessionTokens: SessionTokens;
  /** Keys of the marks that forms and known browsers carry. */
  readonly markKeys: { readonly csrf: Uint8Array; readonly device: Uint8Array };
  /** `PUBLIC_URL`, if it is set. */
  readonly publicUrl: string | undefined;
  /** Whether the port is bound to this machine alone. */
  readonly isLoopbackOnly: boolean;
  readonly assets: StaticFiles;
  readonly liveEvents: LiveEvents;
}
