import { z } from "zod";
import { AppError } from "../errors.ts";
import { SealError } from "../store/keyring.ts";
import { findProviderKey } from "../store/provider_key_store.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { KeyDetail } from "../../views/keys_detail.tsx";
import { KeyPage } from "../../views/keys_one.tsx";
import { action } from "./action.ts";
import { requireOwnPassword } from "./admin_users.ts";
import type { KeyDeps } from "./key_deps.ts";
import { keyDetail } from "./key_detail.ts";
import { isPartial } from "./face.ts";
import { idParams } from "./provider_keys.ts";

/** `POST /admin/keys/:id/reveal`: the whole key, given one's own password once more. Every try is in the audit. */
export function revealKey(deps: KeyDeps) {
  const { db, keyring, ticker } = deps;
  return action({
    params: idParams,
    body: z.strictObject({ password: z.string().min(1).max(256) }),
    answer: z.object({ id: z.string(), key: z.string() }),
    run: async ({ params: { id }, body, principal, view, note }) => {
      const texts = view().messages.keys.detail;
      const stored = await findProviderKey(db, id);
      if (stored === undefined) throw new AppError("not_found", "Cannot find this key");
      if (principal === undefined || principal.by === "token") {
        throw new AppError("forbidden", texts.noPassword);
      }
      // A wrong password is written down, too.
      note({ target: id, detail: { isRefused: true } });
      await requireOwnPassword(deps, principal, body.password, texts.wrongPassword, "password");
      note({ target: id, detail: {} });
      try {
        return { id, key: keyring.open(stored.sealedSecret, id).reveal() };
      } catch (error) {
        // Translated: whoever asked is told why the row cannot be read, and nothing of what it holds.
        if (error instanceof SealError) throw new AppError("conflict", error.message, { cause: error });
        throw error;
      }
    },
    page: async ({ id, key }, { view }) =>
      KeyPage({
        view: view(),
        detail: await keyDetail(deps, id, ticker.now()),
        form: EMPTY_FORM,
        revealed: key,
      }),
    fragment: async ({ id, key }, { view }) =>
      KeyDetail({
        view: view(),
        detail: await keyDetail(deps, id, ticker.now()),
        form: EMPTY_FORM,
        revealed: key,
      }),
    form: async (form, { view, params: { id }, context }) => {
      const detail = await keyDetail(deps, id, ticker.now());
      const props = { view: view(), detail, form, opened: "reveal" as const };
      return isPartial(context) ? KeyDetail(props) : KeyPage(props);
    },
  });
}
