import { z } from "zod";
import { Secret } from "../core/secret.ts";
import { sealExport } from "../imports/sealed_export.ts";
import { ExportPage } from "../../views/export_page.tsx";
import { filledForm, type FormState } from "../../views/form_state.ts";
import type { View } from "../../views/view.ts";
import { action } from "./action.ts";
import { requireOwnPassword } from "./admin_users.ts";
import { type ExportCounts, exportText } from "./export_content.ts";
import type { GroupDeps } from "./groups.ts";
import { unprocessable } from "./provider_form.ts";
import { requireProvider } from "./providers.ts";

/** `GET /admin/export`: what there is to take along. */
export function showExport(deps: GroupDeps) {
  return action({
    answer: z.object({
      providers: z.array(z.object({ slug: z.string(), name: z.string(), keys: z.number() })),
    }),
    run: () => ({ providers: providersOf(deps) }),
    page: (_answer, { view }) => exportPage(deps, view(), filledForm({ withGroups: true })),
  });
}

const MIN_PASSPHRASE = 12;

const exportForm = z.strictObject({
  /** One's own, again. */
  password: z.string().min(1).max(256),
  /** Slugs; none for all. */
  providers: z.array(z.string().max(63)).max(10_000).default([]),
  /** Only keys with this tag. */
  tag: z.string().max(100).exactOptional(),
  onlyEnabled: z.boolean().default(false),
  withGroups: z.boolean().default(true),
  /** Whether the keys stand there in clear. */
  isPlain: z.boolean().default(false),
  /** What the export is sealed with. */
  passphrase: z.string().max(1024).exactOptional(),
});

/** `POST /admin/export`: the file. It is written to the audit before its first byte leaves. */
export function addExport(deps: GroupDeps) {
  return action({
    body: exportForm,
    produces: "application/json",
    run: async ({ body, principal, view, note }) => {
      const { password, providers, tag, onlyEnabled, withGroups, isPlain, passphrase = "" } = body;
      const texts = view().messages.importKeys;
      for (const slug of providers) requireProvider(deps, slug);
      if (!isPlain && passphrase.length < MIN_PASSPHRASE) {
        throw unprocessable("passphrase", texts.needsPassphrase);
      }
      if (principal === undefined) throw unprocessable("password", texts.wrongPassword);
      await requireOwnPassword(deps, principal, password, texts.wrongPassword, "password");
      const counts: ExportCounts = { providers: 0, keys: 0, unreadable: 0 };
      const source = {
        db: deps.db,
        keyring: deps.keyring,
        providers: deps.live.list().map(({ provider }) => provider),
        groups: deps.groups.list(),
        aliases: [...deps.models.aliases()],
      };
      const filter = { providers, tag: tag === "" ? undefined : tag, onlyEnabled, withGroups };
      const nowMs = deps.ticker.now();
      const pieces = await Array.fromAsync(exportText(source, filter, nowMs, counts));
      const text = isPlain ? pieces.join("") : await sealExport(pieces.join(""), new Secret(passphrase));
      note({
        target: providers.join(","),
        detail: { ...counts, isPlain, ...(tag !== undefined && { tag }) },
      });
      return fileOf(text, nowMs, isPlain);
    },
    form: (form, { view }) => exportPage(deps, view(), form),
  });
}

function fileOf(text: string, nowMs: number, isPlain: boolean): Response {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return new Response(text, {
    headers: {
      "content-type": "application/json; charset=utf-8",
      "content-disposition": `attachment; filename="keyturn-${day}${isPlain ? "-plain" : ""}.json"`,
    },
  });
}

function exportPage(deps: GroupDeps, view: View, form: FormState) {
  return ExportPage({ view, form, providers: providersOf(deps) });
}

function providersOf({ live }: GroupDeps) {
  return live.list().map(({ provider: { slug, name }, pool }) => ({ slug, name, keys: pool.counts().total }));
}
