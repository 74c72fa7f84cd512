import { z } from "zod";
import { MAX_WEIGHT, MIN_WEIGHT } from "../core/provider_key.ts";
import { AppError } from "../errors.ts";
import { KEY_ACTIONS } from "../store/key_change_store.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { KeyBulkPage } from "../../views/keys_bulk.tsx";
import { action } from "./action.ts";
import { choiceOfForm } from "./key_bulk_form.ts";
import { bulkTargets, targetsOf } from "./key_bulk_targets.ts";
import { changeShown, keyChangeAnswer } from "./key_change_shown.ts";
import type { KeyDeps } from "./key_deps.ts";
import { keyFilter, keyFilterFields } from "./key_filter.ts";
import type { KeyWorkOptions } from "./key_work.ts";
import { keysPath } from "./keys.ts";
import { unprocessable } from "./provider_form.ts";

/** What many keys are chosen by: one by one, or all that match a filter. */
export const keyChoice = {
  scope: z.enum(["chosen", "all"]),
  filter: keyFilter.exactOptional(),
  ids: z.array(z.string().max(64)).max(10_000).exactOptional(),
};

const countQuery = z.object({
  ...keyFilterFields,
  action: z.enum([...KEY_ACTIONS, "export"]),
  scope: keyChoice.scope.default("all"),
  /** Ids, with commas between; or the parameter more than once. */
  ids: z.string().exactOptional(),
});

const tally = z.object({ name: z.string(), count: z.number() });

export const countAnswer = z.object({
  action: z.enum([...KEY_ACTIONS, "export"]),
  count: z.number(),
  providers: z.array(tally),
  states: z.array(tally),
  /** Some of them. */
  sample: z.array(z.object({ id: z.string(), lastFour: z.string(), provider: z.string() })),
});

/** `GET /admin/keys/bulk?action=disable&…`: what a change of many keys would touch. Nothing is changed. */
export function countBulk(deps: KeyDeps) {
  return action({
    query: countQuery,
    answer: countAnswer,
    run: async ({ query: { action, scope, ids: _, ...filter }, context }) => {
      const ids = (context.req.queries("ids") ?? []).flatMap((each) => each.split(","));
      return { action, ...await bulkTargets(deps, { scope, filter, ids }) };
    },
    page: (answer, { view, query: { action: _1, scope, ids: _2, ...filter }, context }) => {
      const ids = (context.req.queries("ids") ?? []).flatMap((each) => each.split(","));
      return KeyBulkPage({ view: view(), ...answer, scope, filter, ids, form: EMPTY_FORM });
    },
  });
}

const tags = z.array(z.string().trim().min(1).max(100)).max(50);

const bulkForm = z.strictObject({
  action: z.enum(KEY_ACTIONS),
  ...keyChoice,
  /** How many it was said to touch: refused when it has become many more. */
  count: z.number().int().min(0).exactOptional(),
  addTags: tags.exactOptional(),
  removeTags: tags.exactOptional(),
  weight: z.number().int().min(MIN_WEIGHT).max(MAX_WEIGHT).exactOptional(),
  priority: z.number().int().min(0).max(1_000_000).exactOptional(),
});

/**
 * `POST /admin/keys/bulk`: begins a change of many keys, and says how far it is. Few are done with the answer; more go
 * on (`GET /admin/keys/changes/:id`). 409 when it would touch many more keys than `count`.
 */
export function changeKeys(deps: KeyDeps) {
  return action({
    body: bulkForm,
    answer: keyChangeAnswer,
    run: async ({ body, principal, view, note }) => {
      const { action, scope, filter = {}, ids = [], count } = body;
      const texts = view().messages.keys.bulk;
      const options = optionsOf(body, texts.nothing);
      const matched = await targetsOf(deps, { scope, filter, ids });
      const total = matched.length;
      if (count !== undefined && total > count * 1.1 + 10) {
        throw new AppError("conflict", texts.grown(count, total));
      }
      const providers = [...new Set(matched.map(({ live }) => live.provider.slug))];
      const detail = {
        providers: providers.slice(0, 50),
        scope,
        ...(scope === "all" && { filter }),
        ...options,
      };
      note({ target: `${total} keys`, detail: { action, ...detail } });
      const change = await deps.keyChanges.begin(
        action,
        matched.map(({ key }) => key.id),
        options,
        detail,
        principal?.name ?? "",
      );
      return changeShown(change, deps.keyChanges);
    },
    done: ({ id }, { body: { filter = {}, scope } }) => ({
      to: keysPath(scope === "all" ? filter : {}, { change: id }),
    }),
    form: async (form, { view }) => {
      const choice = choiceOfForm(form.values);
      const named = KEY_ACTIONS.find((each) => each === form.values.action) ?? "check";
      return KeyBulkPage({
        view: view(),
        action: named,
        ...await bulkTargets(deps, choice),
        ...choice,
        form,
      });
    },
  });
}

function optionsOf(body: z.infer<typeof bulkForm>, nothing: string): KeyWorkOptions {
  const { action, addTags = [], removeTags = [], weight, priority } = body;
  if (action === "tag") {
    if (addTags.length + removeTags.length === 0) throw unprocessable("addTags", nothing);
    return { addTags, removeTags };
  }
  if (action !== "weight") return {};
  if (weight === undefined && priority === undefined) throw unprocessable("weight", nothing);
  return { ...(weight !== undefined && { weight }), ...(priority !== undefined && { priority }) };
}
