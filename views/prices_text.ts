/** Nano-dollars for a million tokens as dollars: `$2.50`, `$0.075`; "–" for none. */
export function dollarsText(nanoPerMillion: number | undefined): string {
  if (nanoPerMillion === undefined) return "–";
  const dollars = nanoPerMillion / 1e9;
  const digits = Math.min(6, Math.max(2, (String(dollars).split(".")[1] ?? "").length));
  return `$${dollars.toFixed(digits)}`;
}
