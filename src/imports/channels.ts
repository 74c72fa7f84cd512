import { parseJson } from "../core/json.ts";
import { findPreset } from "../core/presets.ts";
import { versionedBaseUrl } from "./base_url.ts";
import { type ChannelKind, channelKind } from "./channel_types.ts";
import { ImportBuilder, type KeyExtras, type ProviderBuilder, weightOf } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { Row, rowsOf } from "./row.ts";
import { slugOf, slugOfHost } from "./slug.ts";

/**
 * The channels of new-api or one-api: rows of their table `channels` as JSON or CSV, or a list of what their API
 * gives of each. Channels of one upstream become one provider, because their keys are one pool. Fields as in
 * model/channel.go of github.com/QuantumNous/new-api and of github.com/songquanpeng/one-api.
 */
export function readChannels(value: unknown): Imported | undefined {
  const list = Array.isArray(value) ? value : Row.of(value)?.list("channels") ?? [];
  const rows = rowsOf(list).filter(({ row }) =>
    row.has("type", "key", "models") && row.has("base_url", "group")
  );
  if (rows.length === 0) return undefined;
  const product = rows.some(({ row }) => NEW_API_ONLY.some((name) => row.has(name))) ? "new-api" : "one-api";
  const builder = new ImportBuilder(product);
  const highest = Math.max(0, ...rows.map(({ row }) => row.number("priority") ?? 0));
  const ranks = new Map<ProviderBuilder, number[]>();
  for (const { row, index } of rows) {
    // There the higher number is asked first, here the lower one.
    const priority = Math.max(0, Math.round(highest - (row.number("priority") ?? 0)));
    const provider = addChannel(builder, row, `channels[${index}]`, product, priority);
    if (provider !== undefined) ranks.set(provider, [...ranks.get(provider) ?? [], priority]);
  }
  for (const [provider, priorities] of ranks) {
    const first = Math.min(...priorities);
    if (first > 0) provider.set("priority", Math.min(1000, DEFAULT_PRIORITY + first));
  }
  return builder.build();
}

/** Of a provider that nobody has ordered. */
const DEFAULT_PRIORITY = 100;

const NEW_API_ONLY = ["channel_info", "auto_ban", "other_info", "tag", "openai_organization"] as const;

function addChannel(
  builder: ImportBuilder,
  row: Row,
  place: string,
  product: "new-api" | "one-api",
  priority: number,
): ProviderBuilder | undefined {
  const type = row.number("type") ?? 0;
  const kind = channelKind(type, product);
  const name = row.text("name");
  if (kind?.isForeign === true) {
    builder.leaveOut(place, "not_key_based", `${name} (${kind.name})`);
    return undefined;
  }
  const provider = providerOf(builder, row, kind);
  if (provider === undefined) {
    builder.leaveOut(place, "unknown_kind", `${name} (${kind?.name ?? type})`);
    return undefined;
  }
  noteSettings(builder, row, place);
  const map = row.record("model_mapping") ?? {};
  provider.addModels(row.texts("models").filter((model) => !Object.hasOwn(map, model)));
  for (const [asked, own] of Object.entries(map)) {
    if (typeof own === "string") provider.mapModel(asked, own, `${place}.model_mapping`);
  }
  addKeys(provider, row, place, { ...extrasOf(row, name), ...(priority > 0 && { priority }) });
  return provider;
}

function providerOf(
  builder: ImportBuilder,
  row: Row,
  kind: ChannelKind | undefined,
): ProviderBuilder | undefined {
  const own = row.text("base_url");
  const preset = findPreset(kind?.preset ?? "");
  const isAzure = kind?.name === "Azure";
  const dialect = preset?.dialect ?? "openai";
  const baseUrl = own === "" ? kind?.baseUrl : isAzure ? azureBaseUrl(own) : versionedBaseUrl(own, dialect);
  if (baseUrl === undefined && preset === undefined) return undefined;
  const isPreset = preset !== undefined && (baseUrl === undefined || baseUrl === preset.baseUrl);
  if (isPreset) return builder.provider({ ref: preset.slug, preset: preset.slug });
  const slug = slugOfHost(baseUrl ?? "") ?? slugOf(kind?.name ?? "");
  return builder.provider({
    ref: `${dialect} ${baseUrl}`,
    name: kind === undefined || own !== "" ? slug ?? "" : kind.name,
    slug: slug ?? "",
    settings: {
      dialect,
      baseUrl,
      ...(isAzure && { vendor: "azure", credential: { kind: "header", name: "api-key" } }),
    },
  });
}

/** Azure's endpoint that is called like OpenAI's (learn.microsoft.com, "Azure OpenAI v1 API"). */
export function azureBaseUrl(endpoint: string): string {
  const trimmed = endpoint.replace(/\/+$/, "");
  return /\/openai\/v1$/.test(trimmed) ? trimmed : `${trimmed.replace(/\/openai(?:\/.*)?$/, "")}/openai/v1`;
}

function extrasOf(row: Row, name: string): KeyExtras {
  const tags = row.texts("tag");
  return {
    ...weightOf(row.number("weight")),
    // 1 is enabled, 2 disabled by hand, 3 by the product, which is tried again here.
    ...(row.number("status") === 2 && { isEnabled: false }),
    ...(tags.length > 0 && { tags }),
    ...(name !== "" && { metadata: { name } }),
  };
}

/** One key, one a line, or a JSON array; of several some may be disabled, by their index. */
function addKeys(provider: ProviderBuilder, row: Row, place: string, extras: KeyExtras): void {
  const text = row.text("key");
  const json = text.startsWith("[") ? parseJson(text) : undefined;
  const keys = Array.isArray(json) ? json.filter((each) => typeof each === "string") : text.split("\n");
  const statuses = Row.of(row.record("channel_info"))?.record("multi_key_status_list") ?? {};
  keys.filter((key) => key.trim() !== "").forEach((key, index) => {
    const isDisabled = statuses[index] === 2;
    provider.add(key, keys.length === 1 ? `${place}.key` : `${place}.key[${index}]`, {
      ...extras,
      ...(isDisabled && { isEnabled: false }),
    });
  });
  if (keys.length === 0 || text === "") provider.add("", `${place}.key`);
}

function noteSettings(builder: ImportBuilder, row: Row, place: string): void {
  for (const name of ["param_override", "header_override", "status_code_mapping", "system_prompt"]) {
    const text = row.text(name);
    if (text !== "" && text !== "{}") builder.leaveOut(place, "setting", name);
  }
  if (Row.of(row.record("setting"))?.text("proxy")) builder.leaveOut(place, "egress_proxy");
}
