import type { Context } from "hono";
import { z } from "zod";
import { parseJson } from "../core/json.ts";
import { type Language, LANGUAGES } from "../../views/messages.ts";
import { type Flash, type Theme, THEMES } from "../../views/view.ts";
import { action } from "./action.ts";
import { cookieText, dropCookieText, readCookie } from "./cookies.ts";
import { isSecureRequest } from "./secure_request.ts";
import { ownPath } from "./own_path.ts";
import type { Action } from "./route.ts";

const YEAR_MS = 365 * 86_400_000;

const preferencesForm = z.strictObject({
  language: z.enum(LANGUAGES).exactOptional(),
  theme: z.enum(THEMES).exactOptional(),
  next: z.string().max(2000).exactOptional(),
});

/** `POST /admin/preferences`: the language and the theme of this browser. */
export function setPreferences(deps: { readonly publicUrl: string | undefined }): Action {
  return action({
    body: preferencesForm,
    answer: preferencesForm.omit({ next: true }),
    run: ({ body: { next: _, ...given }, context, setCookie }) => {
      const isSecure = isSecureRequest(context, deps.publicUrl);
      for (const [name, value] of Object.entries(given)) {
        setCookie(cookieText(name, value, { isSecure, maxAgeMs: YEAR_MS }));
      }
      return given;
    },
    done: (_answer, { body }) => ({ to: ownPath(body.next, "/admin") }),
  });
}

/** What was chosen, else what the browser prefers, else English. */
export function languageOf(context: Context, isSecure: boolean): Language {
  const chosen = z.enum(LANGUAGES).safeParse(readCookie(context, "language", isSecure)).data;
  if (chosen !== undefined) return chosen;
  const preferred = (context.req.header("accept-language") ?? "").split(",")
    .map((entry) => {
      const [tag = "", quality] = entry.trim().toLowerCase().split(/\s*;\s*q=/);
      return { language: LANGUAGES.find((each) => tag === each || tag.startsWith(`${each}-`)), quality };
    })
    .filter(({ quality }) => quality === undefined || Number(quality) > 0)
    .sort((one, other) => Number(other.quality ?? 1) - Number(one.quality ?? 1));
  return preferred.find(({ language }) => language !== undefined)?.language ?? "en";
}

export function themeOf(context: Context, isSecure: boolean): Theme {
  return z.enum(THEMES).safeParse(readCookie(context, "theme", isSecure)).data ?? "auto";
}

const flashSchema = z.object({ kind: z.enum(["done", "fault"]), text: z.string().max(500) });

/** The message that an action has left for the next page. */
export function readFlash(context: Context, isSecure: boolean): Flash | undefined {
  return flashSchema.safeParse(parseJson(readCookie(context, "flash", isSecure) ?? "")).data;
}

/** Leaves a message for the next page; nobody reads it after a minute. */
export function flashText(flash: Flash, isSecure: boolean): string {
  const short = { ...flash, text: flash.text.slice(0, 500) };
  return cookieText("flash", JSON.stringify(short), { isSecure, maxAgeMs: 60_000 });
}

export function dropFlashText(isSecure: boolean): string {
  return dropCookieText("flash", isSecure);
}
