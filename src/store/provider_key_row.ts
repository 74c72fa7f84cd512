import { z } from "zod";
import type { ProviderKey } from "../core/provider_key.ts";
import { flag, integer, json, optional, text } from "./columns.ts";
import type { Row } from "./database.ts";

/** The columns of provider_keys that `providerKeyOf` reads. */
export const PROVIDER_KEY_COLUMNS =
  "id, provider_id, last_four, enabled, weight, priority, account, max_requests, tags, metadata, created_at_ms";

export function providerKeyOf(row: Row): ProviderKey {
  return {
    id: text(row, "id"),
    providerId: text(row, "provider_id"),
    lastFour: text(row, "last_four"),
    isEnabled: flag(row, "enabled"),
    weight: integer(row, "weight"),
    priority: integer(row, "priority"),
    ...optional(row, "account", "account", text),
    ...optional(row, "max_requests", "maxRequests", integer),
    // Most keys have neither, and of 100,000 of them each share one empty value.
    tags: row.tags === "[]" ? NO_TAGS : json(row, "tags", tagsSchema),
    metadata: row.metadata === "{}" ? NO_METADATA : json(row, "metadata", metadataSchema),
    createdAtMs: integer(row, "created_at_ms"),
  };
}

const NO_TAGS: readonly string[] = Object.freeze([]);
const NO_METADATA: Readonly<Record<string, unknown>> = Object.freeze({});
const tagsSchema = z.array(z.string());
const metadataSchema = z.record(z.string(), z.unknown());
