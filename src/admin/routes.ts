import { Hono } from "hono";
import { PRESETS } from "../core/presets.ts";
import { addKey, addKeys } from "./add_keys.ts";
import {
  addClientKey,
  editClientKey,
  listClientKeys,
  removeClientKey,
  rotateClientKeySecret,
  showClientKey,
} from "./client_keys.ts";
import type { AdminDeps } from "./deps.ts";
import { checkKey, checkProvider } from "./key_checks.ts";
import { addGroup, editGroup, type GroupDeps, listGroups, removeGroup, showGroup } from "./groups.ts";
import { addAlias, editAlias, listAliases, removeAlias, showAlias } from "./model_aliases.ts";
import { resetUsage, showHealth, showStatus } from "./pool_status.ts";
import { editKey, listKeys, releaseKey, removeKey } from "./provider_keys.ts";
import { addProvider, editProvider, listProviders, removeProvider, showProvider } from "./providers.ts";
import { requireAdmin } from "./require_admin.ts";

/** Every route of the admin API, in one list. */
export function adminRoutes(deps: AdminDeps | GroupDeps): Hono {
  const app = new Hono();
  app.get("/health", showHealth(deps));

  app.use("/admin/*", requireAdmin(deps));
  // What was changed through another instance a moment ago must show here: a balancer sends a person to either.
  app.use("/admin/*", async (_context, next) => {
    await deps.catchUp();
    await next();
  });
  app.get("/admin/presets", (context) => context.json({ presets: PRESETS }));

  app.get("/admin/providers", listProviders(deps));
  app.post("/admin/providers", addProvider(deps));
  app.get("/admin/providers/:slug", showProvider(deps));
  app.on(["PUT", "PATCH"], "/admin/providers/:slug", editProvider(deps));
  app.delete("/admin/providers/:slug", removeProvider(deps));

  app.get("/admin/providers/:slug/keys", listKeys(deps));
  app.post("/admin/providers/:slug/keys", addKeys(deps));
  app.post("/admin/providers/:slug/check", checkProvider(deps));
  app.post("/admin/keys", addKey(deps));
  app.on(["PUT", "PATCH"], "/admin/keys/:id", editKey(deps));
  app.delete("/admin/keys/:id", removeKey(deps));
  app.post("/admin/keys/:id/release", releaseKey(deps));
  app.post("/admin/keys/:id/check", checkKey(deps));
  app.get("/admin/status", showStatus(deps));
  app.post("/admin/reset", resetUsage(deps));

  app.get("/admin/client-keys", listClientKeys(deps));
  app.post("/admin/client-keys", addClientKey(deps));
  app.get("/admin/client-keys/:id", showClientKey(deps));
  app.on(["PUT", "PATCH"], "/admin/client-keys/:id", editClientKey(deps));
  app.delete("/admin/client-keys/:id", removeClientKey(deps));
  app.post("/admin/client-keys/:id/rotate", rotateClientKeySecret(deps));

  if (!("groups" in deps)) return app;
  app.get("/admin/groups", listGroups(deps));
  app.post("/admin/groups", addGroup(deps));
  app.get("/admin/groups/:slug", showGroup(deps));
  app.on(["PUT", "PATCH"], "/admin/groups/:slug", editGroup(deps));
  app.delete("/admin/groups/:slug", removeGroup(deps));

  // Names of models have slashes.
  app.get("/admin/aliases", listAliases(deps));
  app.post("/admin/aliases", addAlias(deps));
  app.get("/admin/aliases/:name{.+}", showAlias(deps));
  app.on(["PUT", "PATCH"], "/admin/aliases/:name{.+}", editAlias(deps));
  app.delete("/admin/aliases/:name{.+}", removeAlias(deps));
  return app;
}
