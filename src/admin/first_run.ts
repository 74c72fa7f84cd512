import { z } from "zod";
import { UNBOUND } from "../core/client_key.ts";
import { AppError } from "../errors.ts";
import { createClientKey } from "../store/client_key_store.ts";
import { FirstRunPage } from "../../views/first_run.tsx";
import type { FirstRunShown } from "../../views/first_run_shown.ts";
import { StepList } from "../../views/first_run_steps.tsx";
import { FirstRequest } from "../../views/first_run_use.tsx";
import { action } from "./action.ts";
import { newClientKey } from "./client_keys.ts";
import { addedText, addPasted, type Pasted, undecidedOf } from "./first_run_keys.ts";
import { targetsOf } from "./import_planning.ts";
import { readOrRefuse } from "./imports.ts";
import { firstModel } from "./first_run_model.ts";
import { countedOf, MAX_MISSED, seenOf } from "./first_run_seen.ts";
import type { OverviewDeps } from "./overview_deps.ts";
import { stepsOf } from "./overview.ts";
import { unprocessable } from "./provider_form.ts";

const choice = z.object({ slug: z.string(), name: z.string() });

const firstRunAnswer = z.object({
  steps: z.object({
    providerKeys: z.number().int(),
    hasClientKey: z.boolean(),
    hasServed: z.boolean(),
  }),
  here: z.array(choice).readonly(),
  known: z.array(choice).readonly(),
  undecided: z.object({
    id: z.string(),
    groups: z.array(z.object({
      count: z.number().int(),
      ends: z.array(z.string()).readonly(),
      candidates: z.array(z.string()).readonly(),
    })).readonly(),
  }).nullable(),
  clientKeys: z.number().int(),
  isAnonymousAllowed: z.boolean(),
  model: z.string(),
  seen: z.object({
    id: z.string(),
    model: z.string().nullable(),
    provider: z.string().nullable(),
    status: z.number().int(),
    isGood: z.boolean(),
    durationMs: z.number(),
  }).nullable(),
});

/** `GET /admin/start?import=`: how far the first steps have come. `import`: keys that wait for a choice. */
export function showFirstRun(deps: OverviewDeps) {
  return action({
    query: z.object({ import: z.string().max(64).exactOptional() }),
    answer: firstRunAnswer,
    run: ({ query }) => firstRunOf(deps, query.import),
    page: (shown, { view }) => FirstRunPage({ view: view(), shown }),
  });
}

const pasted = z.strictObject({
  text: z.string(),
  /** Slug of the provider that they all belong to; left out, they are recognised. */
  provider: z.string().max(63).exactOptional(),
});

const pastedAnswer = z.object({
  added: z.array(z.object({
    slug: z.string(),
    name: z.string(),
    added: z.number().int(),
    duplicate: z.number().int(),
  })).readonly(),
  leftOut: z.number().int(),
  /** Of the import that holds the keys of which nobody has said whose they are. */
  undecided: z.string().nullable(),
});

/** `POST /admin/start/keys`: adds what is recognised, and keeps the rest until somebody has chosen. */
export function pasteFirstKeys(deps: OverviewDeps) {
  return action({
    body: pasted,
    answer: pastedAnswer,
    status: 201,
    run: async ({ body: { text, provider }, view, note, principal }) => {
      if (text.trim() === "") throw unprocessable("text", view().messages.firstRun.keys.nothing);
      const imported = await readOrRefuse(view(), text, undefined);
      const result = await addPasted(deps, imported, provider, principal?.name ?? "");
      noteOf(result, note);
      return result;
    },
    done: (result, { view }) => ({
      to: result.undecided === null ? "/admin/start" : `/admin/start?import=${result.undecided}`,
      flash: addedText(result, view().messages.firstRun.keys),
    }),
    // What was pasted does not come back: it holds secrets, and no page shows any.
    form: async ({ values: { text: _text, ...values }, ...form }, { view }) =>
      FirstRunPage({
        view: view(),
        shown: await firstRunOf(deps, undefined),
        keysForm: { ...form, values },
      }),
  });
}

const choiceForm = z.strictObject({
  id: z.string().max(64),
  /** For each group of keys the slug of a provider, or `skip`. */
  into: z.array(z.string().max(63)).max(1000).default([]),
});

/** `POST /admin/start/choice`: whose the keys are that could not be told. */
export function chooseProviders(deps: OverviewDeps) {
  return action({
    body: choiceForm,
    answer: pastedAnswer,
    run: async ({ body: { id, into }, view, note, principal }) => {
      const waiting = deps.imports.find(id)?.imported;
      if (waiting === undefined) throw new AppError("not_found", view().messages.firstRun.choose.gone);
      const providers = waiting.providers.map((source, index) => ({ source, slug: into[index] ?? "skip" }));
      const results: Pasted[] = [];
      for (const { source, slug } of providers) {
        if (slug === "skip") continue;
        results.push(
          await addPasted(
            deps,
            { ...waiting, providers: [source], leftOut: [] },
            slug,
            principal?.name ?? "",
          ),
        );
      }
      deps.imports.stop(id);
      const result = { added: results.flatMap(({ added }) => added), leftOut: 0, undecided: null };
      noteOf(result, note);
      return result;
    },
    done: (result, { view }) => ({
      to: "/admin/start",
      ...(result.added.length > 0 && { flash: addedText(result, view().messages.firstRun.keys) }),
    }),
  });
}

/** `POST /admin/start/client-key`: makes one, bound to nothing, and shows it this once with what to do with it. */
export function addFirstClientKey(deps: OverviewDeps) {
  return action({
    body: z.strictObject({ name: z.string().trim().min(1).max(200) }),
    answer: z.object({ id: z.string(), name: z.string(), key: z.string() }),
    status: 201,
    run: async ({ body: { name }, note }) => {
      const secret = newClientKey();
      const draft = { ...UNBOUND, isEnabled: true, name, secret };
      const stored = await deps.inTurn(async () => {
        const made = await createClientKey(deps.db, deps.hashClientKey, draft, deps.stamp());
        deps.clientKeys.set(made);
        await deps.noteChange({ kind: "client_key", ids: [made.clientKey.id] });
        return made;
      });
      note({ target: stored.clientKey.id });
      return { id: stored.clientKey.id, name, key: secret.reveal() };
    },
    page: async ({ key }, { view }) =>
      FirstRunPage({ view: view(), shown: await firstRunOf(deps, undefined), clientKey: key }),
    form: async (form, { view }) =>
      FirstRunPage({ view: view(), shown: await firstRunOf(deps, undefined), clientKeyForm: form }),
  });
}

/** `GET /admin/live/start`: the first request, as soon as it has come. */
export function followFirstRun(deps: OverviewDeps) {
  let missed = 0;
  return action({
    produces: "text/event-stream",
    run: ({ view, context }) => {
      const shown = view();
      return deps.liveEvents.open(() => [
        {
          key: "start:request",
          elementId: "first-request",
          version: () => `${countedOf(deps)} ${missed}`,
          render: async () => {
            const seen = await seenOf(deps);
            // A request is counted a moment before it is logged.
            if (seen?.id === "" && missed < MAX_MISSED) missed++;
            return FirstRequest({ view: shown, seen });
          },
        },
        {
          key: "start:steps",
          elementId: "step-list",
          version: () => JSON.stringify(stepsOf(deps, false)),
          render: () => StepList({ view: shown, steps: stepsOf(deps, false) }),
        },
      ], context.req.raw.signal);
    },
  });
}

async function firstRunOf(deps: OverviewDeps, importId: string | undefined): Promise<FirstRunShown> {
  const seen = await seenOf(deps);
  return {
    steps: stepsOf(deps, seen?.isGood === true),
    ...targetsOf(deps),
    undecided: undecidedOf(deps, importId),
    clientKeys: deps.clientKeys.list().length,
    isAnonymousAllowed: deps.process.settings.ALLOW_ANONYMOUS === true,
    model: firstModel(deps),
    seen,
  };
}

/** How many keys went where; of what was pasted the audit keeps nothing else. */
function noteOf(result: Pasted, note: (note: { readonly detail: Record<string, number> }) => void): void {
  note({ detail: Object.fromEntries(result.added.map(({ slug, added }) => [slug, added])) });
}
