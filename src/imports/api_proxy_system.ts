import { Buffer } from "node:buffer";
import { presetOfUrl, versionedBaseUrl } from "./base_url.ts";
import { ImportBuilder, weightOf } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { Row, rowsOf } from "./row.ts";
import { slugOf, slugOfHost } from "./slug.ts";

/**
 * api-proxy-system: the rows of its tables `providers`, `groups`, `group_providers` and `api_keys` in one object, or
 * providers alone. Its database holds provider keys encrypted and client keys hashed; `GET /api/admin/providers/{id}`
 * gives a provider with its key in clear. Fields as in schema/*.ts of github.com/OrzMiku/api-proxy-system.
 */
export function readApiProxySystem(value: unknown): Imported | undefined {
  const top = Row.of(value);
  const list = Array.isArray(value) ? value : top?.list("providers") ?? [];
  const providers = rowsOf(list).filter(({ row }) => row.has("base_url", "api_key", "timeout", "priority"));
  if (providers.length === 0) return undefined;
  const builder = new ImportBuilder("api-proxy-system");
  const refs = new Map(providers.map(({ row, index }) => [row.text("id"), addProvider(builder, row, index)]));
  const groups = top?.rows("groups") ?? [];
  for (const { row } of groups) addGroup(builder, row, top?.rows("group_providers") ?? [], refs);
  for (const { row, index } of top?.rows("api_keys") ?? []) {
    builder.leaveOut(`api_keys[${index}]`, "hashed", row.text("name"));
  }
  return builder.build();
}

function addProvider(builder: ImportBuilder, row: Row, index: number): string {
  const name = row.text("name");
  const url = row.text("base_url");
  const timeout = row.number("timeout");
  const dialect = presetOfUrl(url)?.dialect ?? "openai";
  const provider = builder.provider({
    ref: `${row.text("id")} ${name}`,
    name,
    slug: slugOf(name) ?? slugOfHost(url) ?? "",
    settings: {
      dialect,
      baseUrl: versionedBaseUrl(url, dialect),
      ...(row.flag("is_enabled") === false && { isEnabled: false }),
      ...(timeout !== undefined && timeout >= 1000 &&
        { policy: { firstByteTimeoutMs: Math.min(timeout, 86_400_000) } }),
    },
  });
  const place = `providers[${index}].api_key`;
  const key = row.text("api_key");
  if (isSealed(key)) builder.leaveOut(place, "encrypted", name);
  else if (key !== "") provider.add(key, place);
  return `${row.text("id")} ${name}`;
}

/** Salt (64 bytes), nonce (16), tag (16) and at least one byte in base64, as lib/encryption.ts writes it. */
function isSealed(key: string): boolean {
  return key.length >= 132 && /^[A-Za-z0-9+/]+={0,2}$/.test(key) && Buffer.from(key, "base64").length >= 97;
}

function addGroup(
  builder: ImportBuilder,
  row: Row,
  memberships: readonly { readonly row: Row }[],
  refs: ReadonlyMap<string, string>,
): void {
  const id = row.text("id");
  const isByPriority = row.text("polling_strategy").includes("priority");
  const members = memberships.filter(({ row: each }) => each.text("group_id") === id).flatMap(
    ({ row: each }) => {
      const ref = refs.get(each.text("provider_id"));
      const priority = each.number("priority") ?? 100;
      return ref === undefined ? [] : [{ ref, priority, isEnabled: each.flag("is_enabled") ?? true }];
    },
  );
  // There the higher number is asked first; tiers count up from the one that is.
  const tiers = [...new Set(members.map(({ priority }) => priority))].sort((one, other) => other - one);
  const slug = slugOf(row.text("slug"));
  if (slug === undefined) return;
  builder.addGroup({
    slug,
    name: row.text("name") || slug,
    isEnabled: row.flag("is_enabled") ?? true,
    strategy: isByPriority ? "priority" : "weighted",
    members: members.map(({ ref, priority, isEnabled }) => ({
      ref,
      tier: isByPriority ? tiers.indexOf(priority) : 0,
      ...{ weight: 1, ...(isByPriority ? {} : weightOf(priority)) },
      isEnabled,
    })),
  });
}
