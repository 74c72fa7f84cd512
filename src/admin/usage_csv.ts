/**
 * Rows as a CSV file (RFC 4180), nested fields with a dot in their names. What a spreadsheet would take for a formula
 * gets an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function csvOf(rows: readonly Readonly<Record<string, unknown>>[], fileName: string): Response {
  const flat = rows.map(flatten);
  const columns = [...new Set(flat.flatMap((row) => [...row.keys()]))];
  const lines = [columns, ...flat.map((row) => columns.map((column) => row.get(column) ?? ""))];
  const text = lines.map((line) => line.map(cellOf).join(",")).join("\r\n") + "\r\n";
  return new Response(text, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${fileName}"`,
    },
  });
}

/** One line of a CSV file, for those that are written piece by piece. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

type CsvCell = string | number | boolean;

function flatten(row: Readonly<Record<string, unknown>>): ReadonlyMap<string, CsvCell> {
  const cells = new Map<string, CsvCell>();
  const add = (name: string, value: unknown) => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [member, each] of Object.entries(value)) add(`${name}.${member}`, each);
    } else if (value !== null && value !== undefined) {
      cells.set(
        name,
        typeof value === "number" || typeof value === "boolean"
          ? value
          : typeof value === "string"
          ? value
          : JSON.stringify(value),
      );
    }
  };
  for (const [name, value] of Object.entries(row)) add(name, value);
  return cells;
}

function cellOf(value: CsvCell): string {
  if (typeof value !== "string") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
