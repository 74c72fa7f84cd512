import { z } from "zod";
import { PRESETS } from "../core/presets.ts";
import { DIALECTS } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { createProvider, deleteProvider, setProvider } from "../store/provider_store.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { ProviderForm, providerFormState } from "../../views/provider_form.tsx";
import { ProviderPage } from "../../views/provider.tsx";
import { ProviderRow, ProvidersPage } from "../../views/providers.tsx";
import { action } from "./action.ts";
import type { AdminDeps } from "./deps.ts";
import type { LivePart } from "./live_events.ts";
import { providerAnswer, providerView } from "./provider_answer.ts";
import { changeProvider, checkPlace, draftProvider, newProviderForm, providerForm } from "./provider_form.ts";

/** The parameter of `/admin/providers/:slug`. */
export const slugParams = z.object({ slug: z.string() });

const listQuery = z.object({
  /** Part of the name, the slug or the base URL. */
  q: z.string().max(200).exactOptional(),
  dialect: z.enum(DIALECTS).exactOptional(),
});

/** `GET /admin/providers` */
export function listProviders({ live }: AdminDeps) {
  return action({
    query: listQuery,
    answer: z.object({ providers: z.array(providerAnswer) }),
    run: ({ query }) => ({
      providers: live.list().map(providerView).filter((provider) => matches(provider, query)),
    }),
    page: ({ providers }, { view, query }) =>
      ProvidersPage({ view: view(), providers, isFiltered: Object.keys(query).length > 0 }),
  });
}

/** `GET /admin/providers/:slug` */
export function showProvider(deps: AdminDeps) {
  return action({
    params: slugParams,
    answer: providerAnswer,
    run: ({ params }) => providerView(requireProvider(deps, params.slug)),
    page: (provider, { view }) => ProviderPage({ view: view(), provider }),
  });
}

/** `GET /admin/providers/new`: the form, for a browser; programs get the presets that it offers. */
export function newProvider() {
  return action({
    answer: z.object({ presets: z.array(z.object({ slug: z.string(), name: z.string() })) }),
    run: () => ({ presets: PRESETS.map(({ slug, name }) => ({ slug, name })) }),
    page: ({ presets }, { view }) => ProviderForm({ view: view(), form: EMPTY_FORM, presets }),
  });
}

/** `POST /admin/providers`: 201 with the provider. */
export function addProvider({ db, live, policy, guard, stamp, inTurn, noteChange }: AdminDeps) {
  return action({
    body: newProviderForm,
    answer: providerAnswer,
    status: 201,
    run: async ({ body, note }) => {
      const draft = draftProvider(body, policy);
      checkPlace(draft, guard);
      const added = await inTurn(async () => live.set(await createProvider(db, draft, policy, stamp())));
      await noteChange({ kind: "provider", ids: [added.provider.id] });
      note({ target: added.provider.slug });
      return providerView(added);
    },
    done: ({ slug, name }, { view }) => ({
      to: `/admin/providers/${slug}`,
      flash: view().messages.providers.created(name),
    }),
    form: (form, { view }) => ProviderForm({ view: view(), form, presets: PRESETS }),
  });
}

/** `GET /admin/providers/:slug/edit`: the form, for a browser; programs get the provider. */
export function editProviderForm(deps: AdminDeps) {
  return action({
    params: slugParams,
    answer: providerAnswer,
    run: ({ params }) => providerView(requireProvider(deps, params.slug)),
    page: (provider, { view }) =>
      ProviderForm({ view: view(), form: providerFormState(provider), edited: provider }),
  });
}

/** `PUT|PATCH /admin/providers/:slug`: what is left out stays. */
export function editProvider(deps: AdminDeps) {
  return action({
    params: slugParams,
    body: providerForm,
    answer: providerAnswer,
    run: ({ params, body }) =>
      deps.inTurn(async () => {
        const { provider } = requireProvider(deps, params.slug);
        const changed = changeProvider(provider, body);
        if (body.baseUrl !== undefined || body.policy !== undefined) checkPlace(changed, deps.guard);
        if (!await setProvider(deps.db, changed, deps.policy)) throw unknownProvider(provider.slug);
        const live = deps.live.set(changed);
        await deps.noteChange({ kind: "provider", ids: [changed.id] });
        return providerView(live);
      }),
    fragment: (provider, { view }) => ProviderRow({ view: view(), provider }),
    done: ({ slug, name }, { view }) => ({
      to: `/admin/providers/${slug}`,
      flash: view().messages.providers.saved(name),
    }),
    form: (form, { view, params }) => {
      const edited = providerView(requireProvider(deps, params.slug));
      return ProviderForm({ view: view(), form, edited });
    },
  });
}

/** `DELETE /admin/providers/:slug`, with all its keys. */
export function removeProvider(deps: AdminDeps) {
  return action({
    params: slugParams,
    answer: z.object({ message: z.string(), slug: z.string() }),
    run: ({ params }) =>
      deps.inTurn(async () => {
        const { provider: { id, slug }, pool } = requireProvider(deps, params.slug);
        if (!await deleteProvider(deps.db, id)) throw unknownProvider(slug);
        deps.live.delete(id);
        pool.close();
        await deps.noteChange({ kind: "provider", ids: [id] });
        await deps.forgetHealth(id, pool.entries(0, Infinity).map(({ key }) => key.id));
        return { message: `Provider ${slug} deleted`, slug };
      }),
    done: ({ slug }, { view }) => ({
      to: "/admin/providers",
      flash: view().messages.providers.deleted(slug),
    }),
  });
}

/** `GET /admin/live/providers`: the rows of the list as they change, as Server-Sent Events. */
export function followProviders({ live, liveEvents, ticker }: AdminDeps) {
  return action({
    query: listQuery,
    produces: "text/event-stream",
    run: ({ view, context, query }) => {
      const shown = view();
      const listParts = () =>
        live.list().map(providerView).filter((provider) => matches(provider, query)).map((
          provider,
        ): LivePart => ({
          key: `provider:${provider.slug}`,
          elementId: `provider-${provider.slug}`,
          version: () => JSON.stringify([provider.counts, provider.isEnabled, provider.name]),
          render: () => ProviderRow({ view: { ...shown, nowMs: ticker.now() }, provider }),
        }));
      return liveEvents.open(listParts, context.req.raw.signal);
    },
  });
}

function matches(
  { name, slug, baseUrl, dialect }: { name: string; slug: string; baseUrl: string; dialect: string },
  query: z.infer<typeof listQuery>,
): boolean {
  const part = query.q?.toLowerCase() ?? "";
  const isFound = [name, slug, baseUrl].some((text) => text.toLowerCase().includes(part));
  return isFound && (query.dialect === undefined || query.dialect === dialect);
}

/** @throws {AppError} `not_found` */
export function requireProvider({ live }: Pick<AdminDeps, "live">, slug: string): LiveProvider {
  const found = live.find(slug);
  if (found === undefined) throw unknownProvider(slug);
  return found;
}

/** The answer for a slug that no provider has. */
export function unknownProvider(slug: string): AppError {
  return new AppError("not_found", `Cannot find provider ${JSON.stringify(slug.slice(0, 64))}`);
}
