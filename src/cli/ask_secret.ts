import { Secret } from "../core/secret.ts";

/** Standard input holds no answer: in one line for the operator. */
export class AskError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AskError";
  }
}

const ENTER = ["\r", "\n"];
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const BACKSPACES = ["\x7f", "\b"];

/**
 * Asks on the terminal and shows nothing of what is typed.
 * @throws {AskError} when there is no terminal, or it was given up with Ctrl+C.
 */
export async function askSecret(question: string, say: (text: string) => void): Promise<Secret> {
  if (!Deno.stdin.isTerminal()) {
    throw new AskError("Cannot ask for the password: this is no terminal (--password-stdin reads it)");
  }
  say(question);
  Deno.stdin.setRaw(true);
  try {
    return new Secret(await readLine());
  } finally {
    Deno.stdin.setRaw(false);
    say("\n");
  }
}

async function readLine(): Promise<string> {
  const typed: string[] = [];
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(256);
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    const text = count === null ? CTRL_D : decoder.decode(buffer.subarray(0, count), { stream: true });
    for (const character of text) {
      if (ENTER.includes(character)) return typed.join("");
      if (character === CTRL_C || character === CTRL_D) throw new AskError("Given up: nothing was changed");
      if (BACKSPACES.includes(character)) typed.pop();
      else typed.push(character);
    }
  }
}

/** The first line of standard input. @throws {AskError} when there is more, or nothing. */
export async function readSecret(): Promise<Secret> {
  const text = await new Response(Deno.stdin.readable).text();
  const [line = "", ...more] = text.split(/\r?\n/);
  if (line === "" || more.some((each) => each !== "")) {
    throw new AskError("Cannot read the password: standard input must hold one line");
  }
  return new Secret(line);
}
