import type { CompiledPayload } from "./compiled_payload.ts";
import { permissionFlags } from "./executable.ts";

/** Where `deno compile` 2.9 puts the packages: a folder for each name, in it one for each version. */
export const MODULES = ".deno_compile_node_modules/localhost/";

const PACKAGE = /^((?:@[^/]+\/)?[^/]+)\/([^/]+)\/(.+)$/;

/**
 * Lays what is embedded into an executable out as files, the packages as a node_modules folder, and gives the
 * arguments with which this Deno runs them: with the executable's own permissions and nothing from outside, since
 * its cache is an empty folder.
 * @throws {Error} when a package is embedded in two versions, for which this layout has no place.
 */
export async function layOut(
  { entryPoint, features, files }: CompiledPayload,
  folder: string,
): Promise<{ readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }> {
  const versions = new Map<string, string>();
  for (const { path, content } of files) {
    const target = path.startsWith(MODULES) ? placeOf(path.slice(MODULES.length), versions) : path;
    const place = `${folder}/${target}`;
    await Deno.mkdir(place.slice(0, place.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(place, content);
  }
  const args = [
    "run",
    "--no-lock",
    "--no-check",
    "--cached-only",
    "--no-remote",
    "--node-modules-dir=manual",
    `--config=${folder}/deno.json`,
    ...features.map((feature) => `--unstable-${feature}`),
    ...permissionFlags(),
    `${folder}/${entryPoint}`,
  ];
  const cache = `${folder}/.cache`;
  await Deno.mkdir(cache);
  return { args, env: { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: "1" } };
}

function placeOf(path: string, versions: Map<string, string>): string {
  const [, name = "", version = "", rest = ""] = PACKAGE.exec(path) ?? [];
  const known = versions.get(name) ?? version;
  if (known !== version) {
    throw new Error(`Cannot lay out ${name}: it is embedded as ${known} and as ${version}`);
  }
  versions.set(name, version);
  return `node_modules/${name}/${rest}`;
}
