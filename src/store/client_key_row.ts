import { z } from "zod";
import type { ClientKey, ClientKeyBounds } from "../core/client_key.ts";
import type { ClientLimits } from "../core/client_limits.ts";
import { flag, integer, json, optional, text } from "./columns.ts";
import type { Row } from "./database.ts";

/** A client key with what it is looked up by (client_key_hash.ts), and when it was last used. */
export interface StoredClientKey {
  readonly clientKey: ClientKey;
  readonly hash: string;
  /** The hash of the secret before the last rotation, which is accepted until `graceUntilMs`. */
  readonly previous?: PreviousHash;
  /** `undefined` when it was never used, or not long enough ago to be written. */
  readonly lastUsedMs?: number;
}

export interface PreviousHash {
  readonly hash: string;
  readonly graceUntilMs: number;
}

export function storedClientKeyOf(row: Row): StoredClientKey {
  const clientKey: ClientKey = {
    id: text(row, "id"),
    name: text(row, "name"),
    lastFour: text(row, "last_four"),
    isEnabled: flag(row, "enabled"),
    ...optional(row, "expires_at_ms", "expiresAtMs", integer),
    createdAtMs: integer(row, "created_at_ms"),
    targets: json(row, "targets", namesSchema),
    models: json(row, "models", namesSchema),
    networks: json(row, "networks", namesSchema),
    limits: json(row, "limits", limitsSchema),
  };
  return {
    clientKey,
    hash: text(row, "hash"),
    ...optional(row, "previous_hash", "previous", previousOf),
    ...optional(row, "last_used_ms", "lastUsedMs", integer),
  };
}

/** The columns targets, models, networks and limits. */
export function boundsArgs({ targets, models, networks, limits }: ClientKeyBounds): string[] {
  return [targets, models, networks, limits].map((column) => JSON.stringify(column));
}

const namesSchema = z.array(z.string());

/** A limit that this version does not know is dropped. */
const limitsSchema = z.object(
  {
    requestsPerMinute: z.number().exactOptional(),
    tokensPerMinute: z.number().exactOptional(),
    concurrency: z.number().exactOptional(),
    requestsPerDay: z.number().exactOptional(),
    requestsPerMonth: z.number().exactOptional(),
    tokensPerDay: z.number().exactOptional(),
    tokensPerMonth: z.number().exactOptional(),
    nanoDollarsPerDay: z.number().exactOptional(),
    nanoDollarsPerMonth: z.number().exactOptional(),
  } satisfies Record<keyof ClientLimits, z.ZodType>,
);

function previousOf(row: Row, column: string): PreviousHash {
  return { hash: text(row, column), graceUntilMs: integer(row, "grace_until_ms") };
}
