import { BUCKET_COUNT } from "../core/histogram.ts";
import { USAGE_COUNTS, type UsageDimension } from "../core/usage.ts";

/** A set of three tables with the same columns: counts of minutes, of hours and of days. */
export interface Family {
  readonly name: "usage" | "key_usage" | "latency";
  /** In the order of the primary key, after `at`; a roll-up goes through the first one piece by piece. */
  readonly dimensions: readonly string[];
  /** What is added up. */
  readonly sums: readonly string[];
}

export type Level = "minutes" | "hours" | "days";

/** Columns of the dimensions. */
export const DIMENSION_COLUMNS: Readonly<Record<UsageDimension, string>> = {
  providerId: "provider",
  providerKeyId: "provider_key",
  clientKeyId: "client_key",
  group: "grp",
  model: "model",
  statusClass: "status_class",
  usageSource: "source",
};

/** Those that hold a number for a name (`names`). */
export const NAMED: ReadonlySet<string> = new Set(["provider", "provider_key", "client_key", "grp", "model"]);

const COUNT_COLUMNS = USAGE_COUNTS.map(columnOf);

/** Without the provider key: what nearly every question is answered from. */
export const USAGE: Family = {
  name: "usage",
  dimensions: ["client_key", "provider", "grp", "model", "status_class", "source"],
  sums: COUNT_COLUMNS,
};

/** With the provider key. */
export const KEY_USAGE: Family = {
  name: "key_usage",
  dimensions: ["provider_key", "provider", "client_key", "grp", "model", "status_class", "source"],
  sums: COUNT_COLUMNS,
};

/** Histograms: a column for each bucket, so that they add up as counts do. */
export const LATENCY: Family = {
  name: "latency",
  dimensions: ["client_key", "provider", "grp", "model", "measure"],
  sums: Array.from({ length: BUCKET_COUNT }, (_, bucket) => `b${bucket}`),
};

export const FAMILIES: readonly Family[] = [USAGE, KEY_USAGE, LATENCY];

export const tableOf = ({ name }: Family, level: Level) => `${name}_${level}`;

/** `costNanoDollars` -> `cost_nano_dollars` */
export function columnOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `ON CONFLICT …`: adds to the row that is there. */
export function addOnConflict({ dimensions, sums }: Family): string {
  const added = sums.map((column) => `${column} = ${column} + excluded.${column}`);
  return `ON CONFLICT (at, ${dimensions.join(", ")}) DO UPDATE SET ${added.join(", ")}`;
}

/** The name of the number that the SQL expression gives. */
export const nameOf = (expression: string) => `(SELECT name FROM names WHERE id = ${expression})`;
