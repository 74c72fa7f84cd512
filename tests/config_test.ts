import assert from "node:assert/strict";
import { type Config, ConfigError, readConfig } from "../src/config.ts";
import { listVariables } from "../src/environment.ts";

const SECRET = "planted-secret-0123456789";
const MASTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/** Lines of the error that these variables give; fails the test when they give none. */
function faultsOf(variables: Record<string, string>): readonly string[] {
  try {
    readConfig(variables);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.faults;
  }
  assert.fail(`${JSON.stringify(variables)} is refused`);
}

const reveal = (config: Config) => config.clientKeys.map((key) => key.reveal());

/** Every name that users of the five systems know, and our own: a value, and what it must set. */
const NAMES: readonly [name: string, value: string, read: (config: Config) => unknown, expected: unknown][] =
  [
    ["PORT", "9000", (config) => config.port, 9000],
    ["PORT", "0", (config) => config.port, 0],
    ["BACKEND_PORT", "9001", (config) => config.port, 9001],
    ["HOST", "0.0.0.0", (config) => config.hostname, "0.0.0.0"],
    ["LISTEN_ADDR", ":9002", (config) => [config.hostname, config.port], ["0.0.0.0", 9002]],
    ["LISTEN_ADDR", "10.0.0.1:80", (config) => [config.hostname, config.port], ["10.0.0.1", 80]],
    ["LISTEN_ADDR", "[::1]:9003", (config) => [config.hostname, config.port], ["::1", 9003]],
    ["PUBLIC_URL", "https://a.example/", (config) => config.publicUrl, "https://a.example"],
    ["PROXY_PUBLIC_BASE_URL", "https://b.example", (config) => config.publicUrl, "https://b.example"],
    ["LOG_LEVEL", "DEBUG", (config) => config.logLevel, "debug"],
    ["LOG_LEVEL", "warning", (config) => config.logLevel, "warn"],
    ["DRAIN_SECONDS", "1.5", (config) => config.drainMs, 1500],
    ["DATA_DIR", "/x", (config) => [config.databaseUrl, config.kvUrl, config.masterKeyFile], [
      "file:/x/keyturn.db",
      "/x/keyturn.kv",
      "/x/master.key",
    ]],
    ["DATA_DIR", "/a b%", (config) => config.databaseUrl, "file:/a%20b%25/keyturn.db"],
    ["DATABASE_URL", "libsql://db.example", (config) => config.databaseUrl, "libsql://db.example"],
    ["TURSO_DATABASE_URL", "libsql://t.example", (config) => config.databaseUrl, "libsql://t.example"],
    ["DATABASE_PATH", "./my keys.db", (config) => config.databaseUrl, "file:./my%20keys.db"],
    ["DATABASE_AUTH_TOKEN", SECRET, (config) => config.databaseAuthToken?.reveal(), SECRET],
    ["TURSO_AUTH_TOKEN", SECRET, (config) => config.databaseAuthToken?.reveal(), SECRET],
    ["KV_URL", ":memory:", (config) => config.kvUrl, ":memory:"],
    ["USAGE_MINUTES_DAYS", "3", ({ kept }) => kept.minutesForDays, 3],
    ["USAGE_HOURS_DAYS", "40", ({ kept }) => kept.hoursForDays, 40],
    ["USAGE_RETENTION_DAYS", "700", ({ kept }) => kept.daysForDays, 700],
    ["REQUEST_LOG_DAYS", "0", ({ kept }) => kept.requestsForDays, 0],
    ["REQUEST_LOG_ROWS", "1000", ({ kept }) => kept.requests, 1000],
    ["METRICS_TOKEN", SECRET, (config) => config.metricsToken?.reveal(), SECRET],
    ["OTEL_DENO", "true", (config) => config.isTraced, true],
    ["MASTER_KEY", MASTER_KEY, (config) => config.masterKey?.reveal(), MASTER_KEY],
    [
      "MASTER_KEY_PREVIOUS",
      `${MASTER_KEY}, ${MASTER_KEY}`,
      (config) => config.masterKeyPrevious?.reveal(),
      `${MASTER_KEY}, ${MASTER_KEY}`,
    ],
    ["MASTER_KEY_FILE", "/run/key", (config) => config.masterKeyFile, "/run/key"],
    ["ADMIN_USERNAME", "ann", (config) => config.adminUsername, "ann"],
    ["ADMIN_PASSWORD", SECRET, (config) => config.adminPassword?.reveal(), SECRET],
    ["ADMIN_KEY", SECRET, (config) => config.adminPassword?.reveal(), SECRET],
    ["JWT_SECRET", SECRET + SECRET, (config) => config.jwtSecret?.reveal(), SECRET + SECRET],
    ["GLOBAL_PROXY_KEYS", "client-a1, client-b2\nclient-c3", reveal, ["client-a1", "client-b2", "client-c3"]],
    ["APP_API_KEY", SECRET, reveal, [SECRET]],
    [
      "TRUSTED_PROXIES",
      "10.0.0.0/8, ::1",
      ({ trustedProxies: list }) => [list.includes("10.1.2.3"), list.includes("::1")],
      [true, true],
    ],
    ["ALLOW_ANONYMOUS", "yes", (config) => config.allowAnonymous, true],
    ["REQUEST_TIMEOUT_SECONDS", "30", (config) => config.policy.deadlineMs, 30_000],
    ["PROXY_TIMEOUT", "31", (config) => config.policy.deadlineMs, 31_000],
    ["CONNECT_TIMEOUT_SECONDS", "0.5", (config) => config.policy.connectTimeoutMs, 500],
    ["FIRST_BYTE_TIMEOUT_SECONDS", "7", (config) => config.policy.firstByteTimeoutMs, 7000],
    ["IDLE_TIMEOUT_SECONDS", "8", (config) => config.policy.idleTimeoutMs, 8000],
    ["RETRY_WITH_NEW_KEY_COUNT", "0", (config) => config.policy.maxAttempts, 1],
    ["MAX_WAIT_SECONDS", "0", (config) => config.policy.maxWaitMs, 0],
    ["KEY_FAILURE_COOLDOWN_SECONDS", "900", ({ policy }) => [policy.cooldownBaseMs, policy.cooldownCapMs], [
      900_000,
      900_000,
    ]],
    ["KEY_MAX_CONSECUTIVE_FAILURES", "2", (config) => config.policy.maxConsecutiveFailures, 2],
    ["HEALTH_CHECK_INTERVAL_SECONDS", "0", (config) => config.healthCheckIntervalMs, 0],
    ["MODEL_LIST_HOURS", "0", (config) => config.modelListFreshMs, 0],
    ["DEFAULT_MODEL", "gpt-5", (config) => config.defaultModel, "gpt-5"],
    ["MAX_REPLAY_BYTES", "1024", (config) => config.maxReplayBytes, 1024],
    ["MAX_BODY_BYTES", "2048", (config) => config.maxBodyBytes, 2048],
    ["HTTP_FRONT", "deno", (config) => config.front, "deno"],
    [
      "ALLOW_PRIVATE_NETWORKS",
      "true",
      (config) => ["10.0.0.1", "::1"].map((address) => config.privateNetworks?.includes(address)),
      [true, true],
    ],
    ["UPSTREAM_TRANSPORT", "fetch", (config) => config.transport, "fetch"],
    ...["openai", "openrouter", "gemini", "anthropic", "zhipu"].map((slug) =>
      [
        `${slug.toUpperCase()}_API_KEYS`,
        "sk-a,sk-b:7\nsk-c",
        (config: Config) => config.keySeeds.get(slug)?.map(({ secret, weight }) => [secret.reveal(), weight]),
        [["sk-a", undefined], ["sk-b", 7], ["sk-c", undefined]],
      ] as const
    ).map(([name, value, read, expected]): typeof NAMES[number] => [name, value, read, expected]),
  ];

Deno.test("readConfig() reads every variable by each of its names", () => {
  for (const [name, value, read, expected] of NAMES) {
    assert.deepEqual(read(readConfig({ [name]: value })), expected, `${name}=${value}`);
  }
  const tried = new Set(NAMES.map(([name]) => name));
  const untried = listVariables().flatMap(({ name, note }) => [name, ...(note.aliases ?? [])])
    .filter((name) => !tried.has(name) && !name.endsWith("_API_KEYS"));
  assert.deepEqual(untried, []);
});

Deno.test("readConfig() takes empty variables as not set, and needs none", () => {
  const empty = Object.fromEntries(NAMES.map(([name]) => [name, " "]));

  assert.deepEqual(readConfig(empty), readConfig({}));
  assert.deepEqual(readConfig({ OPENAI_API_KEYS: "," }).keySeeds.size, 0);
});

Deno.test("readConfig() prefers the own name to an alias, and LISTEN_ADDR to HOST and PORT", () => {
  assert.equal(readConfig({ PORT: "1", BACKEND_PORT: "2" }).port, 1);
  assert.equal(readConfig({ PORT: "1", LISTEN_ADDR: ":3" }).port, 3);
});

Deno.test("readConfig() lets no name in .env override what the environment sets", () => {
  const ofFile = { PORT: "1", HOST: "0.0.0.0" };

  assert.equal(readConfig({ PORT: "2" }, ofFile).port, 2);
  assert.equal(readConfig({ BACKEND_PORT: "3" }, ofFile).port, 3, "an alias is set, too");
  assert.deepEqual([readConfig({}, ofFile).port, readConfig({}, ofFile).hostname], [1, "0.0.0.0"]);
});

Deno.test("readConfig() names the variable as it was spelled, what it got and what it takes", () => {
  const wrong: [name: string, value: string, got: string][] = [
    ["PORT", "eighty", '"eighty"'],
    ["BACKEND_PORT", "65536", '"65536"'],
    ["PORT", "80.5", '"80.5"'],
    ["LISTEN_ADDR", "8000", '"8000"'],
    ["LISTEN_ADDR", ":65536", '":65536"'],
    ["PROXY_PUBLIC_BASE_URL", "ftp://x", '"ftp://x"'],
    ["LOG_LEVEL", "loud", '"loud"'],
    ["ALLOW_ANONYMOUS", "maybe", '"maybe"'],
    ["PROXY_TIMEOUT", "-1", '"-1"'],
    ["REQUEST_TIMEOUT_SECONDS", "Infinity", '"Infinity"'],
    ["KEY_MAX_CONSECUTIVE_FAILURES", "0", '"0"'],
    ["ALLOW_PRIVATE_NETWORKS", "office", '"office"'],
    ["UPSTREAM_TRANSPORT", "http2", '"http2"'],
    ["ADMIN_PASSWORD", "admin123", "a value of 8 characters"],
    ["ADMIN_KEY", "short", "a value of 5 characters"],
    ["JWT_SECRET", SECRET, `a value of ${SECRET.length} characters`],
    ["MASTER_KEY", SECRET, `a value of ${SECRET.length} characters`],
    ["GLOBAL_PROXY_KEYS", `${SECRET},short`, `a value of ${SECRET.length + 6} characters`],
    ["GLOBAL_PROXY_KEYS", "your-global-proxy-key", "a value of 21 characters"],
    ["APP_API_KEY", "changeme", "a value of 8 characters"],
    ["OPENAI_API_KEYS", `${SECRET}:1001`, `a value of ${SECRET.length + 5} characters`],
    ["TURSO_DATABASE_URL", `mysql://u:${SECRET}@h`, `a value of ${SECRET.length + 12} characters`],
  ];

  for (const [name, value, got] of wrong) {
    const [fault = "", ...more] = faultsOf({ [name]: value });

    assert.deepEqual(more, [], name);
    assert.ok(fault.startsWith(`${name}: got ${got}, takes `), fault);
    assert.ok(!fault.includes(SECRET), fault);
    assert.ok(!fault.includes("\n"));
  }
});

Deno.test("readConfig() tells all faults at once, one line each, without long values", () => {
  const faults = faultsOf({
    PORT: "x".repeat(5000),
    LOG_LEVEL: "loud\nlouder",
    MASTER_KEY: SECRET,
    GROQ_API_KEYS: "a:0",
  });

  assert.deepEqual(faults.map((fault) => fault.slice(0, fault.indexOf(":"))), [
    "PORT",
    "LOG_LEVEL",
    "MASTER_KEY",
    "GROQ_API_KEYS",
  ]);
  assert.ok(faults.every((fault) => fault.length < 200 && !fault.includes("\n")));
});

Deno.test("readConfig() on Deno Deploy asks for what files cannot keep there, and takes the platform's KV", () => {
  const faults = faultsOf({ DENO_DEPLOY: "1", DATABASE_PATH: "./x.db" });
  const config = readConfig({
    DENO_DEPLOY: "1",
    DATABASE_URL: "libsql://db.example",
    MASTER_KEY,
  });

  assert.deepEqual(faults.map((fault) => fault.split(":")[0]), ["DATABASE_URL", "MASTER_KEY"]);
  assert.deepEqual([config.isOnDeploy, config.kvUrl], [true, undefined]);
});
