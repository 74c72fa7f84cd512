import denoConfig from "../deno.json" with { type: "json" };
import { variableNames } from "../src/config.ts";

/** The systems that executables are made for, as `deno compile --target` names them. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

/**
 * What the executable may do; all else is refused without asking. Each was found by taking it away.
 *
 * - `net` whole: providers are entered at run time, and callers come from anywhere.
 * - `read`, `write` whole: DATA_DIR, MASTER_KEY_FILE and the files of backup and restore are told at run time.
 * - `env`: the variables of .env.example by name, and the one that libSQL asks for. No other secret of the
 *   environment can be read.
 * - `sys`: libSQL's loader reads Node's process report to tell glibc from musl, which names host, processors and
 *   networks; `keyturn doctor` asks for the free space.
 * - `ffi` whole: libSQL's SQLite is native code, which the executable unpacks into the temporary folder first.
 *
 * No `run`: no other program can be started. No `import`: no code can be fetched.
 */
export const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  net: [],
  read: [],
  write: [],
  env: [...variableNames(), "LIBSQL_JS_DEV"],
  sys: ["cpus", "hostname", "networkInterfaces", "statfs"],
  ffi: [],
};

/** The flags of `PERMISSIONS` for `deno run` and `deno compile`. */
export function permissionFlags(): string[] {
  const flags = Object.entries(PERMISSIONS).map(([name, values]) =>
    values.length === 0 ? `--allow-${name}` : `--allow-${name}=${values.join(",")}`
  );
  return ["--no-prompt", ...flags];
}

/** The arguments of `deno compile`, run in the root of the project. */
export function compileArguments(
  { output, target, isFrozen }: {
    readonly output: string;
    readonly target?: string;
    readonly isFrozen: boolean;
  },
  unused: readonly string[],
): string[] {
  return [
    "compile",
    ...(isFrozen ? ["--frozen"] : []),
    "--exclude-unused-npm",
    "--include",
    "static",
    ...unused.flatMap((path) => ["--exclude", path]),
    ...permissionFlags(),
    ...(target === undefined ? [] : ["--target", target]),
    "--output",
    output,
    "main.ts",
  ];
}

/**
 * Parts of packages that no line of ours can reach: types, sources beside what is made from them, and libSQL for
 * musl, which Deno itself does not run on. A star stands for any part of a name.
 */
const UNUSED_PARTS = ["@types/*/*/*", "undici-types/*/*", "zod/*/src", "@libsql/linux-*-musl*/*/*"];

/** Their paths in the cache of packages, from where they would be embedded. */
export async function listUnused(): Promise<string[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const info: unknown = success ? JSON.parse(new TextDecoder().decode(stdout)) : undefined;
  if (typeof info !== "object" || info === null || !("npmCache" in info)) {
    throw new Error("Cannot find the cache of packages: `deno info` does not tell");
  }
  // One folder for each registry.
  return UNUSED_PARTS.flatMap((part) => expand(String(info.npmCache), ["*", ...part.split("/")]));
}

function expand(folder: string, [first, ...rest]: readonly string[]): string[] {
  if (first === undefined) return [folder];
  return namesIn(folder).filter((name) => isLike(name, first)).flatMap((name) =>
    expand(`${folder}/${name}`, rest)
  );
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    // A file where a folder may be, or nothing fetched yet.
    if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function isLike(name: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.@-]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

/** The file name that an executable of this target is published under. */
export function executableName(target: string): string {
  return `keyturn-${denoConfig.version}-${target}${target.includes("windows") ? ".exe" : ""}`;
}
