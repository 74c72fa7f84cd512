import { z } from "zod";
import { addRepricing } from "../store/repricing_store.ts";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { RepricingList } from "../../views/repricings.tsx";
import { action } from "./action.ts";
import { isPartial, redirectTo, wantsHtml } from "./face.ts";
import { pricesPage } from "./prices_page.ts";
import { unprocessable } from "./provider_form.ts";
import { lastRepricings, repricingAnswer, repricingView, SHOWN_REPRICINGS } from "./repricing_view.ts";
import { moment } from "./time_range.ts";
import type { UsageDeps } from "./usage_deps.ts";

/** `GET /admin/repricings`: the latest ones and how far they are. Their page is that of the prices. */
export function listAskedRepricings(deps: UsageDeps) {
  return action({
    answer: z.object({ repricings: z.array(repricingAnswer).readonly() }),
    run: async ({ context }) =>
      wantsHtml(context) && !isPartial(context)
        ? redirectTo(context, "/admin/prices#repricing")
        : { repricings: await lastRepricings(deps, 20) },
    fragment: ({ repricings }, { view }) =>
      RepricingList({ view: view(), repricings: repricings.slice(0, SHOWN_REPRICINGS) }),
  });
}

/** `POST /admin/repricings` `{from, to}`: counts the costs of a time anew, in the background. */
export function addAskedRepricing(deps: UsageDeps) {
  return action({
    body: z.strictObject({ from: moment, to: moment.exactOptional() }),
    answer: repricingAnswer,
    status: 201,
    run: async ({ body: { from, to = deps.ticker.now() }, note }) => {
      if (from >= to) throw unprocessable("from", "is not before to");
      const repricing = await addRepricing(deps.db, { fromMs: from, toMs: to }, deps.stamp());
      deps.usage.reprice();
      note({ target: repricing.id });
      return repricingView(repricing);
    },
    done: (_answer, { view }) => ({
      to: "/admin/prices#repricing",
      flash: view().messages.prices.repricing.started,
    }),
    form: (form, { view }) => pricesPage(deps, view(), {}, { priceForm: EMPTY_FORM, repricingForm: form }),
  });
}
