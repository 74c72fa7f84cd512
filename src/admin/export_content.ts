import type { Group } from "../core/group.ts";
import type { ModelAlias } from "../core/model_alias.ts";
import type { Provider } from "../core/provider.ts";
import type { ProviderKey } from "../core/provider_key.ts";
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportedKey,
  type ExportedProvider,
} from "../imports/keyturn_export.ts";
import { letOthersRun } from "../store/chunks.ts";
import type { Database } from "../store/database.ts";
import { type Keyring, SealError } from "../store/keyring.ts";
import { loadProviderKeys } from "../store/provider_key_store.ts";

/** What there is to take along. */
export interface ExportSource {
  readonly db: Database;
  readonly keyring: Pick<Keyring, "open">;
  readonly providers: readonly Provider[];
  readonly groups: readonly Group[];
  readonly aliases: readonly ModelAlias[];
}

/** Which part of it. */
export interface ExportFilter {
  /** Slugs; none for all. */
  readonly providers: readonly string[];
  /** Only keys with this tag. */
  readonly tag?: string | undefined;
  readonly onlyEnabled: boolean;
  /** Whether groups and aliases come along. Groups keep the members that do. */
  readonly withGroups: boolean;
}

/** What has been written, once it is. */
export interface ExportCounts {
  providers: number;
  keys: number;
  /** Keys that the master key does not open. */
  unreadable: number;
}

/** Keys opened between two turns of the event loop: some 10 ms. */
const CHUNK_KEYS = 500;

/**
 * The export as JSON text, piece by piece, with every secret in clear. Client keys are not in it: only their hashes are
 * kept. `counts` is filled while it runs.
 */
export async function* exportText(
  { db, keyring, providers, groups, aliases }: ExportSource,
  filter: ExportFilter,
  exportedAtMs: number,
  counts: ExportCounts,
): AsyncGenerator<string> {
  const chosen = providers.filter(({ slug }) =>
    filter.providers.length === 0 || filter.providers.includes(slug)
  );
  const head = {
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    exportedAt: new Date(exportedAtMs).toISOString(),
  };
  yield `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "providers": [`;
  for (const [index, provider] of chosen.entries()) {
    yield `${index === 0 ? "" : ","}\n${JSON.stringify(settingsOf(provider)).slice(0, -1)},"keys":[`;
    counts.providers++;
    yield* keysText(db, keyring, provider.id, filter, counts);
    yield "]}";
  }
  const slugs = new Map(chosen.map(({ id, slug }) => [id, slug]));
  yield `\n  ],\n  "groups": ${
    listText(filter.withGroups ? groups.map((group) => groupOf(group, slugs)) : [])
  }`;
  yield `,\n  "aliases": ${listText(filter.withGroups ? aliases : [])}\n}\n`;
}

async function* keysText(
  db: Database,
  keyring: Pick<Keyring, "open">,
  providerId: string,
  { tag, onlyEnabled }: ExportFilter,
  counts: ExportCounts,
): AsyncGenerator<string> {
  let text = "";
  let separator = "\n";
  let opened = 0;
  for (const { key, sealedSecret } of await loadProviderKeys(db, providerId)) {
    if ((onlyEnabled && !key.isEnabled) || (tag !== undefined && !key.tags.includes(tag))) continue;
    const secret = openedOrNone(keyring, sealedSecret, key.id);
    if (secret === undefined) {
      counts.unreadable++;
      continue;
    }
    text += separator + JSON.stringify(keyOf(key, secret));
    separator = ",\n";
    counts.keys++;
    if (++opened % CHUNK_KEYS > 0) continue;
    yield text;
    text = "";
    await letOthersRun();
  }
  yield text;
}

function openedOrNone(keyring: Pick<Keyring, "open">, sealed: string, id: string): string | undefined {
  try {
    return keyring.open(sealed, id).reveal();
  } catch (error) {
    // One key that does not open must not hold up the others; it is counted.
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

/** In the form of the API's body of a new provider. */
function settingsOf({ id: _, headers, ...settings }: Provider): ExportedProvider {
  return { ...settings, headers: Object.fromEntries(headers) };
}

/** What differs from a key that was only typed in. */
function keyOf(key: ProviderKey, secret: string): ExportedKey {
  const { weight, priority, isEnabled, account, maxRequests, tags, metadata } = key;
  return {
    key: secret,
    ...(weight !== 1 && { weight }),
    ...(priority !== 0 && { priority }),
    ...(!isEnabled && { isEnabled }),
    ...(account !== undefined && { account }),
    ...(maxRequests !== undefined && { maxRequests }),
    ...(tags.length > 0 && { tags: [...tags] }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}

function groupOf({ id: _, members, ...group }: Group, slugs: ReadonlyMap<string, string>) {
  return {
    ...group,
    members: members.flatMap(({ providerId, ...member }) => {
      const provider = slugs.get(providerId);
      return provider === undefined ? [] : [{ provider, ...member }];
    }),
  };
}

function listText(items: readonly unknown[]): string {
  return items.length === 0 ? "[]" : `[\n${items.map((item) => JSON.stringify(item)).join(",\n")}\n  ]`;
}
