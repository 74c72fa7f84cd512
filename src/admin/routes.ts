import { Hono } from "hono";
import { PRESETS } from "../core/presets.ts";
import { addKey, addKeys } from "./add_keys.ts";
import { addClientKey, listClientKeys, removeClientKey } from "./client_keys.ts";
import type { AdminDeps } from "./deps.ts";
import { resetUsage, showHealth, showStatus } from "./pool_status.ts";
import { editKey, listKeys, releaseKey, removeKey } from "./provider_keys.ts";
import { addProvider, editProvider, listProviders, removeProvider, showProvider } from "./providers.ts";
import { requireAdmin } from "./require_admin.ts";

/** Every route of the admin API, in one list. */
export function adminRoutes(deps: AdminDeps): Hono {
  const app = new Hono();
  app.get("/health", showHealth(deps));

  app.use("/admin/*", requireAdmin(deps));
  app.get("/admin/presets", (context) => context.json({ presets: PRESETS }));

  app.get("/admin/providers", listProviders(deps));
  app.post("/admin/providers", addProvider(deps));
  app.get("/admin/providers/:slug", showProvider(deps));
  app.on(["PUT", "PATCH"], "/admin/providers/:slug", editProvider(deps));
  app.delete("/admin/providers/:slug", removeProvider(deps));

  app.get("/admin/providers/:slug/keys", listKeys(deps));
  app.post("/admin/providers/:slug/keys", addKeys(deps));
  app.post("/admin/keys", addKey(deps));
  app.on(["PUT", "PATCH"], "/admin/keys/:id", editKey(deps));
  app.delete("/admin/keys/:id", removeKey(deps));
  app.post("/admin/keys/:id/release", releaseKey(deps));
  app.get("/admin/status", showStatus(deps));
  app.post("/admin/reset", resetUsage(deps));

  app.get("/admin/client-keys", listClientKeys(deps));
  app.post("/admin/client-keys", addClientKey(deps));
  app.delete("/admin/client-keys/:id", removeClientKey(deps));
  return app;
}
