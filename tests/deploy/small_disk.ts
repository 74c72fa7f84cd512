/** A disk of its own that is small enough to be filled: a tmpfs, which only root may mount. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** `undefined` where this process may not mount. */
  static async mount(megabytes: number): Promise<SmallDisk | undefined> {
    if (Deno.build.os !== "linux" || Deno.uid() !== 0) return undefined;
    const path = await Deno.makeTempDir({ prefix: "keyturn-disk-" });
    if (await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "keyturn-test", path)) {
      return new SmallDisk(path);
    }
    await Deno.remove(path);
    return undefined;
  }

  async fill(): Promise<void> {
    const file = await Deno.open(`${this.path}/filler`, { create: true, append: true });
    try {
      const block = new Uint8Array(4096);
      while (await file.write(block) === block.length);
    } catch {
      // Full.
    } finally {
      file.close();
    }
  }

  async empty(): Promise<void> {
    await Deno.remove(`${this.path}/filler`);
  }

  async makeReadOnly(): Promise<void> {
    await run("mount", "-o", "remount,ro", this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A libSQL client that is closed lets go of its file when it is collected.
    await run("umount", "--lazy", this.path);
    await Deno.remove(this.path);
  }
}

async function run(command: string, ...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output();
  return success;
}
