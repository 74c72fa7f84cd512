import { readWords } from "./words.ts";

/** What `keyturn import` was told. */
export interface ImportCommand {
  /** A path; `-` for standard input. */
  readonly file: string;
  /** Slug of the provider that all keys go to; `undefined` for the ones that the file names. */
  readonly provider: string | undefined;
  readonly tags: readonly string[];
  readonly isDryRun: boolean;
  readonly withClientKeys: boolean;
  /** Whether the passphrase stands in standard input, for scripts. */
  readonly isPassphraseFromStdin: boolean;
}

export const IMPORT_OPTIONS = `  FILE                a path, or - for standard input
  --provider SLUG     sends every key to this provider; a known one is made
  --tag TAG           marks every key with it; may be given more than once
  --client-keys       takes over what callers present, too
  --dry-run           tells what would be taken over, and changes nothing
  --password-stdin  reads the passphrase of a sealed export from standard input`;

/** Reads the words behind `import`; a string says what is wrong with them. */
export function readImportWords(
  words: readonly string[],
): { readonly name: "import"; readonly options: ImportCommand } | string {
  const read = readWords("import", words, {
    values: ["--provider", "--tag"],
    flags: ["--dry-run", "--client-keys", "--password-stdin"],
  });
  if (typeof read === "string") return read;
  const { file, values, flags } = read;
  if (file === "-" && flags.has("--password-stdin")) return "import cannot read both from standard input";
  return {
    name: "import",
    options: {
      file,
      provider: values("--provider").at(-1),
      tags: values("--tag"),
      isDryRun: flags.has("--dry-run"),
      withClientKeys: flags.has("--client-keys"),
      isPassphraseFromStdin: flags.has("--password-stdin"),
    },
  };
}
