import { ImportBuilder } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { addKeyRow } from "./key_rows.ts";
import { Row, rowsOf } from "./row.ts";

/**
 * API Key Pool Service: the bodies of `POST /admin/keys` (`{provider, apiKey, maxRequests, metadata}`), as a list or
 * under `keys`. It keeps its keys in memory alone, so that a list of what was sent to it is all there is to move.
 */
export function readApiKeyPool(value: unknown): Imported | undefined {
  const list = Array.isArray(value) ? value : Row.of(value)?.list("keys") ?? [];
  const rows = rowsOf(list).filter(({ row }) => row.has("provider", "api_key", "max_requests"));
  if (rows.length === 0) return undefined;
  const builder = new ImportBuilder("api-key-pool");
  for (const { row, index } of rows) addKeyRow(builder, row, `keys[${index}]`);
  return builder.build();
}
