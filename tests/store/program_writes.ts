/** Writes settings one by one and prints the name of each once it is acknowledged. Run by database_test.ts. */
import { openDatabase } from "../../src/store/database.ts";
import { setSettings } from "../../src/store/settings_store.ts";

const db = await openDatabase({ url: Deno.args[0] ?? "" });
const encoder = new TextEncoder();
for (let count = 0;; count++) {
  await setSettings(db, { [`s${count}`]: "written" });
  Deno.stdout.writeSync(encoder.encode(`s${count}\n`));
}
