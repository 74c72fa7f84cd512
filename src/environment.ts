import { z } from "zod";
import { PRESETS } from "./core/presets.ts";
import {
  adminPassword,
  clientKey,
  clientKeyList,
  count,
  flag,
  httpUrl,
  keyList,
  listenAddress,
  logLevel,
  masterKey,
  masterKeys,
  networkList,
  privateNetworks,
  seconds,
  secret,
  sessionSecret,
} from "./environment_kinds.ts";
import { LOG_LEVELS } from "./log.ts";

/** What a variable's documentation says: shown in `.env.example` and in the error for a wrong value. */
interface VariableNote {
  readonly section: string;
  readonly about: string;
  /** Completes the sentence "takes …". */
  readonly takes: string;
  /** Other names of the same setting, known from the systems Keyturn replaces; the first one set wins. */
  readonly aliases?: readonly string[];
  readonly isSecret?: boolean;
  /** The value shown in `.env.example`. */
  readonly example?: string;
}

const notes = z.registry<VariableNote>();

const SERVER = "Server";
const STORES = "Where state is kept";
const STATISTICS = "Statistics and the request log";
const ACCESS = "Who may use it";
const RELAY = "Relaying";
const KEYS = "Provider keys (each list seeds a provider that has no keys yet)";

/**
 * The environment: every variable is documented here and nowhere else. `.env.example` is written from it,
 * and a test holds the two together.
 */
export const environment = z.object({
  PORT: count(0, 65535).default(8000).register(notes, {
    section: SERVER,
    about: "Port to listen on; 0 takes a free one.",
    takes: "a whole number from 0 to 65535",
    aliases: ["BACKEND_PORT"],
    example: "8000",
  }),
  HOST: z.string().min(1).default("127.0.0.1").register(notes, {
    section: SERVER,
    about: "Address to listen on. 0.0.0.0 makes it reachable from other machines.",
    takes: "an IP address or a host name",
    example: "127.0.0.1",
  }),
  LISTEN_ADDR: listenAddress.optional().register(notes, {
    section: SERVER,
    about: "Address and port in one, as `host:port` or `:port`; wins over HOST and PORT.",
    takes: "`host:port` or `:port` with a port from 0 to 65535",
    example: ":8000",
  }),
  PUBLIC_URL: httpUrl.optional().register(notes, {
    section: SERVER,
    about: "How callers reach this server, for links and snippets.",
    takes: "an http or https URL",
    aliases: ["PROXY_PUBLIC_BASE_URL"],
    example: "https://keys.example.org",
  }),
  LOG_LEVEL: logLevel.default("info").register(notes, {
    section: SERVER,
    about: "Least important events that are logged.",
    takes: `one of ${LOG_LEVELS.join(", ")}`,
    example: "info",
  }),
  HTTP_FRONT: z.enum(["own", "deno"]).default("own").register(notes, {
    section: SERVER,
    about:
      "The way in for callers: our own HTTP/1.1 server, or Deno's (half as fast; always on Deno Deploy).",
    takes: "own or deno",
    example: "own",
  }),
  DRAIN_SECONDS: seconds(0, 600).default(25).register(notes, {
    section: SERVER,
    about: "How long running answers may go on after SIGTERM.",
    takes: "seconds from 0 to 600",
    example: "25",
  }),

  DATA_DIR: z.string().min(1).default("./data").register(notes, {
    section: STORES,
    about: "Folder of the database, the KV file and the master key. One process at a time.",
    takes: "a path",
    example: "./data",
  }),
  DATABASE_URL: z.string().regex(/^(file:|libsql:|https?:|wss?:)/).optional().register(notes, {
    section: STORES,
    about:
      "libSQL database: file:PATH, libsql://… (Turso), or http(s)://… (sqld). Default: DATA_DIR/keyturn.db.",
    takes: "a URL that begins with file:, libsql:, http: or https:",
    aliases: ["TURSO_DATABASE_URL"],
    isSecret: true,
    example: "file:./data/keyturn.db",
  }),
  DATABASE_PATH: z.string().min(1).optional().register(notes, {
    section: STORES,
    about: "The same as a plain path.",
    takes: "a path",
    example: "./data/keyturn.db",
  }),
  DATABASE_AUTH_TOKEN: secret.optional().register(notes, {
    section: STORES,
    about: "Token for a remote libSQL database.",
    takes: "a token",
    aliases: ["TURSO_AUTH_TOKEN"],
    isSecret: true,
  }),
  KV_URL: z.string().min(1).optional().register(notes, {
    section: STORES,
    about:
      "Deno KV: a path, :memory:, or the http(s) URL of a KV Connect server. Default: DATA_DIR/keyturn.kv.",
    takes: "a path, :memory: or an http(s) URL",
    isSecret: true,
    example: "./data/keyturn.kv",
  }),
  MASTER_KEY: masterKey.optional().register(
    notes,
    {
      section: STORES,
      about: "Seals the provider keys: 32 random bytes as base64. Default: made once in DATA_DIR/master.key.",
      takes: "32 bytes as base64 or hex",
      isSecret: true,
    },
  ),
  MASTER_KEY_PREVIOUS: masterKeys.optional().register(notes, {
    section: STORES,
    about: "Master keys before MASTER_KEY, which only open, while `keyturn rotate-secret` has not been run.",
    takes: "32 bytes as base64 or hex, more than one separated by commas",
    isSecret: true,
  }),
  MASTER_KEY_FILE: z.string().min(1).optional().register(notes, {
    section: STORES,
    about: "Where the master key is kept, if not in DATA_DIR.",
    takes: "a path",
    example: "/run/secrets/keyturn-master-key",
  }),

  USAGE_MINUTES_DAYS: count(0, 36500).default(7).register(notes, {
    section: STATISTICS,
    about: "How many days statistics are kept by the minute; 0 keeps all.",
    takes: "a whole number from 0 to 36500",
    example: "7",
  }),
  USAGE_HOURS_DAYS: count(0, 36500).default(90).register(notes, {
    section: STATISTICS,
    about: "How many days statistics are kept by the hour; 0 keeps all.",
    takes: "a whole number from 0 to 36500",
    example: "90",
  }),
  USAGE_RETENTION_DAYS: count(0, 36500).default(0).register(notes, {
    section: STATISTICS,
    about: "How many days statistics are kept by the day; 0 keeps all.",
    takes: "a whole number from 0 to 36500",
    example: "0",
  }),
  REQUEST_LOG_DAYS: count(0, 36500).default(30).register(notes, {
    section: STATISTICS,
    about: "How many days single requests are kept in the log, which statistics do not need; 0 has no limit.",
    takes: "a whole number from 0 to 36500",
    example: "30",
  }),
  REQUEST_LOG_ROWS: count(0, 1e9).default(10_000_000).register(notes, {
    section: STATISTICS,
    about: "How many requests the log holds at the most, some 300 bytes each; 0 logs none.",
    takes: "a whole number from 0 to 1000000000",
    example: "10000000",
  }),
  METRICS_TOKEN: secret.optional().register(notes, {
    section: STATISTICS,
    about:
      "Lets a Prometheus read /metrics with `Authorization: Bearer`. Without it the admin key is needed.",
    takes: "a token",
    isSecret: true,
  }),
  OTEL_DENO: flag.default(false).register(notes, {
    section: STATISTICS,
    about:
      "Deno's own switch for OpenTelemetry (with OTEL_EXPORTER_OTLP_ENDPOINT and so on): one span a request, one an attempt.",
    takes: "true or false",
    example: "false",
  }),

  ADMIN_USERNAME: z.string().min(1).max(64).default("admin").register(notes, {
    section: ACCESS,
    about: "Name of the owner's account.",
    takes: "a name of 1 to 64 characters",
    example: "admin",
  }),
  ADMIN_PASSWORD: adminPassword.optional().register(notes, {
    section: ACCESS,
    about: "The owner's password, also sent as X-Admin-Key. Default: made at first start and printed once.",
    takes: "8 to 256 characters that are no well-known default",
    aliases: ["ADMIN_KEY"],
    isSecret: true,
  }),
  JWT_SECRET: sessionSecret.optional().register(notes, {
    section: ACCESS,
    about: "Signs the sessions of the dashboard. Default: derived from the master key.",
    takes: "at least 32 characters",
    isSecret: true,
  }),
  GLOBAL_PROXY_KEYS: clientKeyList.default([]).register(notes, {
    section: ACCESS,
    about: "Client keys that may use every provider: comma or newline separated, at least 8 characters each.",
    takes: "keys of at least 8 characters that are no well-known default, separated by commas or newlines",
    isSecret: true,
  }),
  APP_API_KEY: clientKey.optional().register(
    notes,
    {
      section: ACCESS,
      about: "One more such client key.",
      takes: "a key of at least 8 characters that is no well-known default",
      isSecret: true,
    },
  ),
  TRUSTED_PROXIES: networkList.optional().register(notes, {
    section: ACCESS,
    about:
      "Proxies in front, as addresses or networks: of what comes from them, X-Forwarded-For tells the caller's address.",
    takes: "addresses and CIDR networks, separated by commas",
    example: "10.0.0.0/8",
  }),
  ALLOW_ANONYMOUS: flag.default(false).register(notes, {
    section: ACCESS,
    about: "Serve callers without a client key. Only for a machine that nobody else can reach.",
    takes: "true or false",
    example: "false",
  }),

  REQUEST_TIMEOUT_SECONDS: seconds(1, 86400).default(600).register(notes, {
    section: RELAY,
    about: "Limit for all attempts of one request together, up to the moment its answer begins.",
    takes: "seconds from 1 to 86400",
    aliases: ["PROXY_TIMEOUT"],
    example: "600",
  }),
  CONNECT_TIMEOUT_SECONDS: seconds(0.1, 300).default(10).register(notes, {
    section: RELAY,
    about: "To open a connection to a provider.",
    takes: "seconds from 0.1 to 300",
    example: "10",
  }),
  FIRST_BYTE_TIMEOUT_SECONDS: seconds(0.1, 86400).default(300).register(notes, {
    section: RELAY,
    about:
      "From the end of a request to the first byte, and in a stream the first meaningful event, of its answer.",
    takes: "seconds from 0.1 to 86400",
    example: "300",
  }),
  IDLE_TIMEOUT_SECONDS: seconds(0.1, 86400).default(120).register(notes, {
    section: RELAY,
    about: "Longest pause inside an answer.",
    takes: "seconds from 0.1 to 86400",
    example: "120",
  }),
  RETRY_WITH_NEW_KEY_COUNT: count(0, 100).default(9).register(notes, {
    section: RELAY,
    about: "How many more keys a request may try after its first one failed.",
    takes: "a whole number from 0 to 100",
    example: "9",
  }),
  MAX_WAIT_SECONDS: seconds(0, 600).default(10).register(notes, {
    section: RELAY,
    about: "How long a request may wait for a key that is about to be free.",
    takes: "seconds from 0 to 600",
    example: "10",
  }),
  KEY_FAILURE_COOLDOWN_SECONDS: seconds(0.1, 86400).default(15).register(notes, {
    section: RELAY,
    about:
      "First step of the cooldown of a limited key when its provider names no time; doubles up to 10 minutes.",
    takes: "seconds from 0.1 to 86400",
    example: "15",
  }),
  KEY_MAX_CONSECUTIVE_FAILURES: count(1, 100).default(5).register(notes, {
    section: RELAY,
    about: "Doubtful rejections in a row after which a key is not used any more.",
    takes: "a whole number from 1 to 100",
    example: "5",
  }),
  HEALTH_CHECK_INTERVAL_SECONDS: seconds(0, 86400).default(300).register(notes, {
    section: RELAY,
    about: "How often keys that are not used any more are checked again; 0 turns the checks off.",
    takes: "seconds from 0 to 86400",
    example: "300",
  }),
  MODEL_LIST_HOURS: z.coerce.number().min(0).max(8760).default(6).register(notes, {
    section: RELAY,
    about:
      "How often the models of a provider are asked for, where the operator told none; 0 never asks for them.",
    takes: "hours from 0 to 8760",
    example: "6",
  }),
  DEFAULT_MODEL: z.string().min(1).max(200).optional().register(notes, {
    section: RELAY,
    about: "Model for requests that name none.",
    takes: "a model id",
    example: "gpt-5-mini",
  }),
  MAX_REPLAY_BYTES: count(0, 1 << 30).default(16 * 1024 * 1024).register(notes, {
    section: RELAY,
    about:
      "Request bodies up to this size are kept, so that they can be sent again; larger ones get one attempt.",
    takes: "bytes from 0 to 1073741824",
    example: "16777216",
  }),
  MAX_BODY_BYTES: count(1, 4 * (1 << 30)).default(128 * 1024 * 1024).register(notes, {
    section: RELAY,
    about: "Larger request bodies are refused with 413.",
    takes: "bytes from 1 to 4294967296",
    example: "134217728",
  }),
  ALLOW_PRIVATE_NETWORKS: privateNetworks.optional().register(notes, {
    section: RELAY,
    about:
      "Private networks in which providers may be (127.0.0.0/8 for an Ollama on this machine), or true or false for all or none. Default: each provider's own allowPrivateNetwork.",
    takes: "true, false, or addresses and CIDR networks, separated by commas",
    example: "127.0.0.0/8",
  }),
  UPSTREAM_TRANSPORT: z.enum(["http1", "fetch"]).default("http1").register(notes, {
    section: RELAY,
    about: "The way out to providers: our own HTTP/1.1 client, or fetch (slower; honours HTTP_PROXY).",
    takes: "http1 or fetch",
    example: "http1",
  }),
});

/** One list of keys for every preset, `OPENAI_API_KEYS` and so on: it seeds a provider that has no keys yet. */
export const seedLists: z.ZodObject<Record<string, z.ZodOptional<typeof keyList>>> = z.object(
  Object.fromEntries(PRESETS.map((preset) => [
    seedListName(preset.slug),
    keyList.optional().register(notes, {
      section: KEYS,
      about: `Keys of ${preset.name}: comma or newline separated, \`key\` or \`key:weight\`.`,
      takes: "keys separated by commas or newlines, each with a weight of 1 to 1000 if any (`key:weight`)",
      isSecret: true,
    }),
  ])),
);

/** The variable that lists the keys of a preset. */
export function seedListName(slug: string): string {
  return `${slug.toUpperCase().replaceAll("-", "_")}_API_KEYS`;
}

/** Every variable with its note, in the order of the documentation. */
export function listVariables(): { readonly name: string; readonly note: VariableNote }[] {
  return Object.entries({ ...environment.shape, ...seedLists.shape }).flatMap(([name, schema]) => {
    const note = notes.get(schema);
    return note === undefined ? [] : [{ name, note }];
  });
}
