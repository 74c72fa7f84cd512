/** A table read from text: records by the names of the first line, and the line that each begins on. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly records: readonly { readonly line: number; readonly values: Readonly<Record<string, string>> }[];
  /** Lines that have more or fewer fields than the first. */
  readonly badLines: readonly number[];
}

/**
 * CSV by RFC 4180, with `,` `;` or a tab between the fields, whichever the first line has most of. Empty lines are
 * passed over. A field may have line breaks in quotes.
 */
export function parseCsv(text: string): CsvTable {
  const separator = separatorOf(text);
  const lines = [...splitRecords(text, separator)].filter(({ fields }) =>
    fields.some((field) => field !== "")
  );
  const [first, ...rest] = lines;
  const header = (first?.fields ?? []).map((name) => name.trim());
  const whole = rest.filter(({ fields }) => fields.length === header.length);
  return {
    header,
    records: whole.map(({ line, fields }) => ({
      line,
      values: Object.fromEntries(header.map((name, at) => [name, fields[at] ?? ""])),
    })),
    badLines: rest.filter(({ fields }) => fields.length !== header.length).map(({ line }) => line),
  };
}

/** The names of the first line that has any. */
export function csvHeader(text: string): readonly string[] {
  const first = text.split(/\r\n|\r|\n/).find((line) => line.trim() !== "") ?? "";
  return parseCsv(first).header;
}

function separatorOf(text: string): string {
  const first = text.split(/\r\n|\r|\n/).find((line) => line.trim() !== "") ?? "";
  const [best = ","] = [",", ";", "\t"].toSorted((one, other) =>
    first.split(other).length - first.split(one).length
  );
  return best;
}

function* splitRecords(text: string, separator: string): Generator<{ line: number; fields: string[] }> {
  let line = 1;
  let startsAt = 1;
  let fields: string[] = [];
  let field = "";
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (isQuoted) {
      if (char === '"' && text[at + 1] === '"') field += text.charAt(++at);
      else if (char === '"') isQuoted = false;
      else field += char;
      if (char === "\n") line++;
    } else if (char === '"' && field.trim() === "") {
      field = "";
      isQuoted = true;
    } else if (char === separator) {
      fields.push(field);
      field = "";
    } else if (char === "\n" || char === "\r") {
      if (char === "\r" && text[at + 1] === "\n") at++;
      yield { line: startsAt, fields: [...fields, field] };
      fields = [];
      field = "";
      startsAt = ++line;
    } else field += char;
  }
  if (field !== "" || fields.length > 0) yield { line: startsAt, fields: [...fields, field] };
}
