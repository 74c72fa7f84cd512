import { StoreError } from "./store_error.ts";

/** Where the shared live state is: on Deno Deploy, a KV Connect server, a file, or nowhere but in memory. */
export type KvTarget =
  | { readonly kind: "deploy" }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "memory" };

/**
 * Opens Deno KV. For a server the runtime itself reads `DENO_KV_ACCESS_TOKEN`.
 *
 * @throws {StoreError} `bad_url` or `unavailable`. A server that does not answer shows at the first call only.
 */
export async function openKv(target: KvTarget): Promise<Deno.Kv> {
  if (typeof Deno.openKv !== "function") {
    throw new StoreError("unavailable", "Cannot open Deno KV: the runtime needs the flag --unstable-kv");
  }
  try {
    return await Deno.openKv(pathOf(target));
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError("unavailable", `Cannot open Deno KV${whyNot(target)}`, error);
  }
}

function whyNot(target: KvTarget): string {
  switch (target.kind) {
    case "deploy":
      return ": no database is assigned to this application, or it does not answer";
    case "url":
      return ": its server does not answer, or refuses the token of DENO_KV_ACCESS_TOKEN";
    case "file":
      return ` ${target.path}: it is not writable or no KV database`;
    case "memory":
      return " in memory";
  }
}

function pathOf(target: KvTarget): string | undefined {
  switch (target.kind) {
    case "deploy":
      // There the database belongs to the application and has no path.
      return undefined;
    case "url":
      if (/^https?:\/\//.test(target.url)) return target.url;
      throw new StoreError("bad_url", "Cannot open Deno KV: its URL must begin with https:// or http://");
    case "file":
      return target.path;
    case "memory":
      return ":memory:";
  }
}
