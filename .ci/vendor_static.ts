import denoConfig from "../deno.json" with { type: "json" };

/**
 * Copies the scripts that the dashboard serves out of their npm packages into `static/vendor/`, in the versions that
 * deno.json pins. They are checked in, so that neither a start nor a build fetches anything; a test holds the two
 * versions together.
 */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "htmx.org": ["dist/htmx.min.js", "dist/ext/hx-sse.min.js", "dist/ext/hx-preload.min.js", "LICENSE"],
};

async function vendor(): Promise<void> {
  const imports: Readonly<Record<string, string>> = denoConfig.imports;
  const folder = await Deno.makeTempDir({ prefix: "keyturn-vendor-" });
  try {
    const wanted = Object.fromEntries(Object.keys(FILES).map((name) => [name, imports[name]]));
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ nodeModulesDir: "auto", imports: wanted }),
    );
    const { success } = await new Deno.Command(Deno.execPath(), { args: ["install"], cwd: folder }).output();
    if (!success) throw new Error("Cannot fetch the packages: deno install failed");
    for (const [name, paths] of Object.entries(FILES)) {
      for (const path of paths) {
        const file = path === "LICENSE" ? `${name}.LICENSE` : path.slice(path.lastIndexOf("/") + 1);
        const bytes = await Deno.readFile(`${folder}/node_modules/${name}/${path}`);
        await Deno.writeFile(new URL(`../static/vendor/${file}`, import.meta.url), withoutSourceMap(bytes));
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The map is not served: a browser's tools would ask for it in vain. */
function withoutSourceMap(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  return new TextEncoder().encode(text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"));
}

if (import.meta.main) await vendor();
