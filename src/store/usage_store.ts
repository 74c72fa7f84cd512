import {
  LATENCY_MEASURES,
  type LatencyMinute,
  USAGE_COUNTS,
  USAGE_SOURCES,
  type UsageMinute,
} from "../core/usage.ts";
import type { Database, Statement } from "./database.ts";
import { nameIds, numberOf } from "./name_store.ts";
import { addOnConflict, type Family, KEY_USAGE, LATENCY, USAGE } from "./usage_family.ts";
import { valuesList } from "./values_list.ts";

/** Counts to be added, all in one transaction. */
export interface UsageBatch {
  /** With the provider key; the sums without it are made here. */
  readonly usage: readonly UsageMinute[];
  readonly latencies: readonly LatencyMinute[];
}

/**
 * Adds the counts to those already stored: all are added or none. What belongs to a minute that is rolled up already
 * counts as of the first one that is not, so that it is neither lost nor counted twice.
 */
export async function addUsage(db: Database, { usage, latencies }: UsageBatch): Promise<void> {
  if (usage.length === 0 && latencies.length === 0) return;
  const names = new Set<string>();
  for (const { providerId, providerKeyId, clientKeyId, group, model } of usage) {
    names.add(providerId).add(providerKeyId).add(clientKeyId).add(group).add(model);
  }
  for (const { providerId, clientKeyId, group, model } of latencies) {
    names.add(providerId).add(clientKeyId).add(group).add(model);
  }
  const ids = await nameIds(db, names);
  const rows = usage.map((each) => keyRowOf(each, ids));
  await db.write([
    ...addStatement(KEY_USAGE, rows),
    ...addStatement(USAGE, withoutKeys(rows)),
    ...addStatement(LATENCY, latencies.map((each) => latencyRowOf(each, ids))),
  ]);
}

type Numbers = readonly number[];

function addStatement(family: Family, rows: readonly Numbers[]): Statement[] {
  if (rows.length === 0) return [];
  const { name, dimensions, sums } = family;
  const others = [...dimensions, ...sums];
  const { sql, args } = valuesList(rows);
  return [{
    // The table that VALUES makes calls its columns column1, column2 and so on.
    sql: `INSERT INTO ${name}_minutes (at, ${others.join(", ")})
      SELECT max(column1, (SELECT open_at FROM rollups WHERE family = '${name}' AND level = 'hours')),
        ${others.map((_, index) => `column${index + 2}`).join(", ")}
      FROM (${sql}) WHERE true ${addOnConflict(family)}`,
    args,
  }];
}

/** In the order of the primary key, then of `USAGE_COUNTS`. */
function keyRowOf(usage: UsageMinute, ids: ReadonlyMap<string, number>): number[] {
  const { minute, providerKeyId, providerId, clientKeyId, group, model, statusClass, usageSource } = usage;
  const row = [
    minute,
    numberOf(ids, providerKeyId),
    numberOf(ids, providerId),
    numberOf(ids, clientKeyId),
    numberOf(ids, group),
    numberOf(ids, model),
    statusClass,
    USAGE_SOURCES.indexOf(usageSource),
  ];
  for (const name of USAGE_COUNTS) row.push(usage.counts[name]);
  return row;
}

/** Rows of `KEY_USAGE` added up over the provider keys, in the order of `USAGE`. */
function withoutKeys(keyRows: readonly Numbers[]): Numbers[] {
  const sums = new Map<string, number[]>();
  for (const [minute = 0, _providerKey, provider = 0, clientKey = 0, ...others] of keyRows) {
    const row = [minute, clientKey, provider, ...others];
    const key = row.slice(0, FIRST_COUNT).join();
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, row);
      continue;
    }
    for (let place = FIRST_COUNT; place < row.length; place++) {
      sum[place] = (sum[place] ?? 0) + (row[place] ?? 0);
    }
  }
  return [...sums.values()];
}

/** `at` and the dimensions come before. */
const FIRST_COUNT = 1 + USAGE.dimensions.length;

function latencyRowOf(latency: LatencyMinute, ids: ReadonlyMap<string, number>): number[] {
  const { minute, clientKeyId, providerId, group, model, measure, buckets } = latency;
  return [
    minute,
    numberOf(ids, clientKeyId),
    numberOf(ids, providerId),
    numberOf(ids, group),
    numberOf(ids, model),
    LATENCY_MEASURES.indexOf(measure),
    ...LATENCY.sums.map((_, index) => buckets[index] ?? 0),
  ];
}
