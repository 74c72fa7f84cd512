import type { Context } from "hono";
import { keyedMark } from "../access/keyed_mark.ts";
import type { Principal } from "../core/principal.ts";
import { createFormat, type Format } from "../../views/format.ts";
import { type Language, MESSAGES } from "../../views/messages.ts";
import type { View } from "../../views/view.ts";
import type { DashboardDeps } from "./dashboard_deps.ts";
import { languageOf, readFlash, themeOf } from "./preferences.ts";
import { isSecureRequest } from "./secure_request.ts";

const formats = new Map<Language, Format>();

/** What the components are told of a request. */
export function createView(
  { assets, markKeys, publicUrl, ticker }: DashboardDeps,
  context: Context,
  principal: Principal | undefined,
): View {
  const isSecure = isSecureRequest(context, publicUrl);
  const language = languageOf(context, isSecure);
  const url = new URL(context.req.url);
  return {
    language,
    messages: MESSAGES[language],
    format: formatOf(language),
    theme: themeOf(context, isSecure),
    who: principal && { name: principal.name, role: principal.role },
    csrf: principal?.sessionId === undefined ? "" : keyedMark(markKeys.csrf, principal.sessionId),
    url,
    origin: publicUrl ?? url.origin,
    nowMs: ticker.now(),
    flash: readFlash(context, isSecure),
    asset: (path) => assets.urlOf(path),
  };
}

function formatOf(language: Language): Format {
  const known = formats.get(language);
  if (known !== undefined) return known;
  const made = createFormat(language);
  formats.set(language, made);
  return made;
}
