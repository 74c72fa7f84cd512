import { parseArgs } from "node:util";
import { compileArguments, executableName, listUnused, TARGETS } from "./executable.ts";

/**
 * `deno task compile [--target T] [--output FILE] [--frozen]`: the executable for this machine as dist/keyturn, or
 * for another one under the name that it is published by.
 *
 * The packages of the target must be in the cache for what is unused of them to be left out: `deno task compile`
 * run twice gives the smaller file when they were not.
 */
async function main(): Promise<number> {
  const { values: { target, output: told, frozen = false } } = parseArgs({
    args: Deno.args,
    options: { target: { type: "string" }, output: { type: "string" }, frozen: { type: "boolean" } },
  });
  if (target !== undefined && !TARGETS.some((each) => each === target)) {
    Deno.stderr.writeSync(
      new TextEncoder().encode(`Unknown target ${target}; known: ${TARGETS.join(", ")}\n`),
    );
    return 2;
  }
  const output = told ?? `dist/${target === undefined ? "keyturn" : executableName(target)}`;
  const options = { output, isFrozen: frozen, ...(target !== undefined && { target }) };
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: compileArguments(options, await listUnused()),
    cwd: new URL("..", import.meta.url),
  }).spawn().status;
  return code;
}

if (import.meta.main) Deno.exit(await main());
