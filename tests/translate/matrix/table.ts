/** A line for each client and provider, a column for each feature. */
export function renderTable(
  clients: readonly string[],
  providers: readonly string[],
  features: readonly string[],
  passed: ReadonlySet<string>,
): string {
  const rows = clients.flatMap((client) =>
    providers.map((provider) => ({
      head: `${client} -> ${provider}`,
      cells: features.map((feature) => passed.has(`${client} -> ${provider}: ${feature}`) ? "pass" : "FAIL"),
    }))
  );
  const width = Math.max(...rows.map(({ head }) => head.length));
  const heads = features.map((feature, index) => `${String(index + 1).padStart(4)}  ${feature}`);
  const numbers = features.map((_, index) => String(index + 1).padStart(5)).join("");
  const count = rows.flatMap(({ cells }) => cells).filter((cell) => cell === "pass").length;
  return [
    "",
    ...heads,
    "",
    " ".repeat(width) + numbers,
    ...rows.map(({ head, cells }) => head.padEnd(width) + cells.map((cell) => cell.padStart(5)).join("")),
    `${count} of ${rows.length * features.length} cells pass`,
    "",
  ].join("\n");
}
