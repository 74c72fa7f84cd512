import { EXPORT_OPTIONS, type ExportCommand, readExportWords } from "./export_arguments.ts";
import { IMPORT_OPTIONS, type ImportCommand, readImportWords } from "./import_arguments.ts";

/** What the program is asked to do. */
export type Command =
  | { readonly name: "serve" }
  | { readonly name: "demo"; readonly seconds: number | undefined }
  | { readonly name: "reset-password"; readonly isFromStdin: boolean }
  | { readonly name: "rotate-secret" }
  | { readonly name: "doctor" }
  | { readonly name: "backup"; readonly file: string }
  | { readonly name: "restore"; readonly file: string }
  | { readonly name: "import"; readonly options: ImportCommand }
  | { readonly name: "export"; readonly options: ExportCommand }
  | { readonly name: "help"; readonly of?: string }
  | { readonly name: "version" };

/** One command of the program: what stands in the usage, and how the words behind it are read. */
interface CommandEntry {
  readonly name: Command["name"];
  /** What may stand behind the name. */
  readonly form: string;
  readonly about: string;
  /** Shown by `keyturn <name> --help`; lines of at most 100 characters. */
  readonly more?: string;
  /** A string says what is wrong with the words. */
  readonly read: (words: readonly string[]) => Command | string;
}

/** Every command, in the order of the usage. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: "serve",
    form: "",
    about: "starts the server (settings: environment variables, see .env.example)",
    read: (words) => nothing("serve", words) ?? { name: "serve" },
  },
  {
    name: "demo",
    form: "[--seconds N]",
    about: "starts simulated providers, a server in front of them and a gentle load",
    read: readDemo,
  },
  {
    name: "doctor",
    form: "",
    about: "looks at settings, stores, master key, port, clock and providers, and tells how to mend them",
    more: "Changes nothing, also while a server runs. Ends with 1 when something must be mended.",
    read: (words) => nothing("doctor", words) ?? { name: "doctor" },
  },
  {
    name: "reset-password",
    form: "[--password-stdin]",
    about: "sets the owner's password and ends the owner's sessions",
    more:
      "Asks for it on the terminal; nothing but Enter makes a new one and shows it once. Servers that run take\n" +
      "it over. With ADMIN_PASSWORD set that one stays: change it there.",
    read: readResetPassword,
  },
  {
    name: "rotate-secret",
    form: "",
    about: "replaces the master key and seals every provider key anew, also while servers run",
    more:
      "When it breaks off, run it again. The old master key is kept beside the new one for older backups.\n" +
      "With MASTER_KEY in the environment: set the new one there and the old one in MASTER_KEY_PREVIOUS first.",
    read: (words) => nothing("rotate-secret", words) ?? { name: "rotate-secret" },
  },
  {
    name: "backup",
    form: "FILE",
    about: "writes the whole database into a new file, also while a server runs",
    more: "The master key is not in it: keep that apart.",
    read: (words) => oneFile("backup", words),
  },
  {
    name: "restore",
    form: "FILE",
    about: "puts a backup in the place of the database, while no server runs",
    more:
      "The database that was there is kept beside it. The master key of the backup must be there already.",
    read: (words) => oneFile("restore", words),
  },
  {
    name: "import",
    form: "FILE [OPTIONS]",
    about: "takes over keys, or what another product has, also while a server runs",
    more: `${IMPORT_OPTIONS}\nWhich files it reads stands in docs/moving_in.md.`,
    read: readImportWords,
  },
  {
    name: "export",
    form: "FILE [OPTIONS]",
    about: "writes providers and their keys into a file, sealed with a passphrase",
    more: EXPORT_OPTIONS,
    read: readExportWords,
  },
  {
    name: "help",
    form: "[COMMAND]",
    about: "shows this, or more about a command",
    read: ([of, ...more]) =>
      more.length > 0 ? "help takes one command" : { name: "help", ...(of !== undefined && { of }) },
  },
  { name: "version", form: "", about: "shows the version", read: () => ({ name: "version" }) },
];

/** What else the commands are called. */
const OTHER_NAMES: Readonly<Record<string, Command["name"]>> = {
  "-h": "help",
  "--help": "help",
  "-V": "version",
  "--version": "version",
};

const LEFT_COLUMNS = 41;

export const USAGE = `keyturn: pools API keys and relays requests to their providers

${
  COMMANDS.map(({ name, form, about }) => {
    const shown = name === "serve" ? "[serve]" : name;
    return `  ${`keyturn ${shown} ${form}`.trimEnd().padEnd(LEFT_COLUMNS)} ${about}\n`;
  }).join("")
}`;

/** The usage of one command, or of all when there is none of that name. */
export function usageOf(name: string | undefined): string {
  const entry = COMMANDS.find((each) => each.name === name);
  if (entry === undefined) return USAGE;
  const more = entry.more === undefined ? "" : `\n${entry.more}\n`;
  return `${`keyturn ${entry.name} ${entry.form}`.trimEnd()}\n\n${entry.about}\n${more}`;
}

/** Reads the command line; a string says what is wrong with it. */
export function readArguments(args: readonly string[]): Command | string {
  const [first = "serve", ...rest] = args;
  const name = OTHER_NAMES[first] ?? first;
  const entry = COMMANDS.find((each) => each.name === name);
  if (entry === undefined) return `unknown command ${JSON.stringify(first)}`;
  if (rest.includes("--help") || rest.includes("-h")) return { name: "help", of: entry.name };
  return entry.read(rest);
}

function readDemo(words: readonly string[]): Command | string {
  if (words.length === 0) return { name: "demo", seconds: undefined };
  const [flag, value, ...more] = words;
  const seconds = Number(value);
  if (
    flag !== "--seconds" || value === undefined || more.length > 0 || !(seconds > 0 && seconds < Infinity)
  ) {
    return "demo takes --seconds and a number above 0, or nothing";
  }
  return { name: "demo", seconds };
}

function readResetPassword(words: readonly string[]): Command | string {
  // A password among the arguments would stand in the list of processes and in the shell's history.
  if (words.some((word) => word !== "--password-stdin")) {
    return "reset-password takes --password-stdin, or nothing";
  }
  return { name: "reset-password", isFromStdin: words.length > 0 };
}

function oneFile(name: "backup" | "restore", words: readonly string[]): Command | string {
  const [file, ...more] = words;
  if (file === undefined || file === "" || more.length > 0) return `${name} takes the path of one file`;
  if (file.startsWith("--")) return `${name} has no option ${file}`;
  return { name, file };
}

function nothing(name: string, words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : `${name} takes no arguments, got ${words.length}`;
}
