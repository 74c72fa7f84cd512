import { z } from "zod";
import { isRecord } from "../core/json.ts";
import { AppError } from "../errors.ts";
import type { FormState } from "../../views/form_state.ts";
import { adminError } from "./error_answer.ts";
import { isPartial, redirectTo, renderHtml, wantsHtml } from "./face.ts";
import { faultText } from "./fault_text.ts";
import { bodyOfForm, typedValues } from "./form_body.ts";
import { checkPart, readBody } from "./json_body.ts";
import type { Action, ActionSpec, Call, Input } from "./route.ts";

/** An action of the route list. Everything that is the same for all of them happens here and in mount_routes.ts. */
export function action<P, Q, B, A>(spec: ActionSpec<P, Q, B, A>): Action {
  const { params, query, body, answer, produces, status = 200 } = spec;
  return {
    schemas: {
      ...(params !== undefined && { params }),
      ...(query !== undefined && { query }),
      ...(body !== undefined && { body }),
      ...(answer !== undefined && { answer }),
    },
    status,
    produces: [
      produces ?? "application/json",
      ...(spec.page !== undefined || spec.done !== undefined ? ["text/html"] : []),
    ],
    isBodyOptional: spec.isBodyOptional === true,
    respond: (call) => respond(spec, call),
  };
}

async function respond<P, Q, B, A>(spec: ActionSpec<P, Q, B, A>, call: Call): Promise<Response> {
  const { context } = call;
  const params = partOf(context.req.param(), spec.params, "path");
  // A filter that is left empty in its form comes as "".
  const given = Object.entries(context.req.query()).filter(([, value]) => value !== "");
  const query = partOf(Object.fromEntries(given), spec.query, "query");
  const isHtml = wantsHtml(context);
  if (!isHtml || spec.form === undefined) {
    return await succeed(spec, { ...call, params, query, body: await bodyOf(spec, call) }, isHtml);
  }
  try {
    return await succeed(spec, { ...call, params, query, body: await bodyOf(spec, call) }, isHtml);
  } catch (thrown) {
    // A form that cannot be taken comes back with what was typed; anything else is for the error page.
    const error = adminError(thrown);
    if (!COMES_BACK.has(error.code)) throw thrown;
    const form = formState(call, error);
    const markup = await spec.form(form, { ...call, params, query, body: undefined });
    const html = await renderHtml(markup, error.status);
    if (error.retryAfterSeconds !== undefined) {
      html.headers.set("retry-after", String(error.retryAfterSeconds));
    }
    return html;
  }
}

const COMES_BACK: ReadonlySet<string> = new Set([
  "invalid_request",
  "unprocessable",
  "conflict",
  "unauthorized",
  "rate_limited",
  "body_too_large",
]);

async function succeed<P, Q, B, A>(
  spec: ActionSpec<P, Q, B, A>,
  input: Input<P, Q, B>,
  isHtml: boolean,
): Promise<Response> {
  const { context } = input;
  // For the audit: which fields were sent, never what stood in them. What the action notes itself comes after.
  if (spec.body !== undefined && isRecord(input.body)) {
    input.note({ detail: { fields: Object.keys(input.body) } });
  }
  const answer = await spec.run(input);
  if (answer instanceof Response) return answer;
  if (isHtml) {
    if (spec.fragment !== undefined && isPartial(context)) {
      return await renderHtml(await spec.fragment(answer, input), 200);
    }
    if (spec.page !== undefined) return await renderHtml(await spec.page(answer, input), spec.status ?? 200);
    if (spec.done !== undefined) {
      const { to, flash } = spec.done(answer, input);
      if (flash !== undefined) input.flash({ kind: "done", text: flash });
      return redirectTo(context, to);
    }
  }
  return Response.json(answer, { status: spec.status ?? 200 });
}

/** Without a schema the type is `unknown`, and the value is not to be used. */
function partOf<T>(value: unknown, schema: z.ZodType<T> | undefined, part: string): T {
  return checkPart(value, schema ?? z.custom<T>(), part);
}

async function bodyOf<P, Q, B, A>(spec: ActionSpec<P, Q, B, A>, call: Call): Promise<B> {
  const { body } = spec;
  if (body === undefined) return partOf<B>(undefined, undefined, "body");
  if (call.form === undefined) return await readBody(call.context, body, spec.isBodyOptional === true);
  return checkPart(bodyOfForm(call.form, body), body, "body", faultText(call.view().messages.faults));
}

function formState({ form, view }: Call, error: AppError): FormState {
  const faults = error.details?.fields;
  const ofFields = isTexts(faults) ? faults : {};
  const { refusals } = view().messages.faults;
  return {
    values: form === undefined ? {} : typedValues(form),
    faults: ofFields,
    fault: Object.keys(ofFields).length > 0 ? refusals.fields : error.message,
  };
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((each) => typeof each === "string");
}
