import { z } from "zod";
import type { KeyCheckTally } from "../core/key_check.ts";
import { AppError } from "../errors.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { KeyDetail } from "../../views/keys_detail.tsx";
import { textOf } from "../../views/keys_shown.ts";
import type { AdminDeps } from "./deps.ts";
import { action } from "./action.ts";
import { keyDetail } from "./key_detail.ts";
import { healthAnswer, idParams } from "./provider_keys.ts";
import { requireProvider, slugParams } from "./providers.ts";

type KeyCheckDeps = Pick<AdminDeps, "live" | "ticker" | "log" | "keyChecks">;

const keyCheckAnswer = z.object({
  keyId: z.string(),
  result: z.string(),
  verdict: z.object({ kind: z.string(), rule: z.string(), reason: z.string().nullable() }),
  health: healthAnswer.nullable(),
});

/** `POST /admin/keys/:id/check`: `{keyId, result, verdict, health}`, whatever the result. */
export function checkKey(deps: Pick<KeyCheckDeps, "keyChecks" | "live" | "ticker"> & Pick<AdminDeps, "db">) {
  const { keyChecks } = deps;
  return action({
    params: idParams,
    answer: keyCheckAnswer,
    run: async ({ params, context }) => {
      const check = await keyChecks.checkKey(params.id, context.req.raw.signal);
      if (check === undefined) throw new AppError("not_found", "Cannot find this key");
      const { keyId, result, verdict: { kind, rule, reason }, health } = check;
      return {
        keyId,
        result,
        verdict: { kind, rule, reason: reason ?? null },
        health: health === undefined ? null : { ...health },
      };
    },
    fragment: async ({ keyId, result }, { view }) => {
      const { detail: texts } = view().messages.keys;
      return KeyDetail({
        view: view(),
        detail: await keyDetail(deps, keyId, deps.ticker.now()),
        form: EMPTY_FORM,
        notice: texts.checked(textOf(texts.results, result)),
      });
    },
    done: ({ keyId, result }, { view }) => {
      const { detail: texts } = view().messages.keys;
      return { to: `/admin/keys/${keyId}`, flash: texts.checked(textOf(texts.results, result)) };
    },
  });
}

/**
 * `POST /admin/providers/:slug/check`: one JSON object a line (NDJSON), `{total, checked, accepted, rejected, failed}`
 * as it goes on, and at the end the same with `isComplete` and `problems`. Ends when the caller leaves.
 */
export function checkProvider(deps: KeyCheckDeps) {
  return action({
    params: slugParams,
    produces: "application/x-ndjson",
    run: ({ params, context }) => {
      const { provider: { slug } } = requireProvider(deps, params.slug);
      const caller = context.req.raw.signal;
      const left = new AbortController();
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          // It goes on while the answer is read, which begins now.
          void writeProgress(deps, slug, controller, AbortSignal.any([left.signal, caller]));
        },
        cancel: () => left.abort(),
      });
      return new Response(body, {
        headers: { "content-type": "application/x-ndjson; charset=utf-8", "x-accel-buffering": "no" },
      });
    },
  });
}

/** So often a page wants to draw. */
const PROGRESS_EVERY_MS = 200;

const encoder = new TextEncoder();

async function writeProgress(
  { keyChecks, ticker, log }: KeyCheckDeps,
  slug: string,
  controller: ReadableStreamDefaultController<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const write = (line: unknown) => {
    if (!signal.aborted) controller.enqueue(encoder.encode(JSON.stringify(line) + "\n"));
  };
  let nextMs = 0;
  const onProgress = (tally: KeyCheckTally) => {
    const nowMs = ticker.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + PROGRESS_EVERY_MS;
    write(tally);
  };
  try {
    const report = await keyChecks.checkProvider(slug, onProgress, signal);
    write(report ?? { error: { code: "not_found", message: "Cannot find this provider any more" } });
  } catch (error) {
    // The answer has begun: its last line tells what its status cannot.
    log.error("admin.failed", { path: `/admin/providers/${slug}/check`, error });
    write({ error: { code: "internal", message: "Internal error" } });
  }
  if (!signal.aborted) controller.close();
}
