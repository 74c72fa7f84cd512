import type { ModelPrice, TokenRates } from "../core/price.ts";
import { integer, text } from "./columns.ts";
import type { Database, Statement } from "./database.ts";
import type { PriceAt } from "./request_cost_store.ts";
import { type Family, type Level, nameOf, tableOf } from "./usage_family.ts";
import { valuesList } from "./values_list.ts";

const UNIT_MS: Readonly<Record<Level, number>> = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** The next minute, hour or day of a range that something was counted in; `undefined` when there is none. */
export async function findNextCounted(
  db: Database,
  family: Family,
  level: Level,
  fromAt: number,
  toAt: number,
): Promise<number | undefined> {
  const [row] = await db.read(
    `SELECT min(at) AS at FROM ${tableOf(family, level)} WHERE at >= ? AND at < ?`,
    [
      fromAt,
      toAt,
    ],
  );
  return row === undefined || row["at"] === null ? undefined : integer(row, "at");
}

/**
 * Counts the costs of one minute, hour or day anew from its sums of tokens, some `maxRows` rows a write; gives how many
 * rows there were. Where the minutes of an hour (or hours of a day) are all there, it is their sum; else the price
 * that held when it began counts for all of it. Sums do not tell how long prompts were: where long ones have rates of
 * their own, only sums that miss a price are counted, at the rates of short ones.
 */
export async function repriceUsage(
  db: Database,
  family: Family,
  level: Level,
  at: number,
  priceAt: PriceAt,
  maxRows: number,
  rest: () => Promise<void>,
): Promise<number> {
  const table = tableOf(family, level);
  const models = await db.read(
    `SELECT provider, model, ${nameOf("provider")} AS provider_name, ${nameOf("model")} AS model_name
     FROM (SELECT DISTINCT provider, model FROM ${table} WHERE at = ? AND metered > 0)`,
    [at],
  );
  const prices = models.flatMap((row) => {
    const priced = priceAt(text(row, "provider_name"), text(row, "model_name"), at * UNIT_MS[level]);
    if (priced === "kept") return [];
    return [[integer(row, "provider"), integer(row, "model"), ...ratesRow(priced?.price)]];
  });
  if (prices.length === 0) return 0;
  const { sql } = valuesList(prices);
  const [piece = ""] = family.dimensions;
  let rows = 0;
  for (let after: number | undefined = -1; after !== undefined;) {
    const [last]: readonly Readonly<Record<string, unknown>>[] = await db.read(
      `SELECT ${piece} AS piece FROM ${table} WHERE at = ? AND ${piece} > ? ORDER BY ${piece} LIMIT 1 OFFSET ?`,
      [at, after, maxRows - 1],
    );
    const upTo: number | undefined = typeof last?.["piece"] === "number" ? last["piece"] : undefined;
    const [written] = await db.write([{
      sql: `UPDATE ${table} SET
          cost_nano_dollars = iif(price.column3 = 0, 0, ${COST}),
          unpriced = iif(price.column3 = 0, metered, 0)
        FROM (${sql}) AS price
        WHERE at = ? AND ${piece} > ? AND ${piece} <= ? AND metered > 0
          AND provider = price.column1 AND model = price.column2 AND (price.column4 = 0 OR unpriced > 0)`,
      args: [at, after, upTo ?? Number.MAX_SAFE_INTEGER],
    }, ...sumOfParts(family, level, at, after, upTo ?? Number.MAX_SAFE_INTEGER)]);
    rows += written?.changedRows ?? 0;
    after = upTo;
    await rest();
  }
  return rows;
}

/** Takes the costs of the smaller units that were rolled up into it, where they are all still there. */
function sumOfParts(family: Family, level: Level, at: number, after: number, upTo: number): Statement[] {
  if (level === "minutes") return [];
  const [parts, unit] = level === "hours" ? ["minutes", 60] as const : ["hours", 24] as const;
  const [piece = ""] = family.dimensions;
  const dimensions = family.dimensions.join(", ");
  const same = family.dimensions.map((column) => `whole.${column} = part.${column}`).join(" AND ");
  // One look-up for each of them: a range of `at` would read all of their other rows, too.
  const times = Array.from({ length: unit }, (_, index) => at * unit + index).join(", ");
  return [{
    sql: `UPDATE ${tableOf(family, level)} AS whole SET
        cost_nano_dollars = part.cost_nano_dollars, unpriced = part.unpriced
      FROM (
        SELECT ${dimensions}, sum(attempts) AS attempts, sum(metered) AS metered,
          sum(cost_nano_dollars) AS cost_nano_dollars, sum(unpriced) AS unpriced
        FROM ${
      tableOf(family, parts)
    } WHERE at IN (${times}) AND ${piece} > ? AND ${piece} <= ? AND (at, ${piece}) <= (
          SELECT at, done FROM rollups WHERE family = '${family.name}' AND level = '${level}'
        )
        GROUP BY ${dimensions}
      ) AS part
      WHERE whole.at = ? AND ${same} AND whole.attempts = part.attempts AND whole.metered = part.metered`,
    args: [after, upTo, at],
  }];
}

/** Columns of the sums that have rates of their own, and where their rates stand in a row of prices. */
const PARTS = [
  ["cached_tokens", 7],
  ["cache_write_tokens - cache_write_hour_tokens", 8],
  ["cache_write_hour_tokens", 9],
  ["audio_input_tokens", 10],
  ["image_input_tokens", 11],
  ["reasoning_tokens", 12],
  ["audio_output_tokens", 13],
  ["image_output_tokens", 14],
] as const;

const COST = (() => {
  // Each part at its rate; of the whole only what is left. A whole rate times tokens would be more than 64 bits hold.
  const billed = [
    ["input_tokens", 5] as const,
    ["output_tokens", 6] as const,
    ...PARTS,
  ];
  const sum = (rate: (place: number) => string) =>
    billed.map(([tokens, place]) => `(${tokens}) * ${rate(place)}`).join(" + ");
  const whole = sum((place) => `(price.column${place} / 1000000)`);
  const millionths = sum((place) => `(price.column${place} % 1000000)`);
  return `max(0, ${whole} + (${millionths} + 500000) / 1000000)`;
})();

/** Whether there is a price, whether it has other rates for long prompts, the rates, and what each part adds to them. */
function ratesRow(price: ModelPrice | undefined): number[] {
  if (price === undefined) return new Array<number>(12).fill(0);
  const { inputNanoPerMillion: input, outputNanoPerMillion: output } = price;
  const write = price.cacheWriteNanoPerMillion ?? input;
  return [
    1,
    price.longPrompt === undefined ? 0 : 1,
    input,
    output,
    ...differences(price, input, output, write),
  ];
}

/** A part is in the whole already, so that only the difference of its rate is added. */
function differences(rates: TokenRates, input: number, output: number, write: number): number[] {
  return [
    (rates.cachedNanoPerMillion ?? input) - input,
    write - input,
    (rates.cacheWriteHourNanoPerMillion ?? write) - input,
    (rates.audioInputNanoPerMillion ?? input) - input,
    (rates.imageInputNanoPerMillion ?? input) - input,
    (rates.reasoningNanoPerMillion ?? output) - output,
    (rates.audioOutputNanoPerMillion ?? output) - output,
    (rates.imageOutputNanoPerMillion ?? output) - output,
  ];
}
