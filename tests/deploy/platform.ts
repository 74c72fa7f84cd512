/**
 * Loaded before the program (`--preload`): stands for what Deno Deploy does with cron jobs. It takes down which ones
 * the top level registers before the server starts, and runs them when it is told to, here by SIGUSR2.
 */
function cron(name: string, schedule: string, run: () => Promise<void>): Promise<void> {
  say(`cron ${JSON.stringify({ name, schedule })}`);
  Deno.addSignalListener("SIGUSR2", () => {
    run().then(() => say(`cron ${name} is done`), (error) => say(`cron ${name} failed: ${error.message}`));
  });
  return Promise.resolve();
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

Object.defineProperty(Deno, "cron", { value: cron });
