import type { KeyCheck, KeyCheckTally, ProviderCheck } from "../core/key_check.ts";
import type { ClientKeys } from "../access/client_keys.ts";
import type { ClientLimiter } from "../access/client_limiter.ts";
import type { ProviderPolicy } from "../core/provider.ts";
import type { Log } from "../log.ts";
import type { LiveProviders } from "../pool/live_providers.ts";
import type { Change } from "../store/change_store.ts";
import type { Keyring } from "../store/keyring.ts";
import type { NetworkGuard } from "../transport/network_guard.ts";
import type { DashboardDeps } from "./dashboard_deps.ts";
import type { InTurn } from "./in_turn.ts";

/** What the admin actions work on. Each change is written to the database first, then taken over in memory. */
export interface AdminDeps extends DashboardDeps {
  readonly keyring: Keyring;
  readonly live: LiveProviders;
  readonly clientKeys: ClientKeys;
  /** How the limits of client keys stand. */
  readonly limiter: Pick<ClientLimiter, "statesOf">;
  readonly keyChecks: KeyCheckActions;
  readonly hashClientKey: (clientKey: string) => string;
  /** Defaults of every provider's policy. */
  readonly policy: ProviderPolicy;
  /** Where providers may be. */
  readonly guard: NetworkGuard;
  readonly log: Log;
  /** Every change runs in its turn; its body is read before. */
  readonly inTurn: InTurn;
  /** Tells other instances what was written to the database: after the write, before it is acknowledged. */
  readonly noteChange: (change: Change) => Promise<void>;
  /** Learns what other instances have written to it up to now. */
  readonly catchUp: () => Promise<void>;
  /** Stores what the pools know of their keys: what was acknowledged must outlive the process. */
  readonly saveHealth: () => Promise<void>;
  /** Forgets what is stored of keys that are no more. */
  readonly forgetHealth: (providerId: string, keyIds: readonly string[]) => Promise<void>;
}

/** Checks of keys by requests that cost nothing. `undefined` for a key or a provider that is not there. */
export interface KeyCheckActions {
  checkKey(id: string, signal?: AbortSignal): Promise<KeyCheck | undefined>;
  checkProvider(
    slug: string,
    onProgress: (tally: KeyCheckTally) => void,
    signal?: AbortSignal,
  ): Promise<ProviderCheck | undefined>;
}
