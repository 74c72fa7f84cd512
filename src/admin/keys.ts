import { z } from "zod";
import { KeyPage } from "../../views/keys_one.tsx";
import { KeyDrawer } from "../../views/keys_detail.tsx";
import { KeysPage } from "../../views/keys.tsx";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { action } from "./action.ts";
import { changeShown, keyChangeAnswer } from "./key_change_shown.ts";
import type { KeyDeps } from "./key_deps.ts";
import { keyDetail, keyDetailAnswer } from "./key_detail.ts";
import { asProviderKey, type KeyFilter, keyFilterFields, matcherOf } from "./key_filter.ts";
import { cellsOf, MAP_CELLS } from "./key_map.ts";
import { keyRowAnswer, keyRows } from "./key_rows.ts";
import { KEY_SORTS, type KeySearch, searchKeys } from "./key_search.ts";
import { idParams } from "./provider_keys.ts";
import { redirectTo, wantsHtml } from "./face.ts";

const keysQuery = z.object({
  ...keyFilterFields,
  sort: z.enum(KEY_SORTS).default("newest"),
  /** `next` of the page before. */
  after: z.string().max(100).exactOptional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** `map` gives a cell for each key, 10,000 a page, by provider and age. */
  view: z.enum(["list", "map"]).default("list"),
  /** Of the map: which cell of the page is wanted. A browser is sent to that key. */
  cell: z.coerce.number().int().min(0).max(MAP_CELLS).exactOptional(),
  /** Id of a change of many keys, to be followed above the list. */
  change: z.string().max(64).exactOptional(),
});

const tally = z.object({ name: z.string(), count: z.number() });

const keysAnswer = z.object({
  keys: z.array(keyRowAnswer),
  /** Cells of the map: id, last four characters, state, reason. */
  cells: z.array(z.object({ id: z.string(), lastFour: z.string(), state: z.string(), reason: z.string() })),
  next: z.string().nullable(),
  /** How many match in all. */
  matched: z.number(),
  /** How many match but for the state, by state. */
  counts: z.object({
    total: z.number(),
    ready: z.number(),
    cooling: z.number(),
    exhausted: z.number(),
    rejected: z.number(),
    disabled: z.number(),
  }),
  /** Why those that match rest. */
  reasons: z.array(tally).readonly(),
  models: z.array(tally).readonly(),
  tags: z.array(z.string()).readonly(),
  change: keyChangeAnswer.nullable(),
});

/** `GET /admin/keys?provider=&state=&…`: keys of all providers by filter and order; `next` is the next `after`. */
export function searchAllKeys(deps: KeyDeps) {
  return action({
    query: keysQuery,
    answer: keysAnswer,
    run: async ({ query, context }) => {
      const { sort, after, limit, view, cell, change: changeId, ...given } = query;
      const nowMs = deps.ticker.now();
      const filter = withoutWholeKey(given, deps.keyring);
      if (filter !== given && wantsHtml(context)) return redirectTo(context, keysPath(filter));
      const matcher = await matcherOf(deps, filter, nowMs);
      const isMap = view === "map";
      const found = searchKeys(matcher, {
        sort: isMap ? "place" : sort,
        limit: isMap ? MAP_CELLS : limit,
        ...(after !== undefined && { after }),
      }, nowMs);
      const wanted = isMap && cell !== undefined ? found.found[cell] : undefined;
      if (wanted !== undefined && wantsHtml(context)) {
        return redirectTo(context, `/admin/keys/${wanted.key.id}`);
      }
      const change = changeId === undefined ? undefined : await deps.keyChanges.find(changeId);
      return {
        ...summaryOf(found),
        keys: isMap ? [] : await keyRows(deps, found.found, nowMs),
        cells: isMap ? cellsOf(found.found) : [],
        change: change === undefined ? null : changeShown(change, deps.keyChanges),
      };
    },
    page: (answer, { view, query }) =>
      KeysPage({
        view: view(),
        ...answer,
        isMap: query.view === "map",
        providers: deps.live.list().map(({ provider: { slug, name } }) => ({ slug, name })),
        hasKeys: deps.live.list().some(({ pool }) => pool.counts().total > 0),
      }),
  });
}

/** `GET /admin/keys/:id`: all that is known of a key but its secret. htmx gets what stands in the drawer. */
export function showKey(deps: KeyDeps) {
  return action({
    params: idParams,
    answer: keyDetailAnswer,
    run: ({ params }) => keyDetail(deps, params.id, deps.ticker.now()),
    page: (detail, { view }) => KeyPage({ view: view(), detail, form: EMPTY_FORM }),
    fragment: (detail, { view }) => KeyDrawer({ view: view(), detail, form: EMPTY_FORM }),
  });
}

/** The list with this filter. */
export function keysPath(filter: KeyFilter, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ ...filter, ...more }).toString();
  return query === "" ? "/admin/keys" : `/admin/keys?${query}`;
}

/** A whole key that was typed into the text filter is looked for by its fingerprint, and leaves the address. */
function withoutWholeKey(filter: KeyFilter, keyring: KeyDeps["keyring"]): KeyFilter {
  const secret = asProviderKey(filter.q?.trim() ?? "");
  if (secret === undefined) return filter;
  const { q: _, ...others } = filter;
  return { ...others, fingerprint: keyring.fingerprint(secret) };
}

function summaryOf({ next, matched, counts, reasons, models, tags }: KeySearch) {
  return {
    next,
    matched,
    counts: { ...counts },
    reasons: [...reasons],
    models: [...models],
    tags: [...tags],
  };
}
