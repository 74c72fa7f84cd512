import { describeEnvironment } from "../src/config.ts";

/**
 * Writes `.env.example` from the one place where every variable is documented. With `--check` it only looks,
 * and ends with status 1 when the file is not what would be written.
 */
if (import.meta.main) {
  const file = new URL("../.env.example", import.meta.url);
  const text = describeEnvironment();
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(file, text);
  else if (await Deno.readTextFile(file) !== text) {
    Deno.stderr.writeSync(new TextEncoder().encode(".env.example is old: run deno task env\n"));
    Deno.exit(1);
  }
}
