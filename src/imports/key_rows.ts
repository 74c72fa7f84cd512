import { ImportBuilder, type KeyExtras, type ProviderBuilder, weightOf } from "./import_builder.ts";
import type { Imported, Place, Product } from "./imported.ts";
import { presetNamed } from "./known_names.ts";
import type { Row } from "./row.ts";
import { slugOf, slugOfHost } from "./slug.ts";
import { versionedBaseUrl } from "./base_url.ts";
import { providerByShape } from "./text_lines.ts";

/** Names that a column of keys goes by, the plainest first. */
export const KEY_NAMES = ["key", "api_key", "key_value", "secret", "token", "api_token", "value"] as const;

export interface PlacedRow {
  readonly row: Row;
  readonly place: Place;
}

/** A table or a list of objects with a key in each, and whatever else is told of it. */
export function readKeyRows(rows: readonly PlacedRow[], product: Product, provider = ""): Imported {
  const builder = new ImportBuilder(product);
  for (const { row, place } of rows) addKeyRow(builder, row, place, provider);
  return builder.build();
}

/** Adds one row; `provider` is whose keys these are where the row does not say. */
export function addKeyRow(builder: ImportBuilder, row: Row, place: Place, provider = ""): void {
  const key = row.text(...KEY_NAMES);
  if (key === "") return builder.leaveOut(place, "key_empty");
  providerOfRow(builder, row, key, provider).addEntry(key, place, extrasOf(row));
}

function providerOfRow(builder: ImportBuilder, row: Row, key: string, fallback: string): ProviderBuilder {
  const name = row.text("provider", "provider_slug", "service", "platform", "vendor") || fallback;
  const url = row.text("base_url", "url", "endpoint", "api_base");
  if (name === "" && url === "") return providerByShape(builder, key);
  const preset = presetNamed(name);
  const settings = url === "" ? {} : { baseUrl: versionedBaseUrl(url, "openai") };
  return builder.provider({
    ref: `${name} ${url}`.trim(),
    preset: url === "" ? preset : undefined,
    ...(preset === undefined || url !== "" ? { name } : {}),
    slug: preset !== undefined && url === "" ? preset : slugOf(name) ?? slugOfHost(url) ?? "",
    settings,
  });
}

function extrasOf(row: Row): KeyExtras {
  const isEnabled = row.flag("is_enabled", "enabled", "is_active", "active", "status");
  const priority = row.number("priority");
  const account = row.text("account", "project", "organization");
  const maxRequests = row.number("max_requests", "quota");
  const tags = row.texts("tags", "tag");
  const note = row.text("name", "note", "label", "remark", "description");
  const metadata = { ...row.record("metadata"), ...(note !== "" && { name: note }) };
  return {
    ...weightOf(row.number("weight")),
    ...(isEnabled !== undefined && { isEnabled }),
    ...(priority !== undefined && priority >= 0 && { priority: Math.round(priority) }),
    ...(account !== "" && { account }),
    ...(maxRequests !== undefined && maxRequests >= 1 && { maxRequests: Math.round(maxRequests) }),
    ...(tags.length > 0 && { tags }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}
