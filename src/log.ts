export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

/** Fields of a log line. No prompt, no body and no credential belongs here; a `Secret` prints as "[secret]". */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A log whose least level may change while it is in use. */
export interface LeveledLog extends Log {
  level: LogLevel;
}

export function isLeveled(log: Log): log is LeveledLog {
  return "level" in log;
}

/**
 * One JSON line an event: `{"time":…,"level":…,"event":…,…fields}`. Errors become their message and stack,
 * and anything that looks like a key in any text is cut out by `redact`.
 */
export function createLog(
  level: LogLevel,
  write: (line: string) => void,
  redact: (text: string) => string,
): LeveledLog {
  const at = (name: LogLevel) => (event: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(name) < LOG_LEVELS.indexOf(log.level)) return;
    const head = { time: new Date().toISOString(), level: name, event };
    // Once more at the end: no field takes the place of what every line has.
    write(redact(toLine({ ...head, ...fields, ...head })));
  };
  const log = { level, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return log;
}

function toLine(entry: LogFields): string {
  try {
    return JSON.stringify(entry, flatten);
  } catch {
    // A value that holds itself must not break what was only to be logged.
    const { time, level, event } = entry;
    return JSON.stringify({ time, level, event, fault: "its fields do not serialise" });
  }
}

function flatten(_name: string, value: unknown): unknown {
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: value.cause };
    return { message: value.message, name: value.name, stack: value.stack, ...cause };
  }
  if (typeof value === "bigint") return value.toString();
  return value;
}
