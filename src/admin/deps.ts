import type { ClientKeys } from "../access/client_keys.ts";
import type { AdminPassword } from "../access/admin_password.ts";
import type { ProviderPolicy } from "../core/provider.ts";
import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { LiveProviders } from "../pool/live_providers.ts";
import type { Database } from "../store/database.ts";
import type { Keyring } from "../store/keyring.ts";
import type { Stamp } from "../store/stamp.ts";

/** What the admin actions work on. Each change is written to the database first, then taken over in memory. */
export interface AdminDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly live: LiveProviders;
  readonly clientKeys: ClientKeys;
  readonly hashClientKey: (clientKey: string) => string;
  readonly password: AdminPassword;
  /** Defaults of every provider's policy. */
  readonly policy: ProviderPolicy;
  readonly ticker: Ticker;
  readonly log: Log;
  readonly stamp: () => Stamp;
}
