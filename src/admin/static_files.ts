import { createHash } from "node:crypto";
import type { Context } from "hono";
import { AppError } from "../errors.ts";

/** The files of `static/`, read once: each is served under its content hash, so that a browser keeps it for good. */
export interface StaticFiles {
  /** The URL of a file by its path in `static/`: `/static/3f9a…/app.css`. */
  urlOf(path: string): string;
  /** The file under such a hash, or `undefined`. */
  find(hash: string, path: string): StaticFile | undefined;
}

export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** The folder as it lies beside the sources, and inside an executable. */
const FOLDER = new URL("../../static/", import.meta.url);

export async function loadStaticFiles(): Promise<StaticFiles> {
  const files = new Map<string, StaticFile & { readonly hash: string }>();
  for (const path of await listFiles(FOLDER, "")) {
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
    if (type === undefined) continue;
    const bytes = await Deno.readFile(new URL(path, FOLDER));
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    files.set(path, { bytes, type, hash });
  }
  return {
    urlOf: (path) => {
      const file = files.get(path);
      if (file === undefined) throw new Error(`Cannot link the static file ${path}: there is none`);
      return `/static/${file.hash}/${path}`;
    },
    find: (hash, path) => {
      const file = files.get(path);
      return file?.hash === hash ? file : undefined;
    },
  };
}

/** `GET /static/:hash/:path`, open to everyone. */
export function serveStatic(files: StaticFiles) {
  return (context: Context) => {
    const { hash = "", path = "" } = context.req.param();
    const file = files.find(hash, path);
    if (file === undefined) throw new AppError("not_found", "Cannot find this file");
    return new Response(file.bytes, {
      headers: { "content-type": file.type, "cache-control": "public, max-age=31536000, immutable" },
    });
  };
}

async function listFiles(folder: URL, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await listFiles(new URL(`${name}/`, folder), `${prefix}${name}/`));
    else found.push(prefix + name);
  }
  return found.sort();
}
