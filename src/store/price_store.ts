import type { ModelPrice } from "../core/price.ts";
import type { PriceVersion } from "../core/price_book.ts";
import { integer, json, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import { storedPrice } from "./price_json.ts";
import type { Stamp } from "./stamp.ts";

/** Every price that was ever set, the earliest first: together they tell what held when. */
export async function listPriceVersions(db: Database): Promise<PriceVersion[]> {
  const rows = await db.read("SELECT * FROM prices ORDER BY valid_from_ms, created_at_ms, id");
  return rows.map(versionOf);
}

export interface NewPrice {
  /** "" for every provider. */
  readonly providerId: string;
  readonly model: string;
  readonly validFromMs: number;
  /** `undefined` takes the price back from that moment on. */
  readonly price: ModelPrice | undefined;
  readonly source: string;
}

/** Adds a version; those before it stay as the history. */
export async function addPriceVersion(
  db: Database,
  price: NewPrice,
  { newId, nowMs }: Stamp,
): Promise<PriceVersion> {
  const version = { ...price, id: newId(), createdAtMs: nowMs };
  await db.write([{
    sql: `INSERT INTO prices (id, provider_id, model, valid_from_ms, price, source, created_at_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    args: [
      version.id,
      version.providerId,
      version.model,
      version.validFromMs,
      version.price === undefined ? null : JSON.stringify(version.price),
      version.source,
      version.createdAtMs,
    ],
  }]);
  return version;
}

function versionOf(row: Row): PriceVersion {
  return {
    id: text(row, "id"),
    providerId: text(row, "provider_id"),
    model: text(row, "model"),
    validFromMs: integer(row, "valid_from_ms"),
    price: row["price"] === null ? undefined : json(row, "price", storedPrice),
    source: text(row, "source"),
    createdAtMs: integer(row, "created_at_ms"),
  };
}
