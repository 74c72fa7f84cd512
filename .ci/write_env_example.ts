import { describeEnvironment } from "../src/config.ts";

/** Writes `.env.example` from the one place where every variable is documented. */
if (import.meta.main) {
  await Deno.writeTextFile(new URL("../.env.example", import.meta.url), describeEnvironment());
}
