import { keyFilter } from "./key_filter.ts";
import type { KeyChoice } from "./key_bulk_targets.ts";

/** The keys that a form was about which comes back; a filter that does not read chooses none. */
export function choiceOfForm(values: Readonly<Record<string, string>>): KeyChoice {
  const fields = Object.entries(values).filter(([name, value]) => name.startsWith("filter.") && value !== "");
  const filter = keyFilter.safeParse(
    Object.fromEntries(fields.map(([name, value]) => [name.slice("filter.".length), value])),
  );
  return {
    scope: values.scope === "all" && filter.success ? "all" : "chosen",
    filter: filter.data ?? {},
    ids: (values.ids ?? "").split(/[\n,]/).filter((id) => id !== ""),
  };
}
