import { z } from "zod";
import { hashPassword } from "../access/admin_password.ts";
import { OWNER_ID } from "../core/principal.ts";
import { Secret } from "../core/secret.ts";
import { AppError } from "../errors.ts";
import { setOwnerPassword } from "../store/owner_store.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { SetUpPage } from "../../views/sign_in.tsx";
import { action } from "./action.ts";
import type { AdminDeps } from "./deps.ts";
import { redirectTo, wantsHtml } from "./face.ts";
import { unprocessable } from "./provider_form.ts";
import { beginSession } from "./sign_in.ts";
import { needsSetUp } from "./sign_in_path.ts";

/** A password that somebody chooses. */
export const newPassword = z.string().min(8).max(256);

const setUpForm = z.strictObject({
  /** The admin key that the first start has printed. */
  token: z.string().min(1).max(256),
  password: newPassword,
  repeat: z.string().max(256).exactOptional(),
});

/** `GET /admin/setup`: the first page ever. It is there once. */
export function showSetUp(deps: AdminDeps) {
  return action({
    answer: z.object({ isSetUp: z.boolean() }),
    run: async ({ context }) => {
      const isSetUp = !await needsSetUp(deps);
      return isSetUp && wantsHtml(context) ? redirectTo(context, "/admin/login") : { isSetUp };
    },
    page: (_answer, { view }) => SetUpPage({ view: view(), form: EMPTY_FORM, name: deps.owner.name }),
  });
}

/**
 * `POST /admin/setup`: the owner's password takes the place of the one that was printed, which proves that the browser
 * belongs to whoever started the server, and is worth nothing afterwards.
 */
export function setUp(deps: AdminDeps) {
  return action({
    body: setUpForm,
    answer: z.object({ message: z.string() }),
    run: async (input) => {
      const { token, password, repeat } = input.body;
      const texts = input.view().messages.signIn;
      if (repeat !== undefined && repeat !== password) throw unprocessable("repeat", texts.setUp.differs);
      return await deps.inTurn(async () => {
        if (!await needsSetUp(deps)) {
          throw new AppError("conflict", "Cannot set the owner's password here: it is set already");
        }
        await checkToken(deps, token, texts.setUp.wrongToken);
        const hash = await hashPassword(new Secret(password));
        await setOwnerPassword(deps.db, OWNER_ID, hash, deps.ticker.now());
        deps.password.replace(hash);
        await deps.noteChange({ kind: "setting", ids: ["admin_password_hash"] });
        await beginSession(deps, input, { id: OWNER_ID });
        input.note({ actor: deps.owner.name, target: deps.owner.name, detail: {} });
        return { message: "Password set" };
      });
    },
    done: (_answer, { view }) => ({ to: "/admin/start", flash: view().messages.signIn.setUp.done }),
    form: (form, { view }) => SetUpPage({ view: view(), form, name: deps.owner.name }),
  });
}

/** Throttled like every admin key; a wrong one is told at its field. */
async function checkToken({ password, ticker }: AdminDeps, token: string, wrong: string): Promise<void> {
  switch (await password.check(token, ticker.now())) {
    case "right":
      return;
    case "wrong":
      throw unprocessable("token", wrong);
    case "throttled":
      throw new AppError("rate_limited", "Cannot check the setup token: too many wrong ones", {
        retryAfterSeconds: password.waitSeconds(ticker.now()),
      });
  }
}
