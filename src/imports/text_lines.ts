import { presetsOfKey } from "../core/key_shape.ts";
import { ImportBuilder, type KeyExtras, type ProviderBuilder } from "./import_builder.ts";
import type { Imported, Place } from "./imported.ts";

/**
 * Keys separated by newlines or commas, `key` or `key:weight`, as openrouter_polling and gpt-load's text export write
 * them. Lines that begin with `#` or `//` are comments. Quotes around a key fall off.
 */
export function readTextLines(text: string): Imported {
  const builder = new ImportBuilder("text");
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#") || trimmed.startsWith("//")) return;
    for (const part of trimmed.split(",")) {
      const entry = part.trim().replace(/^(["'])(.*)\1$/, "$2");
      if (entry !== "") addByShape(builder, entry, index + 1);
    }
  });
  return builder.build();
}

/** Adds `key` or `key:weight` to the provider whose keys look like it, or to the one that is to be told. */
export function addByShape(
  builder: ImportBuilder,
  entry: string,
  place: Place,
  extras: KeyExtras = {},
): void {
  providerByShape(builder, entry).addEntry(entry, place, extras);
}

/** The provider whose keys look like this one; several candidates, or none, make it the nameless one. */
export function providerByShape(builder: ImportBuilder, key: string): ProviderBuilder {
  const [preset, ...others] = presetsOfKey(key.replace(/:\d{1,5}$/, ""));
  return preset !== undefined && others.length === 0
    ? builder.provider({ ref: preset, preset })
    : builder.provider({ ref: "", slug: "" });
}
