import process from "node:process";
import { readFile } from "node:fs/promises";

/** Relays run on the first core, all that measures them on the second one. */
export const RELAY_CORE = 0;
export const LOAD_CORE = 1;

export interface ProcessOptions {
  readonly core: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that was started for a benchmark, held to one core where `taskset` is there. */
export class PinnedProcess {
  readonly #child: Deno.ChildProcess;

  constructor(program: string, args: readonly string[], { core, cwd, env }: ProcessOptions) {
    const [command, ...rest] = pinned(program, args, core);
    this.#child = new Deno.Command(command, {
      args: rest,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
    }).spawn();
  }

  /** User and system time that it has used, of all its threads; 0 where there is no /proc. */
  async cpuSeconds(): Promise<number> {
    const stat = await readProc(this.#child.pid, "stat");
    // Fields 14 and 15 of proc(5), counted from behind the program's name, which may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
  }

  /** Resident memory in bytes; 0 where there is no /proc. */
  async residentBytes(): Promise<number> {
    const status = await readProc(this.#child.pid, "status");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  }

  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
  }
}

/** USER_HZ, which Linux has fixed for all that it tells programs. */
const TICKS_PER_SECOND = 100;

/** Runs a program to its end, on one core, and gives what it printed. */
export async function runPinned(
  program: string,
  args: readonly string[],
  { core, cwd }: ProcessOptions,
): Promise<string> {
  const [command, ...rest] = pinned(program, args, core);
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: rest,
    ...(cwd !== undefined && { cwd }),
  }).output();
  if (code !== 0) throw new Error(`Cannot run ${program}: ${new TextDecoder().decode(stderr).slice(-2000)}`);
  return new TextDecoder().decode(stdout);
}

/** The full path of a program, or `undefined` when it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  return folders.map((folder) => `${folder}/${name}`).find(isFile);
}

/** A port that is free now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** Resolves once something listens on the port. @throws when nothing does for 20 seconds */
export async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      // Not yet.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Cannot start the benchmark: nothing listens on port ${port}`);
}

const taskset = findProgram("taskset");

function pinned(program: string, args: readonly string[], core: number): [string, ...string[]] {
  const isPinnable = taskset !== undefined && navigator.hardwareConcurrency > 1;
  return isPinnable ? [taskset, "-c", String(core), program, ...args] : [program, ...args];
}

async function readProc(pid: number, name: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${name}`, "utf8");
  } catch {
    // No Linux: the figures that stand there are left out.
    return "";
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not there is the answer.
    return false;
  }
}
