import assert from "node:assert/strict";
import { Buffer } from "node:buffer";

/**
 * What the files of a data folder hold at one moment, byte for byte, by name. A write-ahead log goes into its
 * database when the last connection lets go of it, which may be while this reads: then it reads anew.
 */
export async function readDataFolder(folder: string): Promise<Map<string, string>> {
  const attempts = 20;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const names = await namesIn(folder);
    try {
      const files = await Promise.all(names.map(async (name) => {
        const bytes = await Deno.readFile(`${folder}/${name}`);
        return [name, Buffer.from(bytes).toString("latin1")] as const;
      }));
      assert.ok(files.length >= 2, "database and KV are there");
      if ((await namesIn(folder)).join() === names.join()) return new Map(files);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`Cannot read ${folder}: its files changed under ${attempts} readings`);
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ isFile }) => isFile).map(({ name }) => name).toSorted();
}
