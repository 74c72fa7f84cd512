import type { AdminPassword } from "../access/admin_password.ts";
import { SessionTokens } from "../access/session_token.ts";
import type { DashboardDeps } from "../admin/dashboard_deps.ts";
import { LiveEvents } from "../admin/live_events.ts";
import { loadStaticFiles } from "../admin/static_files.ts";
import type { Config } from "../config.ts";
import type { Ticker } from "../core/watch.ts";
import type { Log } from "../log.ts";
import type { Database } from "../store/database.ts";
import type { Keyring } from "../store/keyring.ts";
import type { Stamp } from "../store/stamp.ts";

interface OpenDashboard {
  readonly config: Config;
  readonly log: Log;
  readonly db: Database;
  readonly kv: Deno.Kv;
  readonly keyring: Keyring;
  readonly ticker: Ticker;
  readonly stamp: () => Stamp;
  readonly password: AdminPassword;
}

/** What signing in and pages need; every key of theirs is derived for one purpose. */
export async function openDashboard(
  { config, log, db, kv, keyring, ticker, stamp, password }: OpenDashboard,
): Promise<DashboardDeps> {
  const sessionKey = config.jwtSecret === undefined
    ? keyring.deriveKey("session")
    : new TextEncoder().encode(config.jwtSecret.reveal());
  return {
    db,
    kv,
    ticker,
    stamp,
    password,
    owner: { name: config.adminUsername, isFromEnvironment: config.adminPassword !== undefined },
    sessionTokens: new SessionTokens(sessionKey),
    markKeys: { csrf: keyring.deriveKey("csrf"), device: keyring.deriveKey("device") },
    publicUrl: config.publicUrl,
    isLoopbackOnly: !config.isOnDeploy && /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/.test(config.hostname),
    assets: await loadStaticFiles(),
    liveEvents: new LiveEvents(ticker, log),
  };
}
