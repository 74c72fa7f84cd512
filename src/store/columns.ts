import type { z } from "zod";
import type { Row } from "./database.ts";
import { StoreError } from "./store_error.ts";

/** Typed reading of a row's columns. All throw `StoreError` `bad_row`, naming the column and not its content. */

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw badColumn(column);
  return value;
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw badColumn(column);
  return value;
}

export function flag(row: Row, column: string): boolean {
  return integer(row, column) !== 0;
}

/** A JSON column, checked by its schema. */
export function json<T>(row: Row, column: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(text(row, column), column));
  if (!parsed.success) throw badColumn(column);
  return parsed.data;
}

/** The object `{ [name]: value }` for a column that is set, `{}` for NULL: to spread into an optional property. */
export function optional<Name extends string, T>(
  row: Row,
  column: string,
  name: Name,
  read: (row: Row, column: string) => T,
): { [key in Name]?: T } {
  const found: { [key in Name]?: T } = {};
  if (row[column] !== null) found[name] = read(row, column);
  return found;
}

function parseJson(value: string, column: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw badColumn(column);
  }
}

function badColumn(column: string): StoreError {
  return new StoreError("bad_row", `Cannot read stored row: column ${column} has a value of the wrong kind`);
}
