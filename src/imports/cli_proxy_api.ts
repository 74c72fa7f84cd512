import { findPreset } from "../core/presets.ts";
import type { DialectName } from "../core/provider.ts";
import { versionedBaseUrl } from "./base_url.ts";
import { ImportBuilder, type ProviderBuilder, weightOf } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { presetNamed } from "./known_names.ts";
import { Row } from "./row.ts";
import { slugOf, slugOfHost } from "./slug.ts";

/** Lists of keys for one vendor, with the preset that they go to. */
const SECTIONS: readonly { readonly name: string; readonly preset: string }[] = [
  { name: "gemini-api-key", preset: "gemini" },
  { name: "interactions-api-key", preset: "gemini" },
  { name: "vertex-api-key", preset: "gemini" },
  { name: "claude-api-key", preset: "anthropic" },
  { name: "codex-api-key", preset: "openai" },
  { name: "xai-api-key", preset: "xai" },
];

/** By which a file is known as this product's. */
export const CLI_PROXY_SECTIONS: readonly string[] = [
  ...SECTIONS.map(({ name }) => name),
  "openai-compatibility",
  "generative-language-api-key",
];

/**
 * CLIProxyAPI's config.yaml: its lists of API keys, its OpenAI-compatible providers and the keys that its callers
 * present. Accounts that somebody has signed in to are files of their own and no keys. Fields as in
 * config.example.yaml of github.com/router-for-me/CLIProxyAPI.
 */
export function readCliProxyApi(value: unknown): Imported | undefined {
  const top = Row.of(value);
  if (top === undefined || !CLI_PROXY_SECTIONS.some((name) => top.has(name))) return undefined;
  const builder = new ImportBuilder("cli-proxy-api");
  for (const { name, preset } of SECTIONS) {
    for (const { row, index } of top.rows(name)) addEntry(builder, row, `${name}[${index}]`, name, preset);
  }
  top.texts("generative-language-api-key").forEach((key, index) =>
    builder.provider({ ref: "gemini", preset: "gemini" }).add(key, `generative-language-api-key[${index}]`)
  );
  for (const { row, index } of top.rows("openai-compatibility")) {
    addCompatible(builder, row, `openai-compatibility[${index}]`);
  }
  top.texts("api-keys").forEach((key, index) =>
    builder.addClientKey(key, `api-keys[${index}]`, { name: `CLIProxyAPI ${index + 1}` })
  );
  if (top.text("proxy-url") !== "") builder.leaveOut("proxy-url", "egress_proxy");
  if (top.text("auth-dir") !== "") builder.leaveOut("auth-dir", "not_key_based", "auth-dir");
  return builder.build();
}

function addEntry(
  builder: ImportBuilder,
  row: Row,
  place: string,
  section: string,
  presetSlug: string,
): void {
  const url = row.text("base-url");
  const preset = findPreset(presetSlug);
  const dialect = preset?.dialect ?? "openai";
  if (section === "vertex-api-key" && url === "") {
    return builder.leaveOut(place, "not_key_based", "Vertex AI");
  }
  const baseUrl = url === "" ? undefined : versionedBaseUrl(url, dialect);
  const isPreset = baseUrl === undefined || baseUrl === preset?.baseUrl;
  const slug = slugOfHost(url) ?? presetSlug;
  const provider = isPreset
    ? builder.provider({ ref: presetSlug, preset: presetSlug })
    : builder.provider({ ref: `${dialect} ${baseUrl}`, name: slug, slug, settings: { dialect, baseUrl } });
  addDetails(builder, provider, row, place);
  addKey(builder, provider, row, `${place}.api-key`);
}

function addCompatible(builder: ImportBuilder, row: Row, place: string): void {
  const name = row.text("name");
  const url = row.text("base-url");
  const preset = findPreset(presetNamed(name) ?? "");
  const dialect: DialectName = "openai";
  const baseUrl = url === "" ? undefined : versionedBaseUrl(url, dialect);
  const isPreset = preset !== undefined && preset.dialect === dialect &&
    (baseUrl === undefined || baseUrl === preset.baseUrl);
  if (!isPreset && baseUrl === undefined) return builder.leaveOut(place, "unknown_kind", name);
  const provider = isPreset ? builder.provider({ ref: preset.slug, preset: preset.slug }) : builder.provider({
    ref: `${name} ${baseUrl}`,
    name,
    slug: slugOf(name) ?? "",
    settings: { dialect, baseUrl },
  });
  if (row.flag("disabled") === true) provider.set("isEnabled", false);
  addDetails(builder, provider, row, place);
  for (const { row: entry, index } of row.rows("api-key-entries")) {
    addKey(builder, provider, entry, `${place}.api-key-entries[${index}]`);
  }
  // As it was written before entries had weights.
  row.texts("api-keys").forEach((key, index) => provider.add(key, `${place}.api-keys[${index}]`));
}

function addDetails(builder: ImportBuilder, provider: ProviderBuilder, row: Row, place: string): void {
  for (const { row: model } of row.rows("models")) {
    const own = model.text("name");
    const asked = model.text("alias");
    if (asked === "" || asked === own) provider.addModels([own]);
    else provider.mapModel(asked, own, `${place}.models`);
  }
  const headers = Object.entries(row.record("headers") ?? {})
    .filter((entry): entry is [string, string] => typeof entry[1] === "string" && !entry[1].startsWith("$"));
  if (headers.length > 0) {
    provider.set("headers", Object.fromEntries(headers.map(([name, text]) => [name.toLowerCase(), text])));
  }
  for (const name of ["prefix", "excluded-models"]) {
    if (row.value(name) !== undefined) builder.leaveOut(place, "setting", name);
  }
}

function addKey(builder: ImportBuilder, provider: ProviderBuilder, row: Row, place: string): void {
  const weight = row.number("weight");
  if (row.text("proxy-url") !== "" && row.text("proxy-url") !== "direct") {
    builder.leaveOut(place, "egress_proxy");
  }
  provider.add(row.text("api-key"), place, {
    ...weightOf(weight),
    // There a weight of 0 takes the key out.
    ...(weight !== undefined && weight <= 0 && { isEnabled: false }),
  });
}
