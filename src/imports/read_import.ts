import { parse as parseYaml, YAMLParseError } from "yaml";
import { isRecord, valueAt } from "../core/json.ts";
import type { Secret } from "../core/secret.ts";
import { readApiKeyPool } from "./api_key_pool.ts";
import { readApiKeyRotator } from "./api_key_rotator.ts";
import { readApiProxySystem } from "./api_proxy_system.ts";
import { readChannels } from "./channels.ts";
import { CLI_PROXY_SECTIONS, readCliProxyApi } from "./cli_proxy_api.ts";
import { csvHeader, parseCsv } from "./csv.ts";
import { envVariables, looksLikeEnv, readEnvFile } from "./env_file.ts";
import { readGeminiBalance } from "./gemini_balance.ts";
import { readGeminiPool } from "./gemini_pool.ts";
import { readGptLoad } from "./gpt_load.ts";
import { type Imported, ImportError } from "./imported.ts";
import { readJsonKeys } from "./json_keys.ts";
import { KEY_NAMES, readKeyRows } from "./key_rows.ts";
import { readKeyturnExport } from "./keyturn_export.ts";
import { readLitellm } from "./litellm.ts";
import { readOpenrouterPolling } from "./openrouter_polling.ts";
import { Row } from "./row.ts";
import { isSealedExport, openExport } from "./sealed_export.ts";
import { readTextLines } from "./text_lines.ts";

export interface ReadOptions {
  /** Opens a sealed export. */
  readonly passphrase?: Secret | undefined;
}

/**
 * What a pasted text or a file holds, recognised by its shape: lines of keys, CSV, JSON, YAML, an environment file,
 * and in these the exports and configurations of the products of docs/moving_in.md.
 *
 * @throws {ImportError} when nothing of it can be read.
 */
export async function readImport(text: string, { passphrase }: ReadOptions = {}): Promise<Imported> {
  const plain = text.replace(/^\uFEFF/, "");
  if (plain.trim() === "") throw new ImportError("empty");
  if (/^\s*[[{]/.test(plain)) return await readJson(plain, passphrase);
  if (looksLikeYaml(plain)) return readShape(yamlOf(plain));
  if (looksLikeEnv(plain)) return readEnv(plain);
  if (looksLikeCsv(plain)) return readCsv(plain);
  return readTextLines(plain);
}

/** The most particular shapes first: what fits none of them is a plain list of keys, if it is anything. */
const SHAPES: readonly ((value: unknown) => Imported | undefined)[] = [
  readKeyturnExport,
  readLitellm,
  readCliProxyApi,
  readGptLoad,
  readApiKeyRotator,
  readChannels,
  readGeminiBalance,
  readOpenrouterPolling,
  readGeminiPool,
  readApiProxySystem,
  readApiKeyPool,
  readJsonKeys,
];

function readShape(value: unknown): Imported {
  const candidates = unwrapped(value);
  for (const read of SHAPES) {
    for (const candidate of candidates) {
      const imported = read(candidate);
      if (imported !== undefined) return imported;
    }
  }
  throw new ImportError("unknown_shape");
}

/** Answers of APIs stand in an envelope: `{success, data}`, `{code, message, data: {items}}`. */
function unwrapped(value: unknown): unknown[] {
  if (!isRecord(value)) return [value];
  const inner = value.data ?? value.result;
  return [value, inner, valueAt(inner, "items"), value.items].filter((each) =>
    typeof each === "object" && each !== null
  );
}

async function readJson(text: string, passphrase: Secret | undefined): Promise<Imported> {
  const value = jsonOf(text);
  if (!isSealedExport(value)) return readShape(value);
  if (passphrase === undefined) throw new ImportError("passphrase_needed");
  return readShape(jsonOf(await openExport(value, passphrase)));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message may repeat the text, and that holds keys. One object a line is JSON, too.
    return jsonLines(text);
  }
}

function jsonLines(text: string): unknown[] {
  const lines = text.split("\n").map((line, index) => ({ line: line.trim(), number: index + 1 }));
  return lines.filter(({ line }) => line !== "").map(({ line, number }) => {
    try {
      return JSON.parse(line.replace(/,$/, ""));
    } catch {
      throw new ImportError("bad_json", number === 1 ? undefined : number);
    }
  });
}

/** Names at the beginning of a line that the YAML files we know have. */
const YAML_NAMES = new RegExp(
  `^(?:model_list|general_settings|litellm_settings|router_settings|api-keys|${
    CLI_PROXY_SECTIONS.join("|")
  })\\s*:`,
  "m",
);

function looksLikeYaml(text: string): boolean {
  return YAML_NAMES.test(text);
}

function yamlOf(text: string): unknown {
  try {
    // An alias may stand for another, and so on: its count bounds what a small file grows to.
    return parseYaml(text, { maxAliasCount: 100, prettyErrors: false });
  } catch (error) {
    if (!(error instanceof YAMLParseError) && !(error instanceof ReferenceError)) throw error;
    // The parser's message may repeat the text, and that holds keys.
    const at = error instanceof YAMLParseError ? text.slice(0, error.pos[0]).split("\n").length : undefined;
    throw new ImportError("bad_yaml", at);
  }
}

/** gemini-balance is told by its variables; everything else that is an environment file is read as one. */
function readEnv(text: string): Imported {
  const variables = Object.fromEntries(envVariables(text).map(({ name, value }) => [name, value]));
  return readGeminiBalance(variables) ?? readEnvFile(text);
}

function looksLikeCsv(text: string): boolean {
  const names = Row.of(Object.fromEntries(csvHeader(text).map((name) => [name, ""])));
  return names !== undefined && names.names.size > 0 && KEY_NAMES.some((name) => names.has(name));
}

function readCsv(text: string): Imported {
  const { records, badLines } = parseCsv(text);
  const values = records.map(({ values: each }) => each);
  for (const read of SHAPES.slice(0, -1)) {
    const imported = values.length === 0 ? undefined : read(values);
    if (imported !== undefined) return withBadLines(imported, badLines);
  }
  const rows = records.flatMap(({ line, values: each }) => {
    const row = Row.of(each);
    return row === undefined ? [] : [{ row, place: line }];
  });
  return withBadLines(readKeyRows(rows, "csv"), badLines);
}

function withBadLines(imported: Imported, badLines: readonly number[]): Imported {
  const broken = badLines.map((line) => ({ place: line, reason: "unreadable_row" as const }));
  return { ...imported, leftOut: [...broken, ...imported.leftOut] };
}
