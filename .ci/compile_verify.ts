import denoConfig from "../deno.json" with { type: "json" };
import { type CompiledPayload, readCompiledPayload } from "./compiled_payload.ts";

/**
 * Checks what `deno task compile` embeds, also where the runtime that goes in front of it (`denort`) cannot be
 * fetched: any ELF file takes its place, and the result is read instead of run. Linux only.
 */
async function verify(): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-compile-" });
  try {
    const path = `${folder}/keyturn`;
    await compile(path);
    const payload = readCompiledPayload(await Deno.readFile(path));
    tell(describe(payload));
    return findFaults(payload);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const root = new URL("..", import.meta.url);

/** Runs the compile task's own command line with another output, so that the two cannot differ. */
async function compile(output: string): Promise<void> {
  const words = denoConfig.tasks.compile.split(" ").slice(1);
  const args = words.map((word, index) => words[index - 1] === "--output" ? output : word);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: args.toSpliced(1, 0, "--frozen"),
    cwd: root,
    env: { DENORT_BIN: "/bin/true", NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot compile:\n${new TextDecoder().decode(stderr)}`);
}

/** What the program needs, and no more. */
const WANTED_GRANTS = ["allow_env", "allow_ffi", "allow_net", "allow_read", "allow_sys", "allow_write"];
const WANTED_FEATURES = ["kv", "no-legacy-abort"];
const MODULES = ".deno_compile_node_modules/";
/** Ours, beside `static/`, which is embedded as soon as it exists. */
const OUR_FILES = /^(?:main\.ts|deno\.json|src\/[^/].*\.tsx?|views\/.*\.tsx?|static\/.*)$/;
/** Packages that only tests, benchmarks and builds use. */
const TEST_PACKAGES = /\/(openai|fast-check|@google\/genai|@anthropic-ai\/sdk)\//;
const LIBSQL_ADDON = /\/@libsql\/linux-[^/]+\/.*\.node$/;

function findFaults({ entryPoint, permissions, features, files }: CompiledPayload): string[] {
  const faults: string[] = [];
  if (entryPoint !== "main.ts") faults.push(`the entry point is ${entryPoint}, not main.ts`);
  for (const name of grantsOf(permissions)) {
    if (!WANTED_GRANTS.includes(name)) faults.push(`the permission ${name} is granted`);
  }
  for (const name of WANTED_GRANTS) {
    const grant = permissions[name];
    if (!Array.isArray(grant) || grant.length > 0) faults.push(`the permission ${name} is not granted whole`);
  }
  if (permissions["prompt"] === true) faults.push("a missing permission would be asked for on the terminal");
  for (const feature of WANTED_FEATURES) {
    if (!features.includes(feature)) faults.push(`the unstable feature ${feature} is off`);
  }
  const strangers = files.filter(({ path }) => !path.startsWith(MODULES) && !OUR_FILES.test(path));
  const packages = files.map(({ path }) => TEST_PACKAGES.exec(path)?.[1]).filter((name) =>
    name !== undefined
  );
  for (const name of new Set([...strangers.map(({ path }) => path), ...packages])) {
    faults.push(`${name} does not belong into the executable`);
  }
  if (!files.some(({ path }) => LIBSQL_ADDON.test(path))) faults.push("libSQL's native file is missing");
  const embedded = new Set(files.map(({ path }) => path));
  for (const path of listStatic("static")) {
    if (!embedded.has(path)) faults.push(`${path} is not embedded`);
  }
  return faults;
}

/** `allow_import` is the runtime's own list of hosts; no remote module can be reached from our code. */
function grantsOf(permissions: CompiledPayload["permissions"]): string[] {
  return Object.keys(permissions)
    .filter((name) => name.startsWith("allow_") && name !== "allow_import" && permissions[name] !== null);
}

function listStatic(folder: string): string[] {
  try {
    return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) =>
      isDirectory ? listStatic(`${folder}/${name}`) : [`${folder}/${name}`]
    );
  } catch (error) {
    // The dashboard brings this folder.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function describe({ entryPoint, permissions, features, files }: CompiledPayload): string {
  const ours = files.filter(({ path }) => !path.startsWith(MODULES));
  const packages = files.filter(({ path }) => path.startsWith(MODULES));
  const addons = packages.filter(({ path }) => LIBSQL_ADDON.test(path)).map(({ path }) =>
    path.split("/").at(-3)
  );
  return [
    `entry point  ${entryPoint}`,
    `permissions  ${grantsOf(permissions).join(" ")}`,
    `features     ${features.join(" ")}`,
    `our files    ${ours.length}, ${megabytes(ours)}`,
    `packages     ${packages.length} files, ${megabytes(packages)}`,
    `libSQL       ${addons.join(" ")}`,
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
