import assert from "node:assert/strict";
import { permissionFlags } from "../../.ci/executable.ts";

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

  /** `writing` settles once its standard input is written. */
  constructor(child: Deno.ChildProcess, writing?: Promise<void>) {
    this.#child = child;
    this.#ended = this.#follow(writing);
  }

  /**
   * The first match in what it has printed so far or prints from now on; fails the test when it ends without one, or
   * prints none for half a minute.
   */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (let tries = 0;; tries++) {
      const found = pattern.exec(this.#stdout);
      if (found !== null) return found;
      assert.ok(!this.#isOver && tries < 1500, `it prints ${pattern}, not:\n${this.#stdout}${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  ended(): Promise<Ended> {
    return this.#ended;
  }

  stop(signal: Deno.Signal = "SIGTERM"): Promise<Ended> {
    if (!this.#isOver) this.#child.kill(signal);
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #follow(writing: Promise<void> | undefined): Promise<Ended> {
    const read = async (stream: ReadableStream<Uint8Array>, take: (text: string) => void) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
    };
    const [{ code }] = await Promise.all([
      this.#child.status,
      writing,
      read(this.#child.stdout, (text) => this.#stdout += text),
      read(this.#child.stderr, (text) => this.#stderr += text),
    ]);
    this.#isOver = true;
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** Starts `main.ts` as the executable is: with its permissions, these arguments, no other variables than these, and `input` on its standard input. */
export function startProgram(
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input = "",
): Program {
  // What Deno itself needs to find its cache.
  const kept = ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const config = new URL("deno.json", root).pathname;
  const main = new URL("main.ts", root).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissionFlags(), "--no-check", "--cached-only", "--config", config, main, ...args],
    cwd: folder,
    clearEnv: true,
    env: {
      ...Object.fromEntries(kept),
      NO_COLOR: "1",
      PORT: "0",
      ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8",
      ...variables,
    },
    stdin: input === "" ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  return new Program(child, input === "" ? undefined : write(child.stdin, input));
}

/** Runs it to its end. */
export function runProgram(
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input = "",
): Promise<Ended> {
  return startProgram(folder, args, variables, input).ended();
}

async function write(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
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
