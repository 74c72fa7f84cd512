import { ImportBuilder } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { Row, rowsOf } from "./row.ts";

/**
 * gemini-pool: the rows of its table `api_keys` (`key_name`, `api_key`), which are what its callers present
 * (`gp_` and a UUID); the keys of the provider stand in `GEMINI_API_KEYS` of its `.env`, which is read as such.
 * Source: src/main.rs of github.com/cod3vil/gemini-pool.
 */
export function readGeminiPool(value: unknown): Imported | undefined {
  const list = Array.isArray(value) ? value : Row.of(value)?.list("api_keys") ?? [];
  const rows = rowsOf(list).filter(({ row }) => row.has("key_name", "api_key"));
  if (rows.length === 0) return undefined;
  const builder = new ImportBuilder("gemini-pool");
  for (const { row, index } of rows) {
    const isEnabled = row.flag("is_active") ?? true;
    builder.addClientKey(row.text("api_key"), `api_keys[${index}]`, {
      name: row.text("key_name"),
      isEnabled,
    });
  }
  return builder.build();
}
