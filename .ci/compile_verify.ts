import { layOut, MODULES } from "./bundled_program.ts";
import { type CompiledPayload, readCompiledPayload } from "./compiled_payload.ts";
import { compileArguments, listUnused, PERMISSIONS } from "./executable.ts";
import { smoke } from "./smoke.ts";

/**
 * Checks what `deno task compile` embeds and that it runs alone, also where the runtime that goes in front of it
 * (`denort`) cannot be fetched: any ELF file takes its place, the result is read, and what is in it is laid out in
 * an empty folder and run by this Deno with the executable's own permissions. Linux only.
 */
async function verify(): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-compile-" });
  try {
    const path = `${folder}/keyturn`;
    await compile(path);
    const payload = readCompiledPayload(await Deno.readFile(path));
    tell(describe(payload));
    const faults = findFaults(payload);
    const { args, env } = await layOut(payload, `${folder}/bundled`);
    await smoke(Deno.execPath(), args, env);
    tell("smoke test  what is embedded runs from an empty folder");
    return faults;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const root = new URL("..", import.meta.url);

async function compile(output: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: compileArguments({ output, isFrozen: true }, await listUnused()),
    cwd: root,
    env: { DENORT_BIN: "/bin/true", NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot compile:\n${new TextDecoder().decode(stderr)}`);
}

const WANTED_FEATURES = ["kv", "no-legacy-abort"];
/** Ours, beside `static/`. */
const OUR_FILES = /^(?:main\.ts|deno\.json|src\/[^/].*\.tsx?|views\/.*\.tsx?|static\/.*)$/;
/** Every package that a line of ours can reach, and those that they need. */
const PACKAGES = new Set([
  "@libsql/client",
  "@libsql/core",
  "@libsql/hrana-client",
  "@libsql/isomorphic-ws",
  "@libsql/linux-arm64-gnu",
  "@libsql/linux-x64-gnu",
  "@neon-rs/load",
  "@noble/hashes",
  "@opentelemetry/api",
  "detect-libc",
  "dotenv",
  "hono",
  "jose",
  "js-base64",
  "libsql",
  "promise-limit",
  "ws",
  "yaml",
  "zod",
]);
const LIBSQL_ADDON = /\/@libsql\/linux-[^/]+\/.*\.node$/;

function findFaults({ entryPoint, permissions, features, files }: CompiledPayload): string[] {
  const faults: string[] = [];
  if (entryPoint !== "main.ts") faults.push(`the entry point is ${entryPoint}, not main.ts`);
  for (const name of grantsOf(permissions)) {
    if (PERMISSIONS[name.slice("allow_".length)] === undefined) {
      faults.push(`the permission ${name} is granted`);
    }
  }
  for (const [name, values] of Object.entries(PERMISSIONS)) {
    const grant = permissions[`allow_${name}`];
    const granted = Array.isArray(grant) ? grant.map(String).toSorted().join() : "nothing";
    if (granted !== values.toSorted().join()) faults.push(`allow_${name} grants ${granted || "all"}`);
  }
  if (permissions["prompt"] === true) faults.push("a missing permission would be asked for on the terminal");
  for (const feature of WANTED_FEATURES) {
    if (!features.includes(feature)) faults.push(`the unstable feature ${feature} is off`);
  }
  const strangers = files.filter(({ path }) => !path.startsWith(MODULES) && !OUR_FILES.test(path));
  const packages = [...new Set(files.flatMap(({ path }) => packageOf(path) ?? []))];
  for (
    const name of [
      ...strangers.map(({ path }) => path),
      ...packages.filter((each) => !PACKAGES.has(each)),
    ]
  ) {
    faults.push(`${name} does not belong into the executable`);
  }
  if (!files.some(({ path }) => LIBSQL_ADDON.test(path))) faults.push("libSQL's native file is missing");
  const embedded = new Set(files.map(({ path }) => path));
  for (const path of listStatic("static")) {
    if (!embedded.has(path)) faults.push(`${path} is not embedded`);
  }
  return faults;
}

function packageOf(path: string): string | undefined {
  return path.startsWith(MODULES) ? /^(?:@[^/]+\/)?[^/]+/.exec(path.slice(MODULES.length))?.[0] : undefined;
}

/** `allow_import` is the runtime's own list of hosts; no remote module can be reached from our code. */
function grantsOf(permissions: CompiledPayload["permissions"]): string[] {
  return Object.keys(permissions)
    .filter((name) => name.startsWith("allow_") && name !== "allow_import" && permissions[name] !== null);
}

function listStatic(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) =>
    isDirectory ? listStatic(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

function describe({ entryPoint, permissions, features, files }: CompiledPayload): string {
  const ours = files.filter(({ path }) => !path.startsWith(MODULES));
  const packages = files.filter(({ path }) => path.startsWith(MODULES));
  const addons = packages.filter(({ path }) => LIBSQL_ADDON.test(path)).map(({ path }) =>
    path.split("/").at(-3)
  );
  return [
    `entry point ${entryPoint}`,
    `permissions ${grantsOf(permissions).join(" ")}`,
    `features    ${features.join(" ")}`,
    `our files   ${ours.length}, ${megabytes(ours)}`,
    `packages    ${packages.length} files, ${megabytes(packages)}`,
    `libSQL      ${addons.join(" ")}`,
  ].join("\n");
}

function megabytes(files: CompiledPayload["files"]): string {
  return `${(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1)} MB`;
}

function tell(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

if (import.meta.main) {
  const faults = await verify();
  for (const fault of faults) tell(`fault: ${fault}`);
  tell(faults.length === 0 ? "compile:verify: as it should be" : `compile:verify: ${faults.length} faults`);
  Deno.exit(faults.length === 0 ? 0 : 1);
}
