import { readWords } from "./words.ts";

/** What `keyturn export` was told. */
export interface ExportCommand {
  /** A path that nothing has yet; `-` for standard output. */
  readonly file: string;
  /** Slug of the one provider; `undefined` for all. */
  readonly provider: string | undefined;
  readonly tag: string | undefined;
  /** Whether every key stands there in clear, instead of behind a passphrase. */
  readonly isPlain: boolean;
  /** Whether the passphrase stands in standard input, for scripts. */
  readonly isPassphraseFromStdin: boolean;
}

export const EXPORT_OPTIONS = `  FILE                a path that nothing has yet, or - for standard output
  --provider SLUG     only this provider; groups and aliases stay behind then
  --tag TAG           only keys with this tag
  --plain             writes the keys in clear; without it a passphrase is asked for on the terminal
  --password-stdin  reads the passphrase from standard input

Client keys are not in it: only their hashes are kept. A backup has them.`;

/** Reads the words behind `export`; a string says what is wrong with them. */
export function readExportWords(
  words: readonly string[],
): { readonly name: "export"; readonly options: ExportCommand } | string {
  const read = readWords("export", words, {
    values: ["--provider", "--tag"],
    flags: ["--plain", "--password-stdin"],
  });
  if (typeof read === "string") return read;
  const { file, values, flags } = read;
  return {
    name: "export",
    options: {
      file,
      provider: values("--provider").at(-1),
      tag: values("--tag").at(-1),
      isPlain: flags.has("--plain"),
      isPassphraseFromStdin: flags.has("--password-stdin"),
    },
  };
}
