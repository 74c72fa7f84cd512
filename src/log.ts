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

/**
 * One JSON line an event: `{"time":…,"level":…,"event":…,…fields}`. Errors become their message and stack,
 * and anything that looks like a key in any text is cut out by `redact`.
 */
export function createLog(
  level: LogLevel,
  write: (line: string) => void,
  redact: (text: string) => string,
): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (name: LogLevel) => (event: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(name) < threshold) return;
    const entry = { time: new Date().toISOString(), level: name, event, ...fields };
    write(redact(JSON.stringify(entry, flatten)));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function flatten(_name: string, value: unknown): unknown {
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: value.cause };
    return { message: value.message, name: value.name, stack: value.stack, ...cause };
  }
  if (typeof value === "bigint") return value.toString();
  return value;
}
