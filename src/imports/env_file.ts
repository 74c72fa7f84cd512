import { parse as parseEnv } from "dotenv";
import { parseJson } from "../core/json.ts";
import { ImportBuilder } from "./import_builder.ts";
import type { Imported, Place } from "./imported.ts";
import { presetNamed } from "./known_names.ts";
import { slugOf } from "./slug.ts";
import { versionedBaseUrl } from "./base_url.ts";
import { findPreset } from "../core/presets.ts";

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=/;

/** Whether most lines that say anything are `NAME=value`. */
export function looksLikeEnv(text: string): boolean {
  const lines = text.split(/\r\n|\r|\n/).filter((line) =>
    line.trim() !== "" && !line.trimStart().startsWith("#")
  );
  const assigned = lines.filter((line) => ASSIGNMENT.test(line) && /^\s*(?:export\s+)?[A-Z]/.test(line));
  return assigned.length > 0 && assigned.length * 2 >= lines.length;
}

/** The variables of an environment file, with the line that each stands on. */
export function envVariables(text: string): { name: string; value: string; line: number }[] {
  const lines = new Map<string, number>();
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    const name = ASSIGNMENT.exec(line)?.[1];
    if (name !== undefined) lines.set(name, index + 1);
  });
  return Object.entries(parseEnv(text)).map(([name, value]) => ({ name, value, line: lines.get(name) ?? 0 }));
}

/** `OPENAI_API_KEYS`, `GEMINI_API_KEY_2`, `CLAUDE_KEY`: whose keys, or none. */
const KEY_VARIABLE = /^(.+?)_?(?:API_?)?(?:KEYS?|TOKENS?)(?:_?\d+|_LIST)?$/;
const URL_VARIABLE = /^(.+?)_(?:API_)?(?:BASE_URL|BASEURL|API_BASE|BASE|ENDPOINT|URL)$/;

/** Variables that are named like keys and are something else: passwords of products, keys of their own. */
const OWN_VARIABLES =
  /^(?:JWT|SESSION|SECRET|ENCRYPTION|MASTER|ADMIN|AUTH|ACCESS|APP|APP_API|PROXY|GLOBAL_PROXY|NEXTAUTH|CSRF|COOKIE|AWS|SMMS|TELEGRAM|GITHUB|DISCORD|REDIS|DATABASE)(?:_|$)/;

/**
 * An environment file: each variable that is named like a key of a provider (`OPENAI_API_KEY`, `GROQ_API_KEYS`,
 * `GEMINI_API_KEY_2`), with one key or a list of `key` and `key:weight`; a variable of its base URL goes with it.
 */
export function readEnvFile(text: string): Imported {
  const builder = new ImportBuilder("env");
  const variables = envVariables(text);
  const urls = new Map(variables.flatMap(({ name, value }) => {
    const owner = URL_VARIABLE.exec(name)?.[1];
    return owner !== undefined && URL.canParse(value) ? [[owner, value] as const] : [];
  }));
  for (const { name, value, line } of variables) {
    if (value.trim() === "" || URL_VARIABLE.test(name)) continue;
    if (name === "GLOBAL_PROXY_KEYS" || name === "APP_API_KEY" || name === "ALLOWED_TOKENS") {
      for (const each of listed(value)) builder.addClientKey(each, line, { name });
      continue;
    }
    const owner = KEY_VARIABLE.exec(name)?.[1];
    if (owner === undefined || OWN_VARIABLES.test(name)) continue;
    addVariable(builder, owner, urls.get(owner), value, line);
  }
  return builder.build();
}

function addVariable(
  builder: ImportBuilder,
  owner: string,
  url: string | undefined,
  value: string,
  place: Place,
): void {
  const preset = presetNamed(owner);
  const dialect = findPreset(preset ?? "")?.dialect ?? "openai";
  const provider = builder.provider({
    ref: preset ?? owner,
    preset,
    slug: preset ?? slugOf(owner) ?? "",
    settings: url === undefined ? {} : { baseUrl: versionedBaseUrl(url, dialect) },
  });
  for (const entry of listed(value)) provider.addEntry(entry, place);
}

/** One value, a list with commas, spaces or lines between, or a JSON array. */
function listed(value: string): string[] {
  const json = value.trimStart().startsWith("[") ? parseJson(value) : undefined;
  if (Array.isArray(json)) return json.filter((each) => typeof each === "string");
  return value.split(/[\s,;]+/).filter((entry) => entry !== "");
}
