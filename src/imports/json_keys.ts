import { isRecord } from "../core/json.ts";
import { ImportBuilder } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { addKeyRow, KEY_NAMES } from "./key_rows.ts";
import { presetNamed } from "./known_names.ts";
import { Row } from "./row.ts";
import { slugOf } from "./slug.ts";
import { addByShape } from "./text_lines.ts";

/**
 * JSON that says nothing of where it comes from: an array of keys, of objects with a key in each
 * (`{provider?, key, weight?, tags?}`), `{provider?, keys: [...]}`, or `{"openai": ["sk-..."], "gemini": "AIza..."}`.
 */
export function readJsonKeys(value: unknown): Imported | undefined {
  const builder = new ImportBuilder("json");
  const top = Row.of(value);
  let count = 0;
  const addAll = (list: readonly unknown[], path: string, provider = "") => {
    list.forEach((entry, index) => {
      if (addOne(builder, entry, `${path}[${index}]`, provider)) count++;
    });
  };
  if (Array.isArray(value)) addAll(value, "");
  else if (top !== undefined && Array.isArray(top.value("keys", "api_keys"))) {
    addAll(top.list("keys", "api_keys"), "keys", top.text("provider"));
  } else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (presetNamed(name) !== undefined || Array.isArray(member)) {
        addAll(Array.isArray(member) ? member : [member], name, name);
      }
    }
  }
  return count === 0 ? undefined : builder.build();
}

/** Whether it is anything that could be a key. */
function addOne(builder: ImportBuilder, entry: unknown, place: string, provider: string): boolean {
  const row = Row.of(entry);
  if (row !== undefined && KEY_NAMES.some((name) => row.has(name))) {
    addKeyRow(builder, row, place, provider);
    return true;
  }
  if (typeof entry !== "string") {
    builder.leaveOut(place, "unreadable_row");
    return false;
  }
  if (provider === "") addByShape(builder, entry, place);
  else {
    const preset = presetNamed(provider);
    builder.provider({ ref: preset ?? provider, preset, slug: preset ?? slugOf(provider) ?? "" })
      .addEntry(entry, place);
  }
  return true;
}
