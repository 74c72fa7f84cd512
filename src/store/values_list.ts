/** A value of a row: numbers stand in the statement itself, which costs half of what binding them does. */
export type Cell = string | number | null;

/** `VALUES (…), (…)` with its arguments, which are the texts among the cells. */
export function valuesList(
  rows: readonly (readonly Cell[])[],
): { readonly sql: string; readonly args: string[] } {
  const args: string[] = [];
  const lines = rows.map((row) => {
    const cells = row.map((cell) => {
      if (typeof cell === "number") return String(cell);
      if (cell === null) return "NULL";
      args.push(cell);
      return "?";
    });
    return `(${cells.join(",")})`;
  });
  return { sql: `VALUES ${lines.join(",")}`, args };
}
