import assert from "node:assert/strict";

const root = new URL("../../", import.meta.url);

/** What has become of a program that has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `main.ts` in a working directory of its own. `await using` ends it. */
export class Program {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  #isOver = false;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#ended = this.#follow();
  }

  /** The first match in what it has printed so far or prints from now on; fails the test when it ends without one. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stdout);
      if (found !== null) return found;
      assert.ok(!this.#isOver, `it prints ${pattern}, not:\n${this.#stdout}${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  ended(): Promise<Ended> {
    return this.#ended;
  }

  stop(): Promise<Ended> {
    if (!this.#isOver) this.#child.kill("SIGTERM");
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #follow(): Promise<Ended> {
    const read = async (stream: ReadableStream<Uint8Array>, take: (text: string) => void) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
    };
    const [{ code }] = await Promise.all([
      this.#child.status,
      read(this.#child.stdout, (text) => this.#stdout += text),
      read(this.#child.stderr, (text) => this.#stderr += text),
    ]);
    this.#isOver = true;
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** Starts `main.ts` with these arguments and no other variables than these. */
export function startProgram(
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Program {
  // What Deno itself needs to find its cache.
  const kept = ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const config = new URL("deno.json", root).pathname;
  const main = new URL("main.ts", root).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--cached-only", "--config", config, main, ...args],
    cwd: folder,
    clearEnv: true,
    env: { ...Object.fromEntries(kept), NO_COLOR: "1", PORT: "0", ...variables },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  return new Program(command.spawn());
}

/** Runs it to its end. */
export function runProgram(
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return startProgram(folder, args, variables).ended();
}

/** A working directory of its own for one test, gone afterwards. */
export async function withWorkingFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-cli-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
