import { type z } from "zod";
import { fileUrl } from "./core/file_url.ts";
import type { Kept } from "./core/kept.ts";
import type { KeySeed } from "./core/key_list.ts";
import { NetworkList } from "./core/network_list.ts";
import { PRESETS } from "./core/presets.ts";
import type { ProviderPolicy } from "./core/provider.ts";
import type { Secret } from "./core/secret.ts";
import { environment, listVariables, seedListName, seedLists } from "./environment.ts";
import type { LogLevel } from "./log.ts";

/** The program's settings, parsed. Which preset a list of keys belongs to is told by its slug. */
export interface Config {
  /** Names of the variables that the environment or its file sets: nothing else changes those. */
  readonly setByEnvironment: ReadonlySet<string>;
  readonly hostname: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly logLevel: LogLevel;
  readonly drainMs: number;
  /** On Deno Deploy, where files do not last and there is no data folder. */
  readonly isOnDeploy: boolean;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly databaseAuthToken: Secret | undefined;
  /** `undefined` means the database of the platform, on Deno Deploy. */
  readonly kvUrl: string | undefined;
  /** For how long statistics and the request log are kept. */
  readonly kept: Kept;
  /** Lets /metrics be read beside the admin key. */
  readonly metricsToken: Secret | undefined;
  /** Whether Deno exports OpenTelemetry. */
  readonly isTraced: boolean;
  readonly masterKey: Secret | undefined;
  /** Beside `masterKey`: those before it, which only open; separated by commas or spaces. */
  readonly masterKeyPrevious: Secret | undefined;
  readonly masterKeyFile: string;
  readonly adminUsername: string;
  readonly adminPassword: Secret | undefined;
  readonly jwtSecret: Secret | undefined;
  readonly clientKeys: readonly Secret[];
  readonly allowAnonymous: boolean;
  /** Whose word on a caller's address is taken; none by default. */
  readonly trustedProxies: NetworkList;
  readonly policy: ProviderPolicy;
  readonly healthCheckIntervalMs: number;
  /** How old a learned list of models may be; 0 learns none. */
  readonly modelListFreshMs: number;
  readonly defaultModel: string | undefined;
  readonly maxReplayBytes: number;
  readonly maxBodyBytes: number;
  readonly front: "own" | "deno";
  readonly transport: "http1" | "fetch";
  /** Private networks in which every provider may be, and no other; `undefined` leaves it to each provider. */
  readonly privateNetworks: NetworkList | undefined;
  readonly keySeeds: ReadonlyMap<string, readonly KeySeed[]>;
}

/** Wrong values in the environment: one line a fault, with the variable, what it got and what it takes. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  /** The same without what was got, so that it may be shown to anybody. */
  readonly settings: readonly WrongSetting[];

  constructor(faults: readonly string[], settings: readonly WrongSetting[] = []) {
    super(`Cannot read the configuration: ${faults.length} wrong value${faults.length === 1 ? "" : "s"}`);
    this.name = "ConfigError";
    this.faults = faults;
    this.settings = settings;
  }
}

export interface WrongSetting {
  readonly name: string;
  /** Completes the sentence "takes …". */
  readonly takes: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings from environment variables, and from those of the `.env` file where the environment sets
 * them under none of their names. Empty variables count as not set.
 * @throws {ConfigError} naming every wrong value; never a secret.
 */
export function readConfig(variables: Variables, ofFile: Variables = {}): Config {
  const { given, names } = gather(variables, ofFile);
  const settings = environment.safeParse(given);
  const seeds = seedLists.safeParse(given);
  const isOnDeploy = Boolean(variables.DENO_DEPLOY);
  const missing = isOnDeploy ? missingOnDeploy(given) : [];
  if (!settings.success || !seeds.success || missing.length > 0) {
    const wrong = wrongSettings(
      [...(settings.error?.issues ?? []), ...(seeds.error?.issues ?? [])],
      given,
      names,
    );
    const all = [...wrong, ...missing];
    throw new ConfigError(all.map(({ name, got, takes }) => `${name}: got ${got}, takes ${takes}`), all);
  }
  const env = settings.data;
  const [hostname, port] = splitAddress(env.LISTEN_ADDR, env.HOST, env.PORT);
  return {
    setByEnvironment: new Set(Object.keys(given)),
    hostname,
    port,
    publicUrl: env.PUBLIC_URL?.replace(/\/+$/, ""),
    logLevel: env.LOG_LEVEL,
    drainMs: Math.min(env.DRAIN_SECONDS, isOnDeploy ? MAX_DRAIN_SECONDS_ON_DEPLOY : Infinity) * 1000,
    isOnDeploy,
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL ?? fileUrl(env.DATABASE_PATH ?? `${env.DATA_DIR}/keyturn.db`),
    databaseAuthToken: env.DATABASE_AUTH_TOKEN,
    kvUrl: env.KV_URL ?? (isOnDeploy ? undefined : `${env.DATA_DIR}/keyturn.kv`),
    kept: {
      minutesForDays: env.USAGE_MINUTES_DAYS,
      hoursForDays: env.USAGE_HOURS_DAYS,
      daysForDays: env.USAGE_RETENTION_DAYS,
      requestsForDays: env.REQUEST_LOG_DAYS,
      requests: env.REQUEST_LOG_ROWS,
    },
    metricsToken: env.METRICS_TOKEN,
    isTraced: env.OTEL_DENO,
    masterKey: env.MASTER_KEY,
    masterKeyPrevious: env.MASTER_KEY_PREVIOUS,
    masterKeyFile: env.MASTER_KEY_FILE ?? `${env.DATA_DIR}/master.key`,
    adminUsername: env.ADMIN_USERNAME,
    adminPassword: env.ADMIN_PASSWORD,
    jwtSecret: env.JWT_SECRET,
    clientKeys: [...env.GLOBAL_PROXY_KEYS, ...(env.APP_API_KEY === undefined ? [] : [env.APP_API_KEY])],
    allowAnonymous: env.ALLOW_ANONYMOUS,
    trustedProxies: env.TRUSTED_PROXIES ?? new NetworkList([]),
    policy: {
      connectTimeoutMs: env.CONNECT_TIMEOUT_SECONDS * 1000,
      firstByteTimeoutMs: env.FIRST_BYTE_TIMEOUT_SECONDS * 1000,
      idleTimeoutMs: env.IDLE_TIMEOUT_SECONDS * 1000,
      deadlineMs: env.REQUEST_TIMEOUT_SECONDS * 1000,
      maxAttempts: env.RETRY_WITH_NEW_KEY_COUNT + 1,
      maxWaitMs: env.MAX_WAIT_SECONDS * 1000,
      cooldownBaseMs: env.KEY_FAILURE_COOLDOWN_SECONDS * 1000,
      cooldownCapMs: Math.max(600, env.KEY_FAILURE_COOLDOWN_SECONDS) * 1000,
      maxConsecutiveFailures: env.KEY_MAX_CONSECUTIVE_FAILURES,
      repeat: "safe",
      onClientGone: "abort",
      allowPrivateNetwork: false,
      allowPlainHttp: false,
    },
    healthCheckIntervalMs: env.HEALTH_CHECK_INTERVAL_SECONDS * 1000,
    modelListFreshMs: env.MODEL_LIST_HOURS * 3_600_000,
    defaultModel: env.DEFAULT_MODEL,
    maxReplayBytes: env.MAX_REPLAY_BYTES,
    maxBodyBytes: env.MAX_BODY_BYTES,
    // Its servers stand in front and speak to `Deno.serve` alone.
    front: isOnDeploy ? "deno" : env.HTTP_FRONT,
    transport: env.UPSTREAM_TRANSPORT,
    privateNetworks: env.ALLOW_PRIVATE_NETWORKS,
    keySeeds: new Map(PRESETS.flatMap(({ slug }) => {
      const list = seeds.data[seedListName(slug)];
      return list === undefined || list.length === 0 ? [] : [[slug, list] as const];
    })),
  };
}

/** Every variable that is read, under each of its names: no other need be known, nor be allowed. */
export function variableNames(): string[] {
  return [...listVariables().flatMap(({ name, note }) => [name, ...(note.aliases ?? [])]), "DENO_DEPLOY"];
}

/** The text of `.env.example`: every variable with what it is for, commented out. */
export function describeEnvironment(): string {
  const lines = ["# Every variable is optional: Keyturn starts without any. Written by `deno task env`."];
  let section = "";
  for (const { name, note } of listVariables()) {
    if (note.section !== section) lines.push("", `# --- ${note.section} ---`);
    section = note.section;
    const also = note.aliases === undefined ? "" : ` Also read from ${note.aliases.join(", ")}.`;
    lines.push("", `# ${note.about}${also}`, `# ${name}=${note.example ?? ""}`);
  }
  return lines.join("\n") + "\n";
}

function gather(variables: Variables, ofFile: Variables) {
  const given: Record<string, string> = {};
  const names: Record<string, string> = {};
  for (const { name, note } of listVariables()) {
    const spellings = [name, ...(note.aliases ?? [])];
    for (const source of [variables, ofFile]) {
      const spelled = spellings.find((each) => source[each]?.trim());
      if (spelled === undefined) continue;
      given[name] = source[spelled]?.trim() ?? "";
      names[name] = spelled;
      break;
    }
  }
  return { given, names };
}

/** SIGKILL follows five seconds after SIGINT: docs.deno.com/deploy/reference/runtime/#shutdown. */
export const MAX_DRAIN_SECONDS_ON_DEPLOY = 4;

interface GotSetting extends WrongSetting {
  readonly got: string;
}

/** What Deno Deploy needs: the files that are made by default would be lost with each instance. */
function missingOnDeploy(given: Variables): GotSetting[] {
  const missing: GotSetting[] = [];
  const { DATABASE_URL, MASTER_KEY } = given;
  if (!/^(?:libsql|https?|wss?):/.test(DATABASE_URL ?? "")) {
    const got = DATABASE_URL === undefined ? "nothing" : "that of a file";
    const takes = "the URL of a libSQL server on Deno Deploy, where files do not last";
    missing.push({ name: "DATABASE_URL", got, takes });
  }
  if (MASTER_KEY === undefined) {
    const takes = "32 bytes as base64 or hex on Deno Deploy, where files do not last";
    missing.push({ name: "MASTER_KEY", got: "nothing", takes });
  }
  return missing;
}

/** Enough of a wrong value to know it again. */
const MAX_SHOWN_LENGTH = 60;

function wrongSettings(
  issues: readonly z.core.$ZodIssue[],
  given: Readonly<Record<string, string>>,
  names: Readonly<Record<string, string>>,
): GotSetting[] {
  const wrong = new Set(issues.map((issue) => String(issue.path[0])));
  return listVariables().filter(({ name }) => wrong.has(name)).map(({ name, note }) => {
    const value = given[name] ?? "";
    const got = note.isSecret === true
      ? `a value of ${value.length} characters`
      : JSON.stringify(value.slice(0, MAX_SHOWN_LENGTH));
    return { name: names[name] ?? name, got, takes: note.takes };
  });
}

function splitAddress(both: string | undefined, host: string, port: number): [string, number] {
  if (both === undefined) return [host, port];
  const at = both.lastIndexOf(":");
  const hostname = both.slice(0, at).replace(/^\[|\]$/g, "");
  return [hostname === "" ? "0.0.0.0" : hostname, Number(both.slice(at + 1))];
}
