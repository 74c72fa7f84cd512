import { z } from "zod";
import { AppError } from "../errors.ts";
import { findRequest, listRequests, type RequestFilter } from "../store/request_log_query.ts";
import { countRequests, timeOfPlace } from "../store/request_log_store.ts";
import { LogPart, RequestsPage } from "../../views/requests.tsx";
import { RequestPage } from "../../views/request.tsx";
import { action } from "./action.ts";
import type { LivePart } from "./live_events.ts";
import {
  REQUEST_OUTCOMES,
  requestAnswer,
  requestView,
  VERDICT_KINDS,
  VERDICT_SCOPES,
} from "./request_view.ts";
import { boundsOf, rangeFields } from "./time_range.ts";
import type { UsageDeps } from "./usage_deps.ts";

const name = z.string().max(200);

export const requestsQuery = z.object({
  before: z.coerce.number().int().min(0).exactOptional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  ...rangeFields,
  provider: name.exactOptional(),
  providerKey: name.exactOptional(),
  clientKey: name.exactOptional(),
  group: name.exactOptional(),
  model: name.exactOptional(),
  statusClass: z.coerce.number().int().min(1).max(5).exactOptional(),
  outcome: z.enum(REQUEST_OUTCOMES).exactOptional(),
  verdict: z.enum(VERDICT_KINDS).exactOptional(),
  scope: z.enum(VERDICT_SCOPES).exactOptional(),
  stream: z.stringbool().exactOptional(),
  unpriced: z.stringbool().exactOptional(),
  id: name.exactOptional(),
  /** For the page: whether it follows the log. */
  live: z.stringbool().exactOptional(),
});

type RequestsQuery = z.infer<typeof requestsQuery>;

const listAnswer = z.object({
  requests: z.array(requestAnswer).readonly(),
  next: z.number().nullable(),
  searchedToMs: z.number().nullable(),
  logged: z.number(),
});

/**
 * `GET /admin/requests?before=&limit=` and filters: the latest first. `next` is the `before` of the next page; a page
 * may have fewer rows than its limit and still a `next`, where few of the rows that were looked at match.
 */
export function listLoggedRequests(deps: UsageDeps) {
  return action({
    query: requestsQuery,
    answer: listAnswer,
    run: ({ query }) => pageOfLog(query, deps),
    page: (answer, { view, query }) =>
      RequestsPage({
        view: view(),
        log: answer,
        isLive: query.live === true && query.before === undefined,
        choices: {
          providers: deps.live.list().map(({ provider }) => provider.slug),
          groups: deps.groups.list().map(({ slug }) => slug),
          clientKeys: deps.clientKeys.list().slice(0, MAX_CHOICES).map(({ id, name }) => ({ id, name })),
        },
      }),
  });
}

/** More than a person looks through in a choice; filters in the URL take any. */
const MAX_CHOICES = 200;

/** `GET /admin/live/requests`: the first page of the log as it grows, as Server-Sent Events. */
export function followLoggedRequests(deps: UsageDeps) {
  return action({
    query: requestsQuery,
    produces: "text/event-stream",
    run: ({ view, context, query }) => {
      const { before: _before, ...first } = query;
      const shown = view();
      const part: LivePart = {
        key: `requests:${shown.language}:${context.req.url}`,
        elementId: "request-log",
        // The log may grow through any instance: it is looked at each second, and an equal page changes nothing.
        version: () => String(Math.floor(deps.ticker.now() / FOLLOW_EVERY_MS)),
        render: async () =>
          LogPart({ view: { ...shown, nowMs: deps.ticker.now() }, log: await pageOfLog(first, deps) }),
      };
      return deps.liveEvents.open(() => [part], context.req.raw.signal);
    },
  });
}

const FOLLOW_EVERY_MS = 1_000;

/** `GET /admin/requests/:id`: with each attempt, its verdict and its time. */
export function showLoggedRequest(deps: UsageDeps) {
  return action({
    params: z.object({ id: name }),
    answer: requestAnswer,
    run: async ({ params: { id } }) => {
      const found = await findRequest(deps.db, id);
      if (found === undefined) throw new AppError("not_found", "Cannot find this request in the log");
      return requestView(found, deps);
    },
    page: (request, { view }) =>
      RequestPage({
        view: view(),
        request,
        strategies: Object.fromEntries(
          deps.live.list().map(({ provider }) => [provider.slug, provider.strategy]),
        ),
        groupStrategy: request.group === null ? undefined : deps.groups.find(request.group)?.strategy,
      }),
  });
}

async function pageOfLog(query: RequestsQuery, deps: UsageDeps) {
  const { requests, next } = await listRequests(deps.db, filterOf(query, deps), query.limit);
  return {
    requests: requests.map((request) => requestView(request, deps)),
    next: next ?? null,
    searchedToMs: next === undefined ? null : timeOfPlace(next),
    logged: await countRequests(deps.db),
  };
}

/** What of the log a query asks for; providers may be named by slug or by id. */
export function filterOf(query: RequestsQuery, { live, ticker }: UsageDeps): RequestFilter {
  const { provider, providerKey, clientKey, verdict, stream, unpriced } = query;
  const { before, group, model, statusClass, outcome, scope, id } = query;
  return {
    ...boundsOf(query, ticker.now()),
    ...(before !== undefined && { before }),
    ...(group !== undefined && { group }),
    ...(model !== undefined && { model }),
    ...(statusClass !== undefined && { statusClass }),
    ...(outcome !== undefined && { outcome }),
    ...(scope !== undefined && { scope }),
    ...(id !== undefined && { id }),
    ...(provider !== undefined && { providerId: live.find(provider)?.provider.id ?? provider }),
    ...(providerKey !== undefined && { providerKeyId: providerKey }),
    ...(clientKey !== undefined && { clientKeyId: clientKey === "anonymous" ? "" : clientKey }),
    ...(verdict !== undefined && { kind: verdict }),
    ...(stream !== undefined && { isStream: stream }),
    ...(unpriced !== undefined && { isUnpriced: unpriced }),
  };
}
