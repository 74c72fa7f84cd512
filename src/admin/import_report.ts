import type { LeftOut } from "../imports/imported.ts";
import type { View } from "../../views/view.ts";

/** What an import leaves out, as a CSV file to be opened in a spreadsheet. */
export function reportCsv(leftOut: readonly LeftOut[], view: View, fileName: string): Response {
  const { reasons } = view.messages.importKeys;
  const rows = leftOut.map(({ place, reason, what = "" }) => [String(place), reason, reasons[reason], what]);
  const lines = [["place", "reason", "explanation", "what"], ...rows].map((row) => row.map(cell).join(","));
  // The byte order mark tells spreadsheets that this is UTF-8.
  return new Response(`\uFEFF${lines.join("\r\n")}\r\n`, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${fileName}"`,
    },
  });
}

/** Quoted where it must be; what a spreadsheet would take for a formula is made a text (OWASP, "CSV Injection"). */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
