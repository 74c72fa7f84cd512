const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/**
 * Milliseconds of a duration in Go's form (`12ms`, `1s`, `6m0s`, `2m59.56s`, `1h2m3s`) or in words
 * (`37 seconds`, `1 hour 5 min`); a leading minus is kept. `undefined` for anything else.
 */
export function parseDurationMs(text: string): number | undefined {
  const [, sign, rest] = /^\s*(-?)\s*(.*?)\s*$/.exec(text) ?? [];
  if (rest === undefined || rest === "" || rest.length > 100) return undefined;
  const pieces = /(\d+(?:\.\d+)?)\s*([a-zµ]+)[\s,]*/giy;
  let totalMs = 0;
  while (pieces.lastIndex < rest.length) {
    const [, amount, unit] = pieces.exec(rest) ?? [];
    const unitMs = unit === undefined ? undefined : UNIT_MS.get(shortUnit(unit.toLowerCase()));
    if (unitMs === undefined) return undefined;
    totalMs += Number(amount) * unitMs;
  }
  return sign === "-" ? -totalMs : totalMs;
}

function shortUnit(unit: string): string {
  if (UNIT_MS.has(unit)) return unit;
  if (/^milli(?:second)?s?$|^msecs?$/.test(unit)) return "ms";
  if (/^sec(?:ond)?s?$/.test(unit)) return "s";
  if (/^min(?:ute)?s?$/.test(unit)) return "m";
  if (/^(?:hrs?|hours?)$/.test(unit)) return "h";
  return /^days?$/.test(unit) ? "d" : unit;
}
