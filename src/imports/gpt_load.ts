import type { DialectName } from "../core/provider.ts";
import { versionedBaseUrl } from "./base_url.ts";
import { ImportBuilder, type ProviderBuilder, weightOf } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { Row, rowsOf } from "./row.ts";
import { slugOf } from "./slug.ts";

/**
 * gpt-load v1: `GET /api/groups`, rows of its tables `groups` and `api_keys` (together or one inside the other), and
 * the exports of one group or of everything that its forks write (`{group, keys}`, `{groups: [{group, keys}]}`).
 * Fields as in internal/models/types.go of github.com/tbphp/gpt-load; its own text export is one key a line.
 */
export function readGptLoad(value: unknown): Imported | undefined {
  const top = Row.of(value);
  const listed = Array.isArray(value) ? value : top?.list("groups") ?? [];
  const single = top?.record("group") === undefined ? [] : [value];
  const groups = rowsOf([...listed, ...single]).map(({ row }) => openGroup(row))
    .filter(({ group }) => group.has("channel_type"));
  const keyRows = top?.rows("api_keys", "keys").filter(({ row }) => row.has("key_value", "group_id")) ?? [];
  const loneKeys = groups.length === 0 && Array.isArray(value)
    ? rowsOf(value).filter(({ row }) => row.has("key_value", "group_id"))
    : [];
  if (groups.length === 0 && loneKeys.length === 0) return undefined;
  const builder = new ImportBuilder("gpt-load");
  const byId = new Map<string, ProviderBuilder>();
  groups.forEach((entry, index) => addGroup(builder, entry, index, byId));
  for (const { row, index } of [...keyRows, ...loneKeys]) {
    const id = row.text("group_id");
    const provider = byId.get(id) ?? builder.provider({ ref: `group ${id}`, slug: "" });
    addKey(builder, provider, row, `api_keys[${index}]`);
  }
  return builder.build();
}

interface GroupEntry {
  readonly group: Row;
  /** What stands beside the group in an export, or in it in a table. */
  readonly around: Row;
}

function openGroup(row: Row): GroupEntry {
  const inner = Row.of(row.record("group"));
  return inner === undefined ? { group: row, around: row } : { group: inner, around: row };
}

function addGroup(
  builder: ImportBuilder,
  { group, around }: GroupEntry,
  index: number,
  byId: Map<string, ProviderBuilder>,
): void {
  const name = group.text("name");
  const place = `groups[${index}]`;
  addClientKeys(builder, group, `${place}.proxy_keys`);
  if (group.text("group_type") === "aggregate") return addAggregate(builder, { group, around }, name);
  const dialect = dialectOf(group.text("channel_type"));
  const upstreams = group.rows("upstreams").map(({ row }) => ({
    url: row.text("url"),
    weight: row.number("weight") ?? 1,
  })).filter(({ url }) => url !== "").sort((one, other) => other.weight - one.weight);
  const [main, ...others] = upstreams;
  const provider = builder.provider({
    ref: name,
    name: group.text("display_name") || name,
    slug: slugOf(name) ?? "",
    settings: {
      dialect,
      ...(main !== undefined && { baseUrl: versionedBaseUrl(main.url, dialect) }),
      ...settingsOf(builder, group, place),
    },
  });
  for (const { url } of others) builder.leaveOut(`${place}.upstreams`, "extra_upstream", hostOf(url));
  byId.set(group.text("id"), provider);
  const keys = around.rows("api_keys", "keys").filter(({ row }) =>
    row.has("key_value") && !row.has("group_id")
  );
  const nested = around.rows("api_keys").filter(({ row }) => row.has("key_value", "group_id"));
  for (const { row, index: at } of [...keys, ...nested]) {
    addKey(builder, provider, row, `${place}.keys[${at}]`);
  }
}

function settingsOf(builder: ImportBuilder, group: Row, place: string): Record<string, unknown> {
  const config = Row.of(group.record("config"));
  const retries = config?.number("max_retries");
  const failures = config?.number("blacklist_threshold");
  if (config?.text("proxy_url")) builder.leaveOut(`${place}.config.proxy_url`, "egress_proxy");
  if (Object.keys(group.record("param_overrides") ?? {}).length > 0) {
    builder.leaveOut(`${place}.param_overrides`, "setting", "param_overrides");
  }
  const headers = group.rows("header_rules").filter(({ row }) => row.text("action") !== "remove")
    .map(({ row }) => [row.text("key").toLowerCase(), row.text("value")] as const);
  const modelMap = group.record("model_redirect_rules", "model_mapping");
  return {
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(modelMap !== undefined && Object.keys(modelMap).length > 0 && { modelMap }),
    ...(group.flag("enabled") === false && { isEnabled: false }),
    ...(retries !== undefined || failures !== undefined
      ? {
        policy: {
          ...(retries !== undefined && { maxAttempts: Math.min(100, Math.max(1, retries + 1)) }),
          ...(failures !== undefined && failures >= 1 && { maxConsecutiveFailures: Math.min(100, failures) }),
        },
      }
      : {}),
  };
}

/** A group of groups: its members share the requests by weight. */
function addAggregate(builder: ImportBuilder, { group, around }: GroupEntry, name: string): void {
  builder.addGroup({
    slug: slugOf(name) ?? "",
    name: group.text("display_name") || name,
    isEnabled: group.flag("enabled") ?? true,
    strategy: "weighted",
    members: around.rows("sub_groups").map(({ row }) => ({
      ref: row.text("group_name") || row.text("name"),
      tier: 0,
      ...{ weight: 1, ...weightOf(row.number("weight")) },
      isEnabled: row.number("weight") !== 0,
    })),
  });
}

function addKey(builder: ImportBuilder, provider: ProviderBuilder, row: Row, place: string): void {
  const key = row.text("key_value");
  // With ENCRYPTION_KEY set it stores nonce, ciphertext and tag in hex: far longer than any provider's key.
  if (/^[0-9a-f]{112,}$/.test(key)) return builder.leaveOut(place, "encrypted");
  // "invalid" is what was observed once, not what the operator wants: it is tried again here.
  provider.add(key, place);
}

function addClientKeys(builder: ImportBuilder, group: Row, place: string): void {
  const name = group.text("name");
  for (const key of group.texts("proxy_keys")) {
    builder.addClientKey(key, place, { name: `gpt-load ${name}`, targets: [name] });
  }
}

function dialectOf(channelType: string): DialectName {
  if (channelType === "gemini" || channelType === "anthropic") return channelType;
  return "openai";
}

/** Without whatever else stands in a URL: that may be a secret. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}
