import { z } from "zod";
import { type Config, MAX_DRAIN_SECONDS_ON_DEPLOY } from "../config.ts";
import { environment, listVariables } from "../environment.ts";
import { AppError } from "../errors.ts";
import { isLeveled, type Log } from "../log.ts";
import type { Database } from "../store/database.ts";
import { deleteSetting, listSettings, setSettings } from "../store/settings_store.ts";
import type { SettingName, SettingShown, SettingValue } from "../../views/settings_shown.ts";

/** One variable of the environment that may be changed while the program runs. */
interface Changeable {
  readonly name: SettingName;
  /** Its value in a configuration, in the unit of the variable; `null` when it is not set. */
  readonly read: (config: Config) => SettingValue;
  /** The configuration with the value that this text stands for. @throws {z.ZodError} */
  readonly write: (config: Config, text: string) => Config;
  readonly schema: z.ZodType;
}

function changeable<T extends string | number | undefined>(
  name: SettingName,
  schema: z.ZodType<T>,
  read: (config: Config) => T,
  write: (config: Config, value: T) => Config,
): Changeable {
  return {
    name,
    schema,
    read: (config) => read(config) ?? null,
    write: (config, text) => write(config, schema.parse(text)),
  };
}

const { shape } = environment;

function ofKept(name: SettingName, schema: z.ZodType<number>, member: keyof Config["kept"]): Changeable {
  return changeable(
    name,
    schema,
    ({ kept }) => kept[member],
    (config, value) => ({ ...config, kept: { ...config.kept, [member]: value } }),
  );
}

type Times = "connectTimeoutMs" | "firstByteTimeoutMs" | "idleTimeoutMs" | "deadlineMs" | "maxWaitMs";

function ofPolicy(name: SettingName, schema: z.ZodType<number>, member: Times): Changeable {
  return changeable(
    name,
    schema,
    ({ policy }) => policy[member] / 1000,
    (config, value) => withPolicy(config, { [member]: value * 1000 }),
  );
}

function withPolicy(config: Config, changes: Partial<Config["policy"]>): Config {
  return { ...config, policy: { ...config.policy, ...changes } };
}

/**
 * What may change while the program runs, in the order of the page. The rest decides where things are, who gets in, or
 * how the process is put together, and stays with the environment.
 */
const CHANGEABLE: readonly Changeable[] = [
  changeable(
    "DEFAULT_MODEL",
    shape.DEFAULT_MODEL,
    ({ defaultModel }) => defaultModel,
    (config, defaultModel) => ({ ...config, defaultModel }),
  ),
  ofPolicy("REQUEST_TIMEOUT_SECONDS", shape.REQUEST_TIMEOUT_SECONDS, "deadlineMs"),
  ofPolicy("CONNECT_TIMEOUT_SECONDS", shape.CONNECT_TIMEOUT_SECONDS, "connectTimeoutMs"),
  ofPolicy("FIRST_BYTE_TIMEOUT_SECONDS", shape.FIRST_BYTE_TIMEOUT_SECONDS, "firstByteTimeoutMs"),
  ofPolicy("IDLE_TIMEOUT_SECONDS", shape.IDLE_TIMEOUT_SECONDS, "idleTimeoutMs"),
  ofPolicy("MAX_WAIT_SECONDS", shape.MAX_WAIT_SECONDS, "maxWaitMs"),
  changeable(
    "RETRY_WITH_NEW_KEY_COUNT",
    shape.RETRY_WITH_NEW_KEY_COUNT,
    ({ policy }) => policy.maxAttempts - 1,
    (config, count) => withPolicy(config, { maxAttempts: count + 1 }),
  ),
  changeable(
    "MAX_REPLAY_BYTES",
    shape.MAX_REPLAY_BYTES,
    ({ maxReplayBytes }) => maxReplayBytes,
    (config, maxReplayBytes) => ({ ...config, maxReplayBytes }),
  ),
  changeable(
    "MAX_BODY_BYTES",
    shape.MAX_BODY_BYTES,
    ({ maxBodyBytes }) => maxBodyBytes,
    (config, maxBodyBytes) => ({ ...config, maxBodyBytes }),
  ),
  changeable(
    "KEY_FAILURE_COOLDOWN_SECONDS",
    shape.KEY_FAILURE_COOLDOWN_SECONDS,
    ({ policy }) => policy.cooldownBaseMs / 1000,
    (config, seconds) =>
      withPolicy(config, {
        cooldownBaseMs: seconds * 1000,
        cooldownCapMs: Math.max(600, seconds) * 1000,
      }),
  ),
  changeable(
    "KEY_MAX_CONSECUTIVE_FAILURES",
    shape.KEY_MAX_CONSECUTIVE_FAILURES,
    ({ policy }) => policy.maxConsecutiveFailures,
    (config, maxConsecutiveFailures) => withPolicy(config, { maxConsecutiveFailures }),
  ),
  changeable(
    "HEALTH_CHECK_INTERVAL_SECONDS",
    shape.HEALTH_CHECK_INTERVAL_SECONDS,
    ({ healthCheckIntervalMs }) => healthCheckIntervalMs / 1000,
    (config, seconds) => ({ ...config, healthCheckIntervalMs: seconds * 1000 }),
  ),
  ofKept("REQUEST_LOG_DAYS", shape.REQUEST_LOG_DAYS, "requestsForDays"),
  ofKept("REQUEST_LOG_ROWS", shape.REQUEST_LOG_ROWS, "requests"),
  ofKept("USAGE_MINUTES_DAYS", shape.USAGE_MINUTES_DAYS, "minutesForDays"),
  ofKept("USAGE_HOURS_DAYS", shape.USAGE_HOURS_DAYS, "hoursForDays"),
  ofKept("USAGE_RETENTION_DAYS", shape.USAGE_RETENTION_DAYS, "daysForDays"),
  changeable(
    "LOG_LEVEL",
    shape.LOG_LEVEL,
    ({ logLevel }) => logLevel,
    (config, logLevel) => ({ ...config, logLevel }),
  ),
  changeable(
    "DRAIN_SECONDS",
    shape.DRAIN_SECONDS,
    ({ drainMs }) => drainMs / 1000,
    (config, seconds) => {
      const most = config.isOnDeploy ? MAX_DRAIN_SECONDS_ON_DEPLOY : Infinity;
      return { ...config, drainMs: Math.min(seconds, most) * 1000 };
    },
  ),
];

/** In the table of settings, among those of others. */
const PREFIX = "live:";

/** Called after values have changed, with the configuration of now. */
type OnChange = (changed: readonly SettingName[]) => void | Promise<void>;

/**
 * The configuration as it is now: that of the start, with what owners have set since and the environment does not.
 * `config` and its members `kept` and `policy` stay the same objects, so that whoever holds them reads the new values.
 */
export class LiveSettings {
  readonly config: Config;
  readonly #start: Config;
  readonly #db: Database;
  readonly #log: Log;
  readonly #kept: Config["kept"];
  readonly #policy: Config["policy"];
  #stored: ReadonlyMap<string, string> = new Map();
  onChange: OnChange = () => {};

  constructor(start: Config, db: Database, log: Log) {
    this.#start = start;
    this.#db = db;
    this.#log = log;
    this.#kept = { ...start.kept };
    this.#policy = { ...start.policy };
    this.config = { ...start, kept: this.#kept, policy: this.#policy };
  }

  /** Takes over what is stored: at the start, and when another instance has changed it. */
  async load(): Promise<void> {
    const all = await listSettings(this.#db);
    const stored = [...all].filter(([name]) => name.startsWith(PREFIX))
      .map(([name, value]) => [name.slice(PREFIX.length), value] as const);
    this.#stored = new Map(stored);
    await this.#apply();
  }

  list(): SettingShown[] {
    return CHANGEABLE.map(({ name, read, schema }) => {
      const { minimum, maximum, enum: choices } = boundsSchema.parse(
        z.toJSONSchema(schema, { io: "output", unrepresentable: "any" }),
      );
      const isFixed = this.#start.setByEnvironment.has(name);
      return {
        name,
        value: read(this.config),
        standard: read(this.#start),
        source: isFixed ? "environment" : this.#stored.has(name) ? "stored" : "default",
        ...(minimum !== undefined && { minimum }),
        ...(maximum !== undefined && { maximum }),
        ...(choices !== undefined && { choices }),
      };
    });
  }

  /**
   * Sets and resets (`null`) them, all or none, and gives the names of those that have another value now.
   * @throws {AppError} `unprocessable` with the fault of each field; also for what the environment sets.
   */
  async set(changes: Readonly<Record<string, SettingValue>>): Promise<readonly string[]> {
    const faults: Record<string, string> = {};
    const values: Record<string, string> = {};
    const resets: string[] = [];
    for (const [name, value] of Object.entries(changes)) {
      const known = CHANGEABLE.find((each) => each.name === name);
      if (known === undefined) faults[name] = "is no setting that can be changed";
      else if (this.#start.setByEnvironment.has(known.name)) faults[name] = "is set by the environment";
      else if (value === null) resets.push(name);
      else {
        const parsed = known.schema.safeParse(String(value));
        if (parsed.success) values[name] = String(value);
        else faults[name] = `takes ${takesOf(name)}`;
      }
    }
    const wrong = Object.keys(faults);
    if (wrong.length > 0) {
      throw new AppError("unprocessable", `Cannot change the settings: ${wrong.join(", ")}`, {
        details: { fields: faults },
      });
    }
    if (Object.keys(values).length > 0) {
      await setSettings(
        this.#db,
        Object.fromEntries(Object.entries(values).map(([name, value]) => [PREFIX + name, value])),
      );
    }
    for (const name of resets.filter((each) => this.#stored.has(each))) {
      await deleteSetting(this.#db, PREFIX + name);
    }
    const before = new Map(this.list().map(({ name, value }) => [name, value]));
    await this.load();
    return this.list().filter(({ name, value }) => before.get(name) !== value).map(({ name }) => name);
  }

  async #apply(): Promise<void> {
    let next = this.#start;
    for (const { name, write } of CHANGEABLE) {
      const text = this.#stored.get(name);
      if (text === undefined || this.#start.setByEnvironment.has(name)) continue;
      try {
        next = write(next, text);
      } catch {
        // Written by a version that took other values: the rest still counts.
        this.#log.warn("settings.not_taken", { setting: name });
      }
    }
    const changed = CHANGEABLE.filter(({ read }) => read(next) !== read(this.config)).map(({ name }) => name);
    if (changed.length === 0) return;
    Object.assign(this.#kept, next.kept);
    Object.assign(this.#policy, next.policy);
    Object.assign(this.config, next, { kept: this.#kept, policy: this.#policy });
    if (isLeveled(this.#log)) this.#log.level = next.logLevel;
    await this.onChange(changed);
  }
}

function takesOf(name: string): string {
  return listVariables().find((each) => each.name === name)?.note.takes ?? "another value";
}

const boundsSchema = z.looseObject({
  minimum: z.number().exactOptional(),
  maximum: z.number().exactOptional(),
  enum: z.array(z.string()).exactOptional(),
});
