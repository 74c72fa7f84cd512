import { z } from "zod";
import { EMPTY_FORM, filledForm, type FormState } from "../../views/form_state.ts";
import {
  PlaygroundPage,
  PlaygroundResult,
  type PlaygroundShown,
  WordsPart,
} from "../../views/playground.tsx";
import type { View } from "../../views/view.ts";
import { action } from "./action.ts";
import { isPartial } from "./face.ts";
import type { PlaygroundDeps } from "./playground_deps.ts";
import { PLAYGROUND_DIALECTS, type PlaygroundForm, playgroundForm } from "./playground_form.ts";
import { type PlaygroundRun, runPlayground } from "./playground_run.ts";
import { unprocessable } from "./provider_form.ts";
import { requestAnswer, requestView } from "./request_view.ts";

const prefill = z.object({
  dialect: z.enum(PLAYGROUND_DIALECTS).exactOptional(),
  model: z.string().max(200).exactOptional(),
  target: z.string().max(63).exactOptional(),
  providerKey: z.string().max(100).exactOptional(),
  clientKey: z.string().max(100).exactOptional(),
});

const choicesAnswer = z.object({
  dialects: z.array(z.string()).readonly(),
  models: z.array(z.string()).readonly(),
  providers: z.array(z.string()).readonly(),
  groups: z.array(z.string()).readonly(),
});

/** `GET /admin/playground`: the form; programs get what it offers. */
export function showPlayground(deps: PlaygroundDeps) {
  return action({
    query: prefill,
    answer: choicesAnswer,
    run: () => choicesOf(deps),
    page: (_answer, { view, query }) => playgroundPage(deps, view(), filledForm({ stream: true, ...query })),
  });
}

const runAnswer = z.object({
  /** Of the answer that a caller would have had. */
  status: z.number(),
  said: z.string(),
  thought: z.string(),
  error: z.string(),
  request: requestAnswer,
});

/**
 * `POST /admin/playground`: sends one request through the proxy, by a client key of its own, and answers what came and
 * how. htmx gets the words as they come, as Server-Sent Events.
 */
export function runByHand(deps: PlaygroundDeps) {
  return action({
    body: playgroundForm,
    answer: runAnswer,
    run: async ({ body, context, view, note }) => {
      const form = withTarget(body, deps);
      note({ target: form.model, detail: { dialect: form.dialect, target: form.target ?? "" } });
      const { signal } = context.req.raw;
      if (isPartial(context) && /\btext\/event-stream\b/.test(context.req.header("accept") ?? "")) {
        return streamRun(deps, form, view());
      }
      return shownRun(deps, await runPlayground(deps, form, signal));
    },
    page: (run, { view, form }) =>
      playgroundPage(deps, view(), stateOf(form), { result: { state: "done", ...run } }),
    form: (form, { view }) => playgroundPage(deps, view(), form),
  });
}

/** The page with its form as it was, and what came of it. */
export function playgroundPage(
  deps: PlaygroundDeps,
  view: View,
  form: FormState,
  more: Partial<Pick<Parameters<typeof PlaygroundPage>[0], "result" | "explanation" | "ruling">> = {},
) {
  return PlaygroundPage({
    view,
    form,
    choices: {
      ...choicesOf(deps),
      clientKeys: deps.clientKeys.list().slice(0, MAX_CHOICES).map(({ id, name }) => ({ id, name })),
    },
    ...more,
  });
}

const MAX_CHOICES = 200;

function choicesOf({ live, groups, models }: PlaygroundDeps) {
  return {
    dialects: PLAYGROUND_DIALECTS,
    models: models.list([], () => true).slice(0, MAX_CHOICES).map(({ id }) => id),
    providers: live.list().map(({ provider }) => provider.slug),
    groups: groups.list().map(({ slug }) => slug),
  };
}

/** A posted form as it was typed. */
export function stateOf(form: ReadonlyMap<string, readonly string[]> | undefined): FormState {
  if (form === undefined) return EMPTY_FORM;
  return {
    values: Object.fromEntries([...form].map(([name, values]) => [name, values.join("\n")])),
    faults: {},
  };
}

/**
 * A provider key that is named tells its provider, too.
 * @throws {AppError} `unprocessable` for a provider key that is not there, or not at the provider that is named.
 */
function withTarget(form: PlaygroundForm, { live }: PlaygroundDeps): PlaygroundForm {
  const { providerKey, target } = form;
  if (providerKey === undefined) return form;
  const owner = live.list().find(({ pool }) => pool.get(providerKey) !== undefined)?.provider.slug;
  if (owner === undefined) throw unprocessable("providerKey", "is no provider key's id");
  return { ...form, target: target ?? owner };
}

function shownRun(deps: PlaygroundDeps, { record, ...run }: PlaygroundRun) {
  return { ...run, request: requestView(record, deps) };
}

const encoder = new TextEncoder();

/** The words as they come, each for its place in the page; at the end the whole with its trace. */
function streamRun(deps: PlaygroundDeps, form: PlaygroundForm, view: View): Response {
  const leaving = new AbortController();
  const write = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const send = async (target: string, swap: string, markup: unknown) => {
      const text = `<hx-partial hx-target="${target}" hx-swap="${swap}">${await markup}</hx-partial>`;
      const lines = text.split("\n").map((line) => `data: ${line}`).join("\n");
      if (!leaving.signal.aborted) controller.enqueue(encoder.encode(`${lines}\n\n`));
    };
    const show = (result: PlaygroundShown) =>
      send("#playground-result", "outerMorph", PlaygroundResult({ view, result }));
    await show({ state: "running" });
    const run = await runPlayground(deps, form, leaving.signal, (said, thought) => {
      if (thought !== "") void send("#playground-thought", "beforeend", WordsPart({ words: thought }));
      if (said !== "") void send("#playground-said", "beforeend", WordsPart({ words: said }));
    });
    await show({ state: "done", ...shownRun(deps, run) });
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      write(controller).then(() => controller.close()).catch((error: unknown) => {
        // The page is left alone with what it has; whoever left hears nothing.
        if (leaving.signal.aborted) return;
        deps.log.error("playground.failed", { error });
        controller.error(error);
      });
    },
    cancel: () => leaving.abort(),
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
  });
}
