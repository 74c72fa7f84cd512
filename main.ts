import { parseEnv } from "node:util";
import denoConfig from "./deno.json" with { type: "json" };
import { isProxyPath } from "./src/app.ts";
import { readArguments, USAGE } from "./src/cli/arguments.ts";
import { runDemo } from "./src/cli/demo.ts";
import { describeStart, type Listen, ListenError, startServer } from "./src/cli/serve.ts";
import { type Config, ConfigError, readConfig } from "./src/config.ts";
import { scrub } from "./src/dialect/scrub.ts";
import { startFront } from "./src/front/front.ts";
import { createLog, type Log } from "./src/log.ts";
import { MasterKeyError } from "./src/store/master_key.ts";
import { StoreError } from "./src/store/store_error.ts";
import { SystemTicker } from "./src/ticker.ts";

/** The only file with the environment, the port, signals and exit codes. */
async function main(args: readonly string[]): Promise<number> {
  const command = readArguments(args);
  if (typeof command === "string") return fail(`keyturn: ${command}\n\n${USAGE}`, 2);
  switch (command.name) {
    case "help":
      return say(USAGE);
    case "version":
      return say(`keyturn ${denoConfig.version}\n`);
    case "serve":
      return await withConfig(async (config, log) => {
        const server = await startServer(config, log, listen(config, log));
        say(describeStart(server, config) + "\n");
        await untilStopped();
        await server.stop();
      });
    case "demo":
      return await withConfig((config, log) =>
        runDemo({
          config,
          log,
          listen: listen(config, log),
          say,
          stopped: untilStopped(),
          seconds: command.seconds,
        })
      );
  }
}

async function withConfig(run: (config: Config, log: Log) => Promise<void>): Promise<number> {
  try {
    const config = readConfig(Deno.env.toObject(), readEnvFile());
    await run(config, createLog(config.logLevel, (line) => say(line + "\n"), (line) => scrub(line, [])));
    return 0;
  } catch (error) {
    // The top of the program: what an operator can mend is told in lines, the rest with its stack.
    if (error instanceof ConfigError) {
      return fail(`keyturn: ${error.message}\n  ${scrub(error.faults.join("\n  "), [])}\n`, 78);
    }
    const isOperators = error instanceof StoreError || error instanceof MasterKeyError ||
      error instanceof ListenError;
    if (isOperators) return fail(`keyturn: ${error.message}\n`, 1);
    throw error;
  }
}

/** `.env` in the working directory; what is set already wins over it. */
function readEnvFile(): Record<string, string | undefined> {
  try {
    return parseEnv(Deno.readTextFileSync(".env"));
  } catch (error) {
    // Most set-ups have no such file.
    if (error instanceof Deno.errors.NotFound) return {};
    throw new ConfigError([".env: cannot be read, takes a text file of NAME=value lines"]);
  }
}

const listen = ({ front }: Config, log: Log): Listen => front === "own" ? listenOurselves(log) : listenByDeno;

const listenOurselves = (log: Log): Listen => (options, { relay, serve }) => {
  const ticker = new SystemTicker();
  const front = startFront({ ...options, relay, isProxyPath, fallback: serve, ticker, log });
  return {
    port: front.port,
    shutdown: () => front.shutdown().finally(() => ticker.close()),
    abort: () => front.abort(),
  };
};

const listenByDeno: Listen = (options, { serve }) => {
  const aborter = new AbortController();
  const server = Deno.serve({ ...options, signal: aborter.signal, onListen: () => {} }, serve);
  return {
    port: server.addr.port,
    shutdown: () => server.shutdown(),
    abort: () => aborter.abort(),
  };
};

function untilStopped(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    Deno.removeSignalListener("SIGINT", stop);
    Deno.removeSignalListener("SIGTERM", stop);
    resolve();
  };
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  return promise;
}

const encoder = new TextEncoder();

function say(text: string): 0 {
  write(Deno.stdout, text);
  return 0;
}

function fail(text: string, code: number): number {
  write(Deno.stderr, text);
  return code;
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
  } catch (error) {
    // Nobody reads any more, as in `keyturn | head`: requests must not fail for that.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
