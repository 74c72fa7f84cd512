import { z } from "zod";
import { Secret } from "../core/secret.ts";
import { AppError } from "../errors.ts";
import { type Imported, ImportError } from "../imports/imported.ts";
import { readImport } from "../imports/read_import.ts";
import { EMPTY_FORM, type FormState } from "../../views/form_state.ts";
import { progressVersion } from "../../views/import_shown.ts";
import { ImportProgress } from "../../views/import_progress.tsx";
import { ImportPage, ImportPlanParts } from "../../views/import_page.tsx";
import { ImportsPage } from "../../views/imports.tsx";
import type { View } from "../../views/view.ts";
import { action } from "./action.ts";
import { importAnswer, importAnswerOf, importSummary, importSummaryOf } from "./import_answer.ts";
import type { ImportDeps } from "./import_deps.ts";
import { withProvider } from "./import_into.ts";
import { answerOf, choicesOf, planOf, requireJob, targetsOf } from "./import_planning.ts";
import { reportCsv } from "./import_report.ts";
import { unprocessable } from "./provider_form.ts";
import { idParams } from "./provider_keys.ts";

/** `GET /admin/imports`: where one begins, and those of the last day. */
export function listImports(deps: ImportDeps) {
  return action({
    answer: z.object({ imports: z.array(importSummary) }),
    run: () => ({ imports: deps.imports.list().map(importSummaryOf) }),
    page: (_answer, { view }) => importsPage(deps, view(), EMPTY_FORM),
  });
}

const newImportForm = z.strictObject({
  /** Whatever was pasted; or, of a form, a file. */
  text: z.string().exactOptional(),
  file: z.string().exactOptional(),
  /** Slug of the provider that every key goes to. */
  provider: z.string().max(63).exactOptional(),
  /** Of a sealed export. */
  passphrase: z.string().max(1024).exactOptional(),
});

/** `POST /admin/imports`: reads a text and shows what would become of it. 201; nothing is written yet. */
export function addImport(deps: ImportDeps) {
  return action({
    body: newImportForm,
    answer: importAnswer,
    status: 201,
    run: async ({ body: { text = "", file = "", provider, passphrase }, principal, view, note }) => {
      const texts = view().messages.importKeys;
      if (text.trim() === "" && file.trim() === "") throw unprocessable("text", texts.notSaid);
      if (text.trim() !== "" && file.trim() !== "") throw unprocessable("text", texts.both);
      const read = await readOrRefuse(view(), file.trim() === "" ? text : file, passphrase);
      const providers = deps.live.list().map((each) => each.provider);
      const { imported, choices } = withProvider(read, provider, providers);
      const job = await deps.imports.add(imported, choices, principal?.name ?? "");
      // Of what was pasted, the audit must not even keep how it was called.
      note({ target: job.id, detail: { product: job.product, keys: job.keyCount } });
      return await answerOf(deps, job, choices);
    },
    done: ({ id }) => ({ to: `/admin/imports/${id}` }),
    // What was pasted does not come back: it holds secrets, and no page shows any.
    form: ({ values: { text: _text, file: _file, ...values }, ...form }, { view }) =>
      importsPage(deps, view(), { ...form, values }),
  });
}

const choicesQuery = z.record(z.string(), z.string()).meta({
  title: "into.<n>",
  description: "Where the keys of the n-th provider of the file go",
});

/** `GET /admin/imports/:id?into.0=at:openai&into.1=skip`: what it would do, how far it has come, or what it has done. */
export function showImport(deps: ImportDeps) {
  return action({
    params: idParams,
    query: choicesQuery,
    answer: importAnswer,
    run: ({ params: { id }, query, view }) => {
      const job = requireJob(deps, id, view());
      return answerOf(deps, job, choicesOf(query, job));
    },
    page: (answer, { view }) => ImportPage({ view: view(), answer, targets: targetsOf(deps) }),
    fragment: (answer, { view }) => ImportPlanParts({ view: view(), answer, targets: targetsOf(deps) }),
  });
}

const startForm = z.strictObject({
  /** Where the keys of each provider of the file go, in its order; left out or "", what seems right. */
  into: z.array(z.string().max(80)).max(10_000).default([]),
  tags: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
  /** Whether the keys of the providers are checked afterwards. */
  check: z.boolean().default(false),
  withGroups: z.boolean().default(true),
  withClientKeys: z.boolean().default(false),
});

/** `POST /admin/imports/:id/start`: begins to write. 409 when it has begun before. */
export function startImport(deps: ImportDeps) {
  return action({
    params: idParams,
    body: startForm,
    isBodyOptional: true,
    answer: importAnswer,
    run: ({ params: { id }, body: { into, tags, check, withGroups, withClientKeys }, view, note }) => {
      const job = requireJob(deps, id, view());
      const { imported } = job;
      if (imported === undefined) {
        throw new AppError("conflict", "Cannot start this import: it has begun already");
      }
      const plan = planOf(deps, imported, into.length > 0 ? into : job.choices);
      deps.imports.start(id, plan, { tags, withGroups, withClientKeys }, check);
      const slugs = plan.providers.flatMap(({ destination }) =>
        destination.kind === "existing"
          ? [destination.provider.slug]
          : destination.kind === "new"
          ? [destination.draft.slug]
          : []
      );
      const { product, keyCount: keys } = job;
      note({
        detail: { product, keys, providers: [...new Set(slugs)], tags, withGroups, withClientKeys, check },
      });
      return importAnswerOf(requireJob(deps, id, view()));
    },
    done: ({ id }) => ({ to: `/admin/imports/${id}` }),
    form: async (form, { params: { id }, view }) => {
      const job = requireJob(deps, id, view());
      const into = Object.fromEntries(
        Object.entries(form.values).filter(([name]) => name.startsWith("into.")),
      );
      const answer = await answerOf(deps, job, choicesOf(into, job));
      return ImportPage({ view: view(), answer, targets: targetsOf(deps), form });
    },
  });
}

/** `DELETE /admin/imports/:id`: breaks it off, or forgets one that nobody has begun. */
export function stopImport(deps: ImportDeps) {
  return action({
    params: idParams,
    answer: z.object({ message: z.string(), id: z.string(), state: importSummary.shape.state }),
    run: ({ params: { id }, view }) => {
      const { state } = requireJob(deps, id, view());
      if (!deps.imports.stop(id)) throw new AppError("conflict", "Cannot stop this import: it is over");
      return { message: "Import stopped", id, state };
    },
    done: ({ id, state }, { view }) =>
      state === "preview"
        ? { to: "/admin/imports", flash: view().messages.importKeys.discarded }
        : { to: `/admin/imports/${id}` },
  });
}

/** `GET /admin/imports/:id/report`: what was left out, as CSV. */
export function showImportReport(deps: ImportDeps) {
  return action({
    params: idParams,
    produces: "text/csv",
    run: async ({ params: { id }, view }) => {
      const job = requireJob(deps, id, view());
      const planned = job.imported === undefined ? [] : planOf(deps, job.imported, job.choices).leftOut;
      return await Promise.resolve(
        reportCsv([...job.leftOut, ...planned], view(), `keyturn-import-${id}.csv`),
      );
    },
  });
}

/** `GET /admin/live/imports/:id`: how far it has come, as Server-Sent Events. */
export function followImport(deps: ImportDeps) {
  return action({
    params: idParams,
    /** How it stood on the page that asks. */
    query: z.object({ seen: z.string().max(100).exactOptional() }),
    produces: "text/event-stream",
    run: ({ params: { id }, query: { seen }, view, context }) => {
      const shown = view();
      let isFirst = seen !== undefined;
      const part = {
        key: `import:${id}:${shown.language}`,
        elementId: "import-progress",
        version: () => {
          if (isFirst && seen !== undefined) {
            isFirst = false;
            return seen;
          }
          const job = deps.imports.find(id);
          return job === undefined ? "gone" : progressVersion(job.state, job.done, job.check?.checked ?? 0);
        },
        render: () => {
          const answer = importAnswerOf(requireJob(deps, id, shown));
          return ImportProgress({ view: { ...shown, nowMs: deps.ticker.now() }, answer });
        },
      };
      requireJob(deps, id, shown);
      return deps.liveEvents.open(
        () => deps.imports.find(id) === undefined ? [] : [part],
        context.req.raw.signal,
      );
    },
  });
}

/** @throws {AppError} `unprocessable` that says what is wrong with the text, and repeats nothing of it. */
export async function readOrRefuse(
  view: View,
  text: string,
  passphrase: string | undefined,
): Promise<Imported> {
  try {
    const options = passphrase === undefined || passphrase === ""
      ? {}
      : { passphrase: new Secret(passphrase) };
    return await readImport(text, options);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    const { faults } = view.messages.importKeys;
    const { code, line } = error;
    const fault = code === "bad_json" || code === "bad_yaml" ? faults[code](line) : faults[code];
    throw unprocessable(code.startsWith("passphrase") ? "passphrase" : "text", fault);
  }
}

function importsPage(deps: ImportDeps, view: View, form: FormState) {
  const imports = deps.imports.list().map(importSummaryOf);
  return ImportsPage({ view, form, imports, targets: targetsOf(deps) });
}
