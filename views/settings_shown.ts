import type { SettingsMessages } from "./messages/settings.en.ts";

/** A variable of the environment that may be changed while the program runs. */
export type SettingName = keyof SettingsMessages["names"];

/** In the unit of the variable; `null` when it is not set, or when it is to be reset. */
export type SettingValue = string | number | null;

/** One setting as its page shows it. */
export interface SettingShown {
  readonly name: SettingName;
  readonly value: SettingValue;
  /** What it is when nobody has set it here. */
  readonly standard: SettingValue;
  /** Who has set it: what the environment sets cannot be changed here. */
  readonly source: "environment" | "stored" | "default";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
}

/** The settings in their sections. */
export const SETTING_SECTIONS = {
  relay: [
    "DEFAULT_MODEL",
    "REQUEST_TIMEOUT_SECONDS",
    "FIRST_BYTE_TIMEOUT_SECONDS",
    "CONNECT_TIMEOUT_SECONDS",
    "IDLE_TIMEOUT_SECONDS",
    "MAX_WAIT_SECONDS",
    "RETRY_WITH_NEW_KEY_COUNT",
    "MAX_REPLAY_BYTES",
    "MAX_BODY_BYTES",
  ],
  keys: ["KEY_FAILURE_COOLDOWN_SECONDS", "KEY_MAX_CONSECUTIVE_FAILURES", "HEALTH_CHECK_INTERVAL_SECONDS"],
  kept: [
    "REQUEST_LOG_DAYS",
    "REQUEST_LOG_ROWS",
    "USAGE_MINUTES_DAYS",
    "USAGE_HOURS_DAYS",
    "USAGE_RETENTION_DAYS",
  ],
  process: ["LOG_LEVEL", "DRAIN_SECONDS"],
} as const satisfies Readonly<Record<string, readonly SettingName[]>>;

/** Every one of them. */
export const SETTING_NAMES = Object.values(SETTING_SECTIONS).flat();
