import { z } from "zod";
import { judge } from "../dialect/judge.ts";
import { DIALECTS, VENDORS } from "../core/provider.ts";
import { KEY_USES, PROVIDER_USES } from "../core/route_explanation.ts";
import { ExplanationPart, RulingPart } from "../../views/explanation.tsx";
import { action } from "./action.ts";
import { playgroundPage, stateOf } from "./playground.ts";
import type { PlaygroundDeps } from "./playground_deps.ts";
import { explainForm } from "./playground_form.ts";
import { modelName, unprocessable } from "./provider_form.ts";
import { VERDICT_KINDS, VERDICT_SCOPES } from "./request_view.ts";

const explanationAnswer = z.object({
  model: z.string().exactOptional(),
  group: z.string().exactOptional(),
  refusal: z.object({ code: z.string(), message: z.string() }).exactOptional(),
  providers: z.array(z.object({
    slug: z.string(),
    use: z.enum(PROVIDER_USES),
    order: z.number(),
    dialect: z.enum(DIALECTS),
    model: z.string().exactOptional(),
    strategy: z.string(),
    closedUntilMs: z.number().exactOptional(),
    counts: z.record(z.enum(KEY_USES), z.number()),
    keys: z.array(z.object({
      id: z.string(),
      lastFour: z.string(),
      use: z.enum(KEY_USES),
      weight: z.number(),
      priority: z.number(),
      inFlight: z.number(),
      usedCount: z.number(),
      untilMs: z.number().exactOptional(),
      rule: z.string().exactOptional(),
      reason: z.string().exactOptional(),
    })).readonly(),
  })).readonly(),
});

/**
 * `POST /admin/route/explain` `{dialect, model, target, clientKey}`: who would serve such a request now, by which keys,
 * and why nobody else would. Nothing is sent, and nobody's turn is taken.
 */
export function explainByHand(deps: PlaygroundDeps) {
  return action({
    body: explainForm,
    answer: explanationAnswer,
    run: ({ body: { clientKey, ...question } }) =>
      deps.playground.explain({ ...question, ...(clientKey !== undefined && { clientKeyId: clientKey }) }),
    fragment: (explanation, { view }) => ExplanationPart({ view: view(), explanation }),
    page: (explanation, { view, form }) => playgroundPage(deps, view(), stateOf(form), { explanation }),
    form: (form, { view }) => playgroundPage(deps, view(), form),
  });
}

const ruleForm = z.strictObject({
  /** Slug: its dialect and vendor are taken. */
  provider: z.string().max(63).exactOptional(),
  dialect: z.enum(DIALECTS).exactOptional(),
  vendor: z.enum(VENDORS).exactOptional(),
  status: z.number().int().min(100).max(599),
  headers: z.record(z.string().max(200), z.string().max(2_000)).default({}),
  /** Of the answer: only its first 64 KiB are looked at. */
  body: z.string().max(65_536).default(""),
  model: modelName.exactOptional(),
  path: z.string().max(2_000).default("/v1/chat/completions"),
});

const rulingAnswer = z.object({
  kind: z.enum(VERDICT_KINDS),
  scope: z.enum(VERDICT_SCOPES),
  action: z.string(),
  isConclusive: z.boolean(),
  rule: z.string(),
  untilMs: z.number().nullable(),
  source: z.string().nullable(),
  reason: z.string(),
});

/** `POST /admin/rules/test` `{provider, status, headers, body}`: what such an answer of a provider would be taken for. */
export function testRules(deps: PlaygroundDeps) {
  return action({
    body: ruleForm,
    answer: rulingAnswer,
    run: ({ body: { provider, dialect = "openai", vendor = "other", headers, model, ...answer } }) => {
      const named = provider === undefined ? undefined : deps.live.find(provider)?.provider;
      if (provider !== undefined && named === undefined) {
        throw unprocessable("provider", "is no provider's slug");
      }
      const verdict = judge({
        ...answer,
        dialect: named?.dialect ?? dialect,
        vendor: named?.vendor ?? vendor,
        headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const),
        ...(model !== undefined && { model }),
        nowMs: deps.ticker.now(),
      });
      const { kind, scope, action, isConclusive, rule, untilMs, source, reason } = verdict;
      return {
        kind,
        scope,
        action,
        isConclusive,
        rule,
        untilMs: untilMs ?? null,
        source: source ?? null,
        reason: reason ?? "",
      };
    },
    fragment: (ruling, { view }) => RulingPart({ view: view(), ruling }),
    page: (ruling, { view, form }) => playgroundPage(deps, view(), stateOf(form), { ruling }),
    form: (form, { view }) => playgroundPage(deps, view(), form),
  });
}
