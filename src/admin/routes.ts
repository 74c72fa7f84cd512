import { z } from "zod";
import { action } from "./action.ts";
import { addKey, addKeys } from "./add_keys.ts";
import { addToken, listTokens, removeToken } from "./admin_tokens.ts";
import { addUser, changePassword, editUser, listUsers, removeUser, showPassword } from "./admin_users.ts";
import { listAudit } from "./audit_log.ts";
import {
  addClientKey,
  editClientKey,
  editClientKeyForm,
  listClientKeys,
  removeClientKey,
  rotateClientKeySecret,
  showClientKey,
  showNewClientKey,
} from "./client_keys.ts";
import { showAppStatus, showLiveness, showReadiness } from "./app_status.ts";
import type { AdminDeps } from "./deps.ts";
import {
  addGroup,
  editGroup,
  editGroupForm,
  type GroupDeps,
  listGroups,
  newGroup,
  removeGroup,
  showGroup,
} from "./groups.ts";
import { listPresets } from "./presets.ts";
import { changeKeys, countBulk } from "./key_bulk.ts";
import { followChange, listChanges, showChange, stopChange, undoChange } from "./key_change_pages.ts";
import type { KeyDeps } from "./key_deps.ts";
import { exportKeys } from "./key_export.ts";
import { findWholeKey } from "./key_find.ts";
import { followKeys } from "./key_live.ts";
import { revealKey } from "./key_reveal.ts";
import { searchAllKeys, showKey } from "./keys.ts";
import { checkKey, checkProvider } from "./key_checks.ts";
import { addAlias, editAlias, listAliases, newAlias, removeAlias, showAlias } from "./model_aliases.ts";
import { addExport, showExport } from "./exports.ts";
import type { ImportDeps } from "./import_deps.ts";
import {
  addImport,
  followImport,
  listImports,
  showImport,
  showImportReport,
  startImport,
  stopImport,
} from "./imports.ts";
import { openApiDocument } from "./openapi.ts";
import {
  addFirstClientKey,
  chooseProviders,
  followFirstRun,
  pasteFirstKeys,
  showFirstRun,
} from "./first_run.ts";
import { followOverview, showOverview } from "./overview.ts";
import type { OverviewDeps } from "./overview_deps.ts";
import { OverviewFigures } from "./overview_figures.ts";
import { cancelRunning, listRunning } from "./running_requests.ts";
import { resetUsage, showHealth, showStatus } from "./pool_status.ts";
import { addPrice, listPrices, takePriceBack } from "./prices.ts";
import { addAskedRepricing, listAskedRepricings } from "./repricings.ts";
import { setPreferences } from "./preferences.ts";
import { editKey, listKeys, releaseKey, removeKey } from "./provider_keys.ts";
import {
  addProvider,
  editProvider,
  editProviderForm,
  followProviders,
  listProviders,
  newProvider,
  removeProvider,
  showProvider,
} from "./providers.ts";
import { followLoggedRequests, listLoggedRequests, showLoggedRequest } from "./requests.ts";
import type { Route } from "./route.ts";
import { route } from "./route_line.ts";
import { setUp, showSetUp } from "./set_up.ts";
import { editSettings, showSettings } from "./settings.ts";
import { logIn, logOut, showLogin } from "./sign_in.ts";
import { explainByHand, testRules } from "./explain.ts";
import { runByHand, showPlayground } from "./playground.ts";
import type { PlaygroundDeps } from "./playground_deps.ts";
import type { UsageDeps } from "./usage_deps.ts";
import { showUsage } from "./usage_report.ts";

/**
 * Every route of the dashboard and of the admin API, in one list: `METHOD path`, the id that the audit and the OpenAPI
 * document know it by, the least role, what it does, and the action. The first that fits a request serves it.
 */
export function adminRoutes(
  deps: AdminDeps | GroupDeps | UsageDeps | ImportDeps | KeyDeps | OverviewDeps | PlaygroundDeps,
): readonly Route[] {
  const routes: Route[] = [
    route("GET /health", "health.show", "anyone", "Tells that the process serves", showHealth(deps)),

    // --- signing in
    route(
      "GET /admin/setup",
      "setup.show",
      "anyone",
      "The first page: whether it is still to do",
      showSetUp(deps),
    ),
    route("POST /admin/setup", "setup.finish", "anyone", "Sets the owner's password, once", setUp(deps)),
    route("GET /admin/login", "session.form", "anyone", "The form to sign in", showLogin(deps)),
    route("POST /admin/login", "session.create", "anyone", "Signs in", logIn(deps)),
    route("POST /admin/logout", "session.delete", "viewer", "Signs out", logOut(deps)),
    route("POST /admin/preferences", "preferences.set", "anyone", "Language and theme", setPreferences(deps)),

    // --- the API
    route(
      "GET /admin/openapi.json",
      "openapi.show",
      "viewer",
      "This document",
      action({
        answer: z.looseObject({ openapi: z.string() }),
        run: () => openApiDocument(routes),
      }),
    ),

    // --- providers
    route("GET /admin/presets", "preset.list", "viewer", "The providers that are known", listPresets()),
    route("GET /admin/providers", "provider.list", "viewer", "Lists the providers", listProviders(deps)),
    route("POST /admin/providers", "provider.create", "operator", "Adds a provider", addProvider(deps)),
    route(
      "GET /admin/providers/new",
      "provider.form",
      "operator",
      "The form of a new provider",
      newProvider(),
    ),
    route(
      "GET /admin/live/providers",
      "provider.follow",
      "viewer",
      "Rows that change",
      followProviders(deps),
    ),
    route("GET /admin/providers/:slug", "provider.show", "viewer", "One provider", showProvider(deps)),
    route("GET /admin/providers/:slug/edit", "provider.edit", "operator", "Its form", editProviderForm(deps)),
    route("PUT|PATCH /admin/providers/:slug", "provider.set", "operator", "Changes it", editProvider(deps)),
    route("DELETE /admin/providers/:slug", "provider.delete", "operator", "Deletes it", removeProvider(deps)),

    // --- provider keys
    route("GET /admin/providers/:slug/keys", "key.list", "viewer", "Keys of a provider", listKeys(deps)),
    route("POST /admin/providers/:slug/keys", "key.import", "operator", "Adds many keys", addKeys(deps)),
    route(
      "POST /admin/providers/:slug/check",
      "key.check_all",
      "operator",
      "Checks its keys",
      checkProvider(deps),
    ),
    route("POST /admin/keys", "key.create", "operator", "Adds a key", addKey(deps)),
    route("PUT|PATCH /admin/keys/:id", "key.set", "operator", "Changes a key", editKey(deps)),
    route("DELETE /admin/keys/:id", "key.delete", "operator", "Deletes a key", removeKey(deps)),
    route("POST /admin/keys/:id/release", "key.release", "operator", "Ends a rest", releaseKey(deps)),
    route("POST /admin/keys/:id/check", "key.check", "operator", "Checks a key", checkKey(deps)),
    route("GET /admin/status", "status.show", "viewer", "How the keys stand", showStatus(deps)),
    route("POST /admin/reset", "usage.reset", "operator", "Begins a quota period", resetUsage(deps)),

    // --- client keys
    route("GET /admin/client-keys", "client_key.list", "viewer", "Lists client keys", listClientKeys(deps)),
    route("POST /admin/client-keys", "client_key.create", "operator", "Makes one", addClientKey(deps)),
    route(
      "GET /admin/client-keys/new",
      "client_key.form",
      "operator",
      "The form of a new client key",
      showNewClientKey(deps),
    ),
    route("GET /admin/client-keys/:id", "client_key.show", "viewer", "One client key", showClientKey(deps)),
    route(
      "GET /admin/client-keys/:id/edit",
      "client_key.edit",
      "operator",
      "Its form",
      editClientKeyForm(deps),
    ),
    route(
      "PUT|PATCH /admin/client-keys/:id",
      "client_key.set",
      "operator",
      "Changes it",
      editClientKey(deps),
    ),
    route(
      "DELETE /admin/client-keys/:id",
      "client_key.delete",
      "operator",
      "Deletes it",
      removeClientKey(deps),
    ),
    route(
      "POST /admin/client-keys/:id/rotate",
      "client_key.rotate",
      "operator",
      "Gives it a new secret",
      rotateClientKeySecret(deps),
    ),

    // --- people, tokens, audit
    route("GET /admin/users", "user.list", "owner", "Who may sign in", listUsers(deps)),
    route("POST /admin/users", "user.create", "owner", "Adds a user", addUser(deps)),
    route("PATCH /admin/users/:id", "user.set", "owner", "Changes a user", editUser(deps)),
    route("DELETE /admin/users/:id", "user.delete", "owner", "Deletes a user", removeUser(deps)),
    route("GET /admin/password", "password.form", "viewer", "The form of one's password", showPassword(deps)),
    route("POST /admin/password", "password.set", "viewer", "Changes one's password", changePassword(deps)),
    route("GET /admin/tokens", "token.list", "owner", "Lists admin tokens", listTokens(deps)),
    route("POST /admin/tokens", "token.create", "owner", "Makes an admin token", addToken(deps)),
    route("DELETE /admin/tokens/:id", "token.delete", "owner", "Deletes an admin token", removeToken(deps)),
    route("GET /admin/audit", "audit.list", "operator", "Who has done what", listAudit(deps)),
  ];
  if ("running" in deps) routes.push(...overviewRoutes(deps));
  if ("groups" in deps) routes.push(...groupRoutes(deps));
  if ("usage" in deps) routes.push(...usageRoutes(deps));
  if ("playground" in deps) routes.push(...playgroundRoutes(deps));
  if ("keyChanges" in deps) routes.push(...keyRoutes(deps));
  if ("imports" in deps) routes.push(...importRoutes(deps));
  return routes;
}

function overviewRoutes(deps: OverviewDeps): Route[] {
  const figures = new OverviewFigures(deps);
  return [
    route("GET /admin", "overview.show", "viewer", "All at a glance", showOverview(deps, figures)),
    route("GET /admin/live/overview", "overview.follow", "viewer", "Live", followOverview(deps, figures)),
    route("GET /admin/running", "running.list", "viewer", "Requests under way", listRunning(deps)),
    route("DELETE /admin/running/:id", "running.cancel", "operator", "Breaks one off", cancelRunning(deps)),
    route("GET /admin/start", "start.show", "operator", "The first steps", showFirstRun(deps)),
    route("GET /admin/live/start", "start.follow", "operator", "The first request", followFirstRun(deps)),
    route("POST /admin/start/keys", "start.keys", "operator", "Adds keys", pasteFirstKeys(deps)),
    route("POST /admin/start/choice", "start.choice", "operator", "Whose they are", chooseProviders(deps)),
    route(
      "POST /admin/start/client-key",
      "start.client_key",
      "operator",
      "Makes one",
      addFirstClientKey(deps),
    ),
  ];
}

function groupRoutes(deps: GroupDeps): Route[] {
  return [
    route("GET /admin/groups", "group.list", "viewer", "Lists groups", listGroups(deps)),
    route("POST /admin/groups", "group.create", "operator", "Adds a group", addGroup(deps)),
    route("GET /admin/groups/new", "group.new", "operator", "The form of a new group", newGroup(deps)),
    route("GET /admin/groups/:slug/edit", "group.edit", "operator", "A group's form", editGroupForm(deps)),
    route("GET /admin/groups/:slug", "group.show", "viewer", "One group", showGroup(deps)),
    route("PUT|PATCH /admin/groups/:slug", "group.set", "operator", "Changes a group", editGroup(deps)),
    route("DELETE /admin/groups/:slug", "group.delete", "operator", "Deletes a group", removeGroup(deps)),

    // Names of models have slashes.
    route("GET /admin/aliases", "alias.list", "viewer", "Lists aliases", listAliases(deps)),
    route("POST /admin/aliases", "alias.create", "operator", "Adds an alias", addAlias(deps)),
    route("GET /admin/aliases/new", "alias.new", "operator", "The form of a new alias", newAlias(deps)),
    route("GET /admin/aliases/:name{.+}", "alias.show", "viewer", "One alias", showAlias(deps)),
    route("PUT|PATCH /admin/aliases/:name{.+}", "alias.set", "operator", "Changes an alias", editAlias(deps)),
    route(
      "DELETE /admin/aliases/:name{.+}",
      "alias.delete",
      "operator",
      "Deletes an alias",
      removeAlias(deps),
    ),
  ];
}

function importRoutes(deps: ImportDeps): Route[] {
  return [
    route("GET /admin/imports", "import.list", "operator", "Where an import begins", listImports(deps)),
    route("POST /admin/imports", "import.create", "operator", "Reads keys, writes nothing", addImport(deps)),
    route("GET /admin/live/imports/:id", "import.follow", "operator", "Its progress", followImport(deps)),
    route("GET /admin/imports/:id", "import.show", "operator", "One import", showImport(deps)),
    route("DELETE /admin/imports/:id", "import.stop", "operator", "Breaks it off", stopImport(deps)),
    route("POST /admin/imports/:id/start", "import.run", "operator", "Writes it down", startImport(deps)),
    route(
      "GET /admin/imports/:id/report",
      "import.report",
      "operator",
      "What is left out",
      showImportReport(deps),
    ),
    route("GET /admin/export", "export.form", "owner", "What there is to export", showExport(deps)),
    route("POST /admin/export", "export.run", "owner", "Exports provider keys", addExport(deps)),
  ];
}

function keyRoutes(deps: KeyDeps): Route[] {
  return [
    route("GET /admin/keys", "key.search", "viewer", "Keys of all providers", searchAllKeys(deps)),
    route("GET /admin/live/keys", "key.follow", "viewer", "Rows that change", followKeys(deps)),
    route("POST /admin/keys/find", "key.find", "viewer", "Finds a whole key", findWholeKey(deps)),
    route("GET /admin/keys/bulk", "key.count", "operator", "What it would touch", countBulk(deps)),
    route("POST /admin/keys/bulk", "key.change", "operator", "Changes many keys", changeKeys(deps)),
    route("POST /admin/keys/export", "key.export", "operator", "Writes keys to a file", exportKeys(deps)),
    route("GET /admin/keys/changes", "key_change.list", "viewer", "Their changes", listChanges(deps)),
    route("GET /admin/keys/changes/:id", "key_change.show", "viewer", "How far one is", showChange(deps)),
    route(
      "GET /admin/live/key-changes/:id",
      "key_change.follow",
      "viewer",
      "Its progress",
      followChange(deps),
    ),
    route("POST /admin/keys/changes/:id/undo", "key_change.undo", "operator", "Undoes it", undoChange(deps)),
    route("POST /admin/keys/changes/:id/stop", "key_change.stop", "operator", "Stops it", stopChange(deps)),
    route("GET /admin/keys/:id", "key.show", "viewer", "One key", showKey(deps)),
    route("POST /admin/keys/:id/reveal", "key.reveal", "operator", "Reveals a whole key", revealKey(deps)),
  ];
}

function playgroundRoutes(deps: PlaygroundDeps): Route[] {
  return [
    route(
      "GET /admin/playground",
      "playground.show",
      "operator",
      "What one can try by hand",
      showPlayground(deps),
    ),
    route("POST /admin/playground", "playground.run", "operator", "Sends one request", runByHand(deps)),
    route(
      "POST /admin/route/explain",
      "route.explain",
      "operator",
      "Who would serve a request, and why",
      explainByHand(deps),
    ),
    route("POST /admin/rules/test", "rules.test", "operator", "Judges an answer", testRules(deps)),
  ];
}

function usageRoutes(deps: UsageDeps): Route[] {
  return [
    route("GET /healthz", "health.live", "anyone", "Tells that the process lives", showLiveness()),
    route("GET /readyz", "health.ready", "anyone", "Tells whether requests may be sent", showReadiness(deps)),
    route("GET /admin/settings", "settings.show", "viewer", "The settings", showSettings(deps)),
    route("PATCH /admin/settings", "settings.set", "owner", "Changes settings", editSettings(deps)),
    route("GET /admin/app-status", "app.show", "viewer", "How the process does", showAppStatus(deps)),
    route("GET /admin/usage", "usage.show", "viewer", "Statistics", showUsage(deps)),
    route("GET /admin/requests", "request.list", "viewer", "The request log", listLoggedRequests(deps)),
    route(
      "GET /admin/live/requests",
      "request.follow",
      "viewer",
      "The log as it grows",
      followLoggedRequests(deps),
    ),
    route("GET /admin/requests/:id", "request.show", "viewer", "One request", showLoggedRequest(deps)),
    route("GET /admin/prices", "price.list", "viewer", "Prices of models", listPrices(deps)),
    route("POST /admin/prices", "price.set", "operator", "Sets a price", addPrice(deps)),
    route(
      "DELETE /admin/prices/:id",
      "price.delete",
      "operator",
      "Takes a price back, from now on",
      takePriceBack(deps),
    ),
    route("GET /admin/repricings", "repricing.list", "viewer", "Re-pricings", listAskedRepricings(deps)),
    route(
      "POST /admin/repricings",
      "repricing.create",
      "operator",
      "Counts costs anew",
      addAskedRepricing(deps),
    ),
  ];
}
