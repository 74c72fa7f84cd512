import type { Context } from "hono";
import { AdminPassword } from "../../src/access/admin_password.ts";
import { SessionTokens } from "../../src/access/session_token.ts";
import type { DashboardDeps } from "../../src/admin/dashboard_deps.ts";
import { LiveEvents } from "../../src/admin/live_events.ts";
import type { Action } from "../../src/admin/route.ts";
import { loadStaticFiles } from "../../src/admin/static_files.ts";
import type { Ticker } from "../../src/core/watch.ts";
import { createLog } from "../../src/log.ts";
import type { Database } from "../../src/store/database.ts";
import type { Stamp } from "../../src/store/stamp.ts";
import { hashCheaply } from "./cheap_password.ts";

/** What signing in and pages need, with keys that are made up. */
export async function testDashboard(
  given: {
    readonly db: Database;
    readonly kv: Deno.Kv;
    readonly ticker: Ticker;
    readonly stamp: () => Stamp;
    readonly adminKey: string;
  },
): Promise<DashboardDeps> {
  const { adminKey, ...deps } = given;
  const key = new Uint8Array(32).fill(7);
  return {
    ...deps,
    password: new AdminPassword(hashCheaply(adminKey)),
    owner: { name: "admin", isFromEnvironment: true },
    sessionTokens: new SessionTokens(key),
    markKeys: { csrf: key, device: key },
    publicUrl: undefined,
    isLoopbackOnly: true,
    assets: await loadStaticFiles(),
    liveEvents: new LiveEvents(deps.ticker, createLog("silent", () => {}, (line) => line)),
  };
}

/** An action alone, without the list around it: nobody is asked who he is. For its JSON face. */
export function serveAlone(action: Action): (context: Context) => Promise<Response> {
  return (context) =>
    action.respond({
      context,
      principal: undefined,
      form: undefined,
      address: undefined,
      view: () => {
        throw new Error("Cannot show a page of an action alone");
      },
      note: () => {},
      flash: () => {},
      setCookie: () => {},
    });
}
