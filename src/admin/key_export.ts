import { z } from "zod";
import { AppError } from "../errors.ts";
import { chunksOf, letOthersRun } from "../store/chunks.ts";
import { SealError } from "../store/keyring.ts";
import { findProviderKeys } from "../store/provider_key_store.ts";
import { KeyBulkPage } from "../../views/keys_bulk.tsx";
import { action } from "./action.ts";
import { requireOwnPassword } from "./admin_users.ts";
import { keyChoice } from "./key_bulk.ts";
import { bulkTargets, type TargetKey, targetsOf } from "./key_bulk_targets.ts";
import { choiceOfForm } from "./key_bulk_form.ts";
import type { KeyDeps } from "./key_deps.ts";
import { noteOf } from "./key_filter.ts";
import { csvLine } from "./usage_csv.ts";

const exportForm = z.strictObject({
  ...keyChoice,
  action: z.literal("export").exactOptional(),
  count: z.number().exactOptional(),
  withSecrets: z.boolean().default(false),
  /** One's own, for a file with the whole keys. */
  password: z.string().max(256).exactOptional(),
});

/** `POST /admin/keys/export`: the keys as CSV; with the whole keys only for one's own password, and into the audit. */
export function exportKeys(deps: KeyDeps) {
  return action({
    body: exportForm,
    produces: "text/csv",
    run: async ({ body, principal, view, note }) => {
      const { scope, filter = {}, ids = [], withSecrets, password = "" } = body;
      const texts = view().messages.keys.detail;
      if (withSecrets) {
        if (principal === undefined || principal.by === "token") {
          throw new AppError("forbidden", texts.noPassword);
        }
        await requireOwnPassword(deps, principal, password, texts.wrongPassword, "password");
      }
      const targets = await targetsOf(deps, { scope, filter, ids });
      note({
        target: `${targets.length} keys`,
        detail: { scope, ...(scope === "all" && { filter }), withSecrets },
      });
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      void writeFile(deps, targets, withSecrets, writable.getWriter());
      return new Response(readable, {
        headers: {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": 'attachment; filename="keyturn-keys.csv"',
        },
      });
    },
    form: async (form, { view }) => {
      const choice = choiceOfForm(form.values);
      return KeyBulkPage({
        view: view(),
        action: "export",
        ...await bulkTargets(deps, choice),
        ...choice,
        form,
      });
    },
  });
}

const COLUMNS = [
  "id",
  "provider",
  "key",
  "enabled",
  "state",
  "weight",
  "priority",
  "account",
  "tags",
  "note",
];
const CHUNK_KEYS = 500;
const encoder = new TextEncoder();

async function writeFile(
  deps: KeyDeps,
  targets: readonly TargetKey[],
  withSecrets: boolean,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  try {
    await writer.write(encoder.encode(csvLine(COLUMNS)));
    for (const chunk of chunksOf(targets, CHUNK_KEYS)) {
      const secrets = withSecrets ? await openAll(deps, chunk) : undefined;
      const lines = chunk.map(({ key, live, state }) =>
        csvLine([
          key.id,
          live.provider.slug,
          secrets?.get(key.id) ?? `…${key.lastFour ?? ""}`,
          key.isEnabled,
          state,
          key.weight,
          key.priority,
          key.account ?? "",
          (key.tags ?? []).join(" "),
          noteOf(key) ?? "",
        ])
      );
      await writer.write(encoder.encode(lines.join("")));
      await letOthersRun();
    }
    await writer.close();
  } catch (error) {
    // The reader has left, or the store has failed while the file was under way: it ends broken, and that shows.
    deps.log.warn("key_export.broken_off", { error });
    await writer.abort(error).catch(() => {});
  }
}

/** The whole keys; one that does not open keeps its mask. */
async function openAll(
  { db, keyring }: KeyDeps,
  targets: readonly TargetKey[],
): Promise<ReadonlyMap<string, string>> {
  const opened = new Map<string, string>();
  for (const { key, sealedSecret } of await findProviderKeys(db, targets.map((each) => each.key.id))) {
    try {
      opened.set(key.id, keyring.open(sealedSecret, key.id).reveal());
    } catch (error) {
      // Left out: one broken row must not keep the others from their owner.
      if (!(error instanceof SealError)) throw error;
    }
  }
  return opened;
}
