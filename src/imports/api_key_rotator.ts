import type { DialectName } from "../core/provider.ts";
import { versionedBaseUrl } from "./base_url.ts";
import { ImportBuilder, type ProviderBuilder } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { Row, rowsOf } from "./row.ts";
import { slugOf } from "./slug.ts";

/**
 * API Key Rotator: the answer of `GET /admin/proxy-configs`, or the rows of its tables `proxy_configs` and `api_keys`.
 * Fields as in backend/internal/models/models.go of github.com/lrbmike/APIKeyRotator.
 */
export function readApiKeyRotator(value: unknown): Imported | undefined {
  const top = Row.of(value);
  const list = Array.isArray(value) ? value : top?.list("proxy_configs", "configs") ?? [];
  const configs = rowsOf(list).filter(({ row }) => row.has("slug", "api_key_location"));
  const loneKeys = rowsOf(list).filter(({ row }) => row.has("key_value", "proxy_config_id"));
  const keyRows = top?.rows("api_keys") ?? loneKeys;
  if (configs.length === 0 && !keyRows.some(({ row }) => row.has("proxy_config_id"))) return undefined;
  const builder = new ImportBuilder("api-key-rotator");
  const byId = new Map<string, ProviderBuilder>();
  for (const { row, index } of configs) {
    const provider = addConfig(builder, row);
    byId.set(row.text("id"), provider);
    for (const { row: key, index: at } of row.rows("api_keys")) {
      addKey(provider, key, `proxy_configs[${index}].api_keys[${at}]`);
    }
  }
  for (const { row, index } of keyRows) {
    const id = row.text("proxy_config_id");
    addKey(byId.get(id) ?? builder.provider({ ref: `config ${id}`, slug: "" }), row, `api_keys[${index}]`);
  }
  return builder.build();
}

function addConfig(builder: ImportBuilder, row: Row): ProviderBuilder {
  const isGeneric = row.text("config_type").toUpperCase() === "GENERIC";
  const dialect = isGeneric ? "rest" : dialectOf(row.text("api_format"));
  const url = isGeneric ? row.text("target_url") : row.text("target_base_url", "target_url");
  const method = row.text("method").toUpperCase();
  return builder.provider({
    ref: row.text("slug"),
    name: row.text("name"),
    slug: slugOf(row.text("slug")) ?? "",
    settings: {
      dialect,
      ...(url !== "" && { baseUrl: versionedBaseUrl(url, dialect) }),
      credential: credentialOf(row, dialect),
      ...(isGeneric && method !== "" && { allowedMethods: [method] }),
      ...(row.flag("is_active") === false && { isEnabled: false }),
    },
  });
}

function credentialOf(row: Row, dialect: DialectName): Readonly<Record<string, string>> | undefined {
  const name = row.text("api_key_name");
  if (name === "") return undefined;
  if (row.text("api_key_location") === "query") return { kind: "query", name };
  if (name.toLowerCase() !== "authorization") return { kind: "header", name };
  // There a key of a generic proxy stands in the header as it is; "Bearer " belongs to the key, if anybody wants it.
  return dialect === "rest" ? { kind: "header", name: "authorization", prefix: "" } : { kind: "bearer" };
}

function addKey(provider: ProviderBuilder, row: Row, place: string): void {
  provider.add(row.text("key_value"), place, row.flag("is_active") === false ? { isEnabled: false } : {});
}

function dialectOf(format: string): DialectName {
  if (format.startsWith("gemini")) return "gemini";
  return format.startsWith("anthropic") ? "anthropic" : "openai";
}
