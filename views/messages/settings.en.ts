/** The page Settings. */
export const settingsEn = {
  title: "Settings",
  lead: "In effect at once, on every instance, and kept across restarts.",
  environmentNote: "What the environment sets wins, and can be changed only there.",
  sections: {
    relay: "Requests",
    keys: "Provider keys",
    kept: "How long records are kept",
    process: "The process",
  },
  sectionHints: {
    relay: "Defaults: a provider that was given a value of its own keeps it.",
    keys: "Defaults: a provider that was given a value of its own keeps it.",
    kept: "Older rows are deleted within the hour. They do not come back when the time is made longer again.",
    process: "Taken over at once by every instance.",
  },
  names: {
    DEFAULT_MODEL: {
      label: "Default model",
      about: "For requests that name none. Empty: they are refused.",
      unit: "name of a model",
    },
    REQUEST_TIMEOUT_SECONDS: {
      label: "Whole request",
      about: "All attempts together, up to the moment the answer begins.",
      unit: "seconds",
    },
    CONNECT_TIMEOUT_SECONDS: {
      label: "Connect",
      about: "To open a connection to a provider.",
      unit: "seconds",
    },
    FIRST_BYTE_TIMEOUT_SECONDS: {
      label: "First byte",
      about: "From the end of the request to the first byte of its answer.",
      unit: "seconds",
    },
    IDLE_TIMEOUT_SECONDS: { label: "Pause", about: "Longest pause inside an answer.", unit: "seconds" },
    MAX_WAIT_SECONDS: {
      label: "Wait for a key",
      about: "How long a request may wait for a key that is about to be free.",
      unit: "seconds",
    },
    RETRY_WITH_NEW_KEY_COUNT: {
      label: "More keys",
      about: "How many more keys a request may try after its first one failed.",
      unit: "keys",
    },
    MAX_REPLAY_BYTES: {
      label: "Body that is sent again",
      about: "Larger bodies get one attempt.",
      unit: "bytes",
    },
    MAX_BODY_BYTES: { label: "Largest body", about: "Larger ones are refused with 413.", unit: "bytes" },
    KEY_FAILURE_COOLDOWN_SECONDS: {
      label: "First cooldown",
      about: "Of a limited key whose provider names no time; doubles up to 10 minutes.",
      unit: "seconds",
    },
    KEY_MAX_CONSECUTIVE_FAILURES: {
      label: "Rejections in a row",
      about: "Doubtful rejections after which a key is not used any more.",
      unit: "rejections",
    },
    HEALTH_CHECK_INTERVAL_SECONDS: {
      label: "Check of rejected keys",
      about: "How often keys that are not used any more are checked again. 0: never.",
      unit: "seconds",
    },
    REQUEST_LOG_DAYS: { label: "Request log", about: "Single requests. 0: no limit.", unit: "days" },
    REQUEST_LOG_ROWS: {
      label: "Request log, at the most",
      about: "Some 300 bytes each. 0: nothing is logged.",
      unit: "requests",
    },
    USAGE_MINUTES_DAYS: { label: "Statistics by the minute", about: "0: for ever.", unit: "days" },
    USAGE_HOURS_DAYS: { label: "Statistics by the hour", about: "0: for ever.", unit: "days" },
    USAGE_RETENTION_DAYS: { label: "Statistics by the day", about: "0: for ever.", unit: "days" },
    LOG_LEVEL: { label: "Log level", about: "Least important events that are logged.", unit: "level" },
    DRAIN_SECONDS: {
      label: "Time to end",
      about: "How long running answers may go on after the program is told to stop.",
      unit: "seconds",
    },
  },
  notSet: "not set",
  standard: (value: string) => `Default: ${value}`,
  useStandard: (value: string) => `Default (${value})`,
  changedFrom: (value: string) => `Changed; default: ${value}`,
  fixed: "set by the environment",
  saved: (count: number) =>
    count === 0
      ? "Nothing has changed"
      : count === 1
      ? "1 setting was changed"
      : `${count} settings were changed`,
  resetOne: (label: string) => `Reset ${label}`,
  reset: "Reset",
  takes: (least: string, most: string) => `Takes ${least} to ${most}`,
  emptyHint: "An empty field takes the default.",
  elsewhere: "Set at the start",
  elsewhereText:
    "Where things are, who gets in and how the process is put together is told by the environment alone.",
  toStatus: "All values in effect",
  ownerOnly: "Only owners change settings.",
};

export type SettingsMessages = typeof settingsEn;
