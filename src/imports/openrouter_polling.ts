import { ImportBuilder, weightOf } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { Row, rowsOf } from "./row.ts";

/**
 * openrouter_polling: the rows of its table `openrouter_api_keys`, fields as in storage/models.go of
 * github.com/ctl456/openrouter_polling. What its list of `key:weight` looks like is read as text.
 */
export function readOpenrouterPolling(value: unknown): Imported | undefined {
  const list = Array.isArray(value) ? value : Row.of(value)?.list("openrouter_api_keys") ?? [];
  const rows = rowsOf(list).filter(({ row }) => row.has("key", "weight", "failure_count"));
  if (rows.length === 0) return undefined;
  const builder = new ImportBuilder("openrouter-polling");
  const provider = builder.provider({
    ref: "openrouter",
    preset: "openrouter",
    settings: { strategy: "weighted" },
  });
  for (const { row, index } of rows) {
    // A row that was deleted stays in the table. Whether a key was resting there is not taken over: it is tried again.
    if (row.text("deleted_at") !== "") continue;
    provider.add(row.text("key"), `openrouter_api_keys[${index}]`, weightOf(row.number("weight")));
  }
  return builder.build();
}
