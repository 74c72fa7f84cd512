import { Program } from "../cli/program.ts";

const root = new URL("../../", import.meta.url);

/**
 * Starts `main.ts` as Deno Deploy would, on a port of its own: with its variables, in a working folder that it may
 * not write. Less is granted than there, so that nothing is written, and no native file loaded, unnoticed.
 */
export async function startDeployed(
  folder: string,
  kvPath: string,
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly program: Program; readonly url: string } & AsyncDisposable> {
  const port = freePort();
  const cache = await cacheFolder();
  const path = (name: string) => new URL(name, root).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--cached-only",
      "--allow-net",
      "--allow-env",
      `--allow-read=${path("static")},.env,${cache},${kvPath}`,
      `--allow-write=${kvPath}`,
      "--config",
      path("deno.json"),
      "--preload",
      path("tests/deploy/platform.ts"),
      path("main.ts"),
    ],
    cwd: folder,
    clearEnv: true,
    env: {
      DENO_DIR: cache,
      NO_COLOR: "1",
      PORT: String(port),
      ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8",
      DENO_DEPLOY: "true",
      DENO_DEPLOY_APPLICATION_SLUG: "my-app",
      DENO_DEPLOY_ORGANIZATION_SLUG: "acme",
      // How the platform attaches a database to `Deno.openKv()` without a path.
      DENO_KV_DEFAULT_PATH: kvPath,
      ...variables,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const program = new Program(child);
  return {
    program,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function cacheFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const info: { readonly denoDir: string } = JSON.parse(new TextDecoder().decode(stdout));
  return info.denoDir;
}
