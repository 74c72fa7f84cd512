/** Takes the data folder and keeps it until it is killed. Run by data_folder_test.ts. */
import { openDataFolder } from "../../src/store/data_folder.ts";

await openDataFolder(Deno.args[0] ?? "");
Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
setInterval(() => {}, 60_000);
