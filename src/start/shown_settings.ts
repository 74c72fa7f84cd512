import type { Config } from "../config.ts";

/** The settings as they may be shown: none of them is a secret, nor a URL that may hold one. */
export function shownSettings(config: Config): Record<string, string | number | boolean | null> {
  const { policy, kept } = config;
  return {
    HOST: config.hostname,
    PORT: config.port,
    PUBLIC_URL: config.publicUrl ?? null,
    LOG_LEVEL: config.logLevel,
    DRAIN_SECONDS: config.drainMs / 1000,
    DATABASE: kindOf(config.databaseUrl),
    KV: config.kvUrl === undefined ? "deploy" : kindOf(config.kvUrl),
    HTTP_FRONT: config.front,
    UPSTREAM_TRANSPORT: config.transport,
    ALLOW_ANONYMOUS: config.allowAnonymous,
    DEFAULT_MODEL: config.defaultModel ?? null,
    REQUEST_TIMEOUT_SECONDS: policy.deadlineMs / 1000,
    CONNECT_TIMEOUT_SECONDS: policy.connectTimeoutMs / 1000,
    FIRST_BYTE_TIMEOUT_SECONDS: policy.firstByteTimeoutMs / 1000,
    IDLE_TIMEOUT_SECONDS: policy.idleTimeoutMs / 1000,
    RETRY_WITH_NEW_KEY_COUNT: policy.maxAttempts - 1,
    MAX_WAIT_SECONDS: policy.maxWaitMs / 1000,
    KEY_FAILURE_COOLDOWN_SECONDS: policy.cooldownBaseMs / 1000,
    KEY_MAX_CONSECUTIVE_FAILURES: policy.maxConsecutiveFailures,
    HEALTH_CHECK_INTERVAL_SECONDS: config.healthCheckIntervalMs / 1000,
    MODEL_LIST_HOURS: config.modelListFreshMs / 3_600_000,
    MAX_REPLAY_BYTES: config.maxReplayBytes,
    MAX_BODY_BYTES: config.maxBodyBytes,
    USAGE_MINUTES_DAYS: kept.minutesForDays,
    USAGE_HOURS_DAYS: kept.hoursForDays,
    USAGE_RETENTION_DAYS: kept.daysForDays,
    REQUEST_LOG_DAYS: kept.requestsForDays,
    REQUEST_LOG_ROWS: kept.requests,
    METRICS_TOKEN: config.metricsToken === undefined ? "not set" : "set",
    OTEL_DENO: config.isTraced,
  };
}

/** Where a store is, without its address. */
function kindOf(url: string): string {
  return /^[a-z]+:/i.exec(url)?.[0] ?? "file:";
}
