import { parse as parseEnv } from "dotenv";
import denoConfig from "./deno.json" with { type: "json" };
import { isProxyPath } from "./src/app.ts";
import { readArguments, USAGE, usageOf } from "./src/cli/arguments.ts";
import { AskError, askSecret, readSecret } from "./src/cli/ask_secret.ts";
import { backup } from "./src/cli/backup.ts";
import { runDemo } from "./src/cli/demo.ts";
import { DeployedServer } from "./src/cli/deployed_server.ts";
import { exportFile } from "./src/cli/export.ts";
import { importFile } from "./src/cli/import.ts";
import { doctor } from "./src/cli/doctor.ts";
import { resetPassword } from "./src/cli/reset_password.ts";
import { restore } from "./src/cli/restore.ts";
import { rotateSecret } from "./src/cli/rotate_secret.ts";
import { describeStart, type Listen, ListenError, type Listening, startServer } from "./src/cli/serve.ts";
import { type Config, ConfigError, readConfig, variableNames } from "./src/config.ts";
import { scrub } from "./src/dialect/scrub.ts";
import { startFront } from "./src/front/front.ts";
import { createTransport } from "./src/keyturn.ts";
import { createLog, type Log } from "./src/log.ts";
import { AppError } from "./src/errors.ts";
import { ImportError } from "./src/imports/imported.ts";
import { MasterKeyError } from "./src/store/master_key.ts";
import { StoreError } from "./src/store/store_error.ts";
import { SystemTicker } from "./src/ticker.ts";

/** The only file with the environment, the port, signals and exit codes. */
async function main(args: readonly string[]): Promise<number> {
  const command = readArguments(args);
  if (typeof command === "string") return fail(`keyturn: ${command}\n\n${USAGE}`, 2);
  switch (command.name) {
    case "help":
      return say(usageOf(command.of));
    case "version":
      return say(`keyturn ${denoConfig.version}\n`);
    case "serve":
      if (Deno.env.has("DENO_DEPLOY")) return await serveDeployed();
      return await withConfig(async (config, log) => {
        // From the beginning: a signal while it starts ends it in good order, too.
        const stopped = untilStopped();
        const server = await startServer(config, log, listen(config, log));
        say(describeStart(server, config) + "\n");
        await stopped;
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
    case "doctor":
      return await doctor({
        readConfig: readSettings,
        version: denoConfig.version,
        say,
        openTransport: (config) => {
          const ticker = new SystemTicker();
          return { transport: createTransport(config, ticker), ticker };
        },
      });
    case "reset-password": {
      const readPassword = command.isFromStdin
        ? readSecret
        : () => askSecret("New password of the owner (Enter alone makes one): ", say);
      return await withConfig((config) => resetPassword({ config, say, readPassword }));
    }
    case "rotate-secret":
      return await withConfig((config) => rotateSecret({ config, say }));
    case "backup":
      return await withConfig((config) => backup({ config, file: command.file, say }));
    case "import":
      return await withConfig((config) =>
        importFile({
          config,
          command: command.options,
          say,
          readPassphrase: command.options.isPassphraseFromStdin
            ? readSecret
            : () => askSecret("Passphrase of the export: ", say),
        })
      );
    case "export":
      return await withConfig((config) =>
        exportFile({
          config,
          command: command.options,
          say,
          readPassphrase: command.options.isPassphraseFromStdin
            ? readSecret
            : () => askSecret("Passphrase for the export: ", say),
        })
      );
    case "restore":
      return await withConfig((config) => restore({ config, file: command.file, say, nowMs: Date.now() }));
  }
}

/** On Deno Deploy, which finds the cron jobs by running this file's top level up to `Deno.serve`. */
async function serveDeployed(): Promise<number> {
  const server = new DeployedServer({
    readConfig: readSettings,
    createLog: logTo,
    onOpen: (keyturn, config) => say(describeStart({ keyturn, url: deployedUrl(config) }, config) + "\n"),
    nowMs: () => Date.now(),
  });
  // An instance without requests is stopped, so that no timer of its own can keep the time.
  Deno.cron("keyturn upkeep", "*/5 * * * *", () => server.runUpkeep());
  const listening = listenByDeno({ hostname: "0.0.0.0", port: Number(Deno.env.get("PORT") ?? 8000) }, server);
  const stopped = untilStopped();
  await server.open();
  await stopped;
  await server.stop(listening);
  return 0;
}

/** docs.deno.com/deploy/reference/domains, unless a domain of one's own is set. */
function deployedUrl({ publicUrl }: Config): string {
  const [app, organization] = ["APPLICATION", "ORGANIZATION"].map((of) =>
    Deno.env.get(`DENO_DEPLOY_${of}_SLUG`)
  );
  return publicUrl ?? `https://${app ?? "app"}.${organization ?? "organization"}.deno.net`;
}

const logTo = ({ logLevel }: Pick<Config, "logLevel">): Log =>
  createLog(logLevel, (line) => say(line + "\n"), (line) => scrub(line, []));

const readSettings = (): Config => readConfig(readVariables(), readEnvFile());

/** One by one, so that the executable need not be allowed to read any other. */
function readVariables(): Record<string, string | undefined> {
  return Object.fromEntries(variableNames().map((name) => [name, Deno.env.get(name)]));
}

async function withConfig(run: (config: Config, log: Log) => Promise<number | void>): Promise<number> {
  try {
    const config = readSettings();
    return await run(config, logTo(config)) ?? 0;
  } catch (error) {
    // The top of the program: what an operator can mend is told in lines, the rest with its stack.
    if (error instanceof ConfigError) {
      return fail(`keyturn: ${error.message}\n  ${scrub(error.faults.join("\n  "), [])}\n`, 78);
    }
    const isOperators = OPERATORS_ERRORS.some((kind) => error instanceof kind);
    if (isOperators && error instanceof Error) return fail(`keyturn: ${error.message}\n`, 1);
    throw error;
  }
}

/** What says in one line what an operator can do. */
const OPERATORS_ERRORS = [StoreError, MasterKeyError, ListenError, AskError, ImportError, AppError];

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

const listenByDeno = (
  options: Parameters<Listen>[0],
  { serve }: Pick<Parameters<Listen>[1], "serve">,
): Listening => {
  const aborter = new AbortController();
  const server = Deno.serve({ ...options, signal: aborter.signal, onListen: () => {} }, serve);
  return {
    port: server.addr.port,
    shutdown: () => server.shutdown(),
    abort: () => aborter.abort(),
  };
};

/** Windows has no SIGTERM. */
const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

function untilStopped(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    for (const signal of STOP_SIGNALS) Deno.removeSignalListener(signal, stop);
    resolve();
  };
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, stop);
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
