import type { Context } from "hono";
import { type LiveProvider } from "../pool/live_providers.ts";
import { AppError } from "../errors.ts";
import { createProvider, deleteProvider, setProvider } from "../store/provider_store.ts";
import type { AdminDeps } from "./deps.ts";
import { readJson } from "./json_body.ts";
import { changeProvider, draftProvider, newProviderForm, providerForm } from "./provider_form.ts";

/** `GET /admin/providers` */
export function listProviders({ live }: AdminDeps) {
  return (context: Context) => context.json({ providers: live.list().map(providerView) });
}

/** `GET /admin/providers/:slug` */
export function showProvider(deps: AdminDeps) {
  return (context: Context) => context.json(providerView(requireProvider(deps, slugOf(context))));
}

/** `POST /admin/providers`: 201 with the provider. */
export function addProvider({ db, live, policy, stamp, inTurn, noteChange }: AdminDeps) {
  return async (context: Context) => {
    const draft = draftProvider(await readJson(context, newProviderForm), policy);
    const added = await inTurn(async () => live.set(await createProvider(db, draft, policy, stamp())));
    await noteChange({ kind: "provider", ids: [added.provider.id] });
    return context.json(providerView(added), 201);
  };
}

/** `PUT|PATCH /admin/providers/:slug`: what is left out stays. */
export function editProvider(deps: AdminDeps) {
  return async (context: Context) => {
    const form = await readJson(context, providerForm);
    return await deps.inTurn(async () => {
      const { provider } = requireProvider(deps, slugOf(context));
      const changed = changeProvider(provider, form);
      if (!await setProvider(deps.db, changed, deps.policy)) throw unknownProvider(provider.slug);
      const live = deps.live.set(changed);
      await deps.noteChange({ kind: "provider", ids: [changed.id] });
      return context.json(providerView(live));
    });
  };
}

/** `DELETE /admin/providers/:slug`, with all its keys. */
export function removeProvider(deps: AdminDeps) {
  return (context: Context) =>
    deps.inTurn(async () => {
      const { provider: { id, slug }, pool } = requireProvider(deps, slugOf(context));
      if (!await deleteProvider(deps.db, id)) throw unknownProvider(slug);
      deps.live.delete(id);
      pool.close();
      await deps.noteChange({ kind: "provider", ids: [id] });
      await deps.forgetHealth(id, pool.entries(0, Infinity).map(({ key }) => key.id));
      return context.json({ message: `Provider ${slug} deleted`, slug });
    });
}

/** @throws {AppError} `not_found` */
export function requireProvider({ live }: Pick<AdminDeps, "live">, slug: string): LiveProvider {
  const found = live.find(slug);
  if (found === undefined) throw unknownProvider(slug);
  return found;
}

/** What the API shows of a provider: all of it, and how its pool stands. There is no secret in it. */
function providerView({ provider, pool }: LiveProvider) {
  return { ...provider, headers: Object.fromEntries(provider.headers), counts: pool.counts() };
}

function slugOf(context: Context): string {
  return context.req.param("slug") ?? "";
}

/** The answer for a slug that no provider has. */
export function unknownProvider(slug: string): AppError {
  return new AppError("not_found", `Cannot find provider ${JSON.stringify(slug.slice(0, 64))}`);
}
