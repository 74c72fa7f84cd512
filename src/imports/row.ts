import { isRecord, parseJson } from "../core/json.ts";

/**
 * One entry of somebody's file or table, read by name whatever its way of writing names: `key_value`, `keyValue`,
 * `KeyValue` and `key-value` are the same. Values that come as text (CSV, tables) read as what they stand for.
 */
export class Row {
  readonly #members: ReadonlyMap<string, unknown>;

  private constructor(members: ReadonlyMap<string, unknown>) {
    this.#members = members;
  }

  /** `undefined` for what is no object. */
  static of(value: unknown): Row | undefined {
    if (!isRecord(value)) return undefined;
    return new Row(new Map(Object.entries(value).map(([name, member]) => [plain(name), member])));
  }

  /** Names as they are compared. */
  get names(): ReadonlySet<string> {
    return new Set(this.#members.keys());
  }

  /** Whether all of these members are there. */
  has(...names: readonly string[]): boolean {
    return names.every((name) => this.#members.has(plain(name)));
  }

  /** The first of these members that is there and not empty. */
  value(...names: readonly string[]): unknown {
    for (const name of names) {
      const found = this.#members.get(plain(name));
      if (found !== undefined && found !== null && found !== "") return found;
    }
    return undefined;
  }

  /** As text, trimmed; "" for what is neither text nor number. */
  text(...names: readonly string[]): string {
    const found = this.value(...names);
    if (typeof found === "string") return found.trim();
    return typeof found === "number" ? String(found) : "";
  }

  /** `undefined` for what is no number. */
  number(...names: readonly string[]): number | undefined {
    const text = this.text(...names);
    const number = Number(text);
    return text === "" || !Number.isFinite(number) ? undefined : number;
  }

  /** Yes or no, in any of the ways that tables write it; `undefined` when it is not told. */
  flag(...names: readonly string[]): boolean | undefined {
    const found = this.value(...names);
    if (typeof found === "boolean") return found;
    const text = typeof found === "number" ? String(found) : typeof found === "string" ? found.trim() : "";
    if (/^(?:true|t|yes|y|on|1|enabled?|active)$/i.test(text)) return true;
    return /^(?:false|f|no|n|off|0|disabled?|inactive|invalid)$/i.test(text) ? false : undefined;
  }

  /** A list, also one that stands as JSON or with commas or lines between; empty for anything else. */
  list(...names: readonly string[]): readonly unknown[] {
    const found = this.value(...names);
    if (Array.isArray(found)) return found;
    if (typeof found !== "string") return [];
    const json = found.trimStart().startsWith("[") ? parseJson(found) : undefined;
    if (Array.isArray(json)) return json;
    return found.split(/[\n,]/).map((entry) => entry.trim()).filter((entry) => entry !== "");
  }

  /** The texts of a list. */
  texts(...names: readonly string[]): string[] {
    return this.list(...names).filter((entry) => typeof entry === "string");
  }

  /** An object, also one that stands as JSON text; `undefined` for anything else. */
  record(...names: readonly string[]): Readonly<Record<string, unknown>> | undefined {
    const found = this.value(...names);
    const value = typeof found === "string" ? parseJson(found) : found;
    return isRecord(value) ? value : undefined;
  }

  /** The rows of a list, each with its index in it. */
  rows(...names: readonly string[]): { readonly row: Row; readonly index: number }[] {
    return rowsOf(this.list(...names));
  }
}

/** The objects of a list, each with its index in it. */
export function rowsOf(list: readonly unknown[]): { readonly row: Row; readonly index: number }[] {
  return list.flatMap((value, index) => {
    const row = Row.of(value);
    return row === undefined ? [] : [{ row, index }];
  });
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_\-\s]/g, "");
}
