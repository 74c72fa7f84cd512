import { type Header, headerValue } from "../core/http.ts";
import type { Vendor } from "../core/provider.ts";
import type { CooldownSource } from "../core/verdict.ts";
import { nextPacificMidnightMs } from "./calendar.ts";
import { parseDurationMs } from "./duration.ts";
import { type ErrorBody, readErrorBody } from "./error_body.ts";
import { listAt, textAt } from "../core/json.ts";

/** Until when a key must rest, and who says so. */
export interface WaitHint {
  /** Milliseconds since the epoch, always after the moment of asking. */
  readonly untilMs: number;
  readonly source: CooldownSource;
}

export const DAY_MS = 86_400_000;
export const MONTH_MS = 31 * DAY_MS;
const MINUTE_MS = 60_000;
/** For times that lie in the past or make no sense. */
const SHORT_MS = 1000;

/**
 * The time that a refusing provider stated, at most `maxMs` ahead; `undefined` when it stated none. Order:
 * a daily quota of Gemini (its retryDelay is known to be wrong), `retry-after-ms`, `retry-after`, the body,
 * the reset of the dimensions of which nothing remains. Sources: docs/failures.md.
 */
export function waitHint(
  headers: readonly Header[],
  body: string,
  vendor: Vendor,
  nowMs: number,
): WaitHint | undefined {
  return waitHintOf(headers, readErrorBody(body), vendor, nowMs, DAY_MS);
}

/** As `waitHint`, of a body that was read already, and with another upper bound (limits per month: 31 days). */
export function waitHintOf(
  headers: readonly Header[],
  error: ErrorBody,
  vendor: Vendor,
  nowMs: number,
  maxMs: number,
): WaitHint | undefined {
  const quotas = vendor === "gemini" ? geminiQuotaIds(error) : [];
  if (quotas.some((id) => /PerDay/i.test(id))) {
    return { untilMs: nextPacificMidnightMs(nowMs), source: "calendar" };
  }
  const stated = readHeaders(headers, nowMs) ?? readBody(error, nowMs) ??
    fromMoment(resetOfExhausted(headers, vendor, nowMs), "header");
  if (stated !== undefined) return { ...stated, untilMs: bounded(stated.untilMs, nowMs, maxMs) };
  if (quotas.some((id) => /PerMinute/i.test(id))) return { untilMs: nowMs + MINUTE_MS, source: "calendar" };
  // A header was there but made no sense: the provider wants a pause, so a short one is kept.
  return WAIT_HEADERS.some((name) => headerValue(headers, name) !== undefined)
    ? { untilMs: nowMs + SHORT_MS, source: "header" }
    : undefined;
}

/**
 * The cooldown that a good answer announces: nothing remains of some limit and the reset is stated, so the
 * next request would be refused. `undefined` when something remains or the reset is missing or over.
 */
export function exhaustedBefore429(
  headers: readonly Header[],
  vendor: Vendor,
  nowMs: number,
): WaitHint | undefined {
  const untilMs = resetOfExhausted(headers, vendor, nowMs);
  if (untilMs === undefined || untilMs <= nowMs) return undefined;
  return { untilMs: Math.min(untilMs, nowMs + DAY_MS), source: "header" };
}

/** Violated quotas of a Gemini answer, e.g. `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. */
function geminiQuotaIds(error: ErrorBody): string[] {
  return listAt(error.error, "details")
    .flatMap((detail) => listAt(detail, "violations"))
    .map((violation) => textAt(violation, "quotaId"));
}

const MS_HEADERS = ["retry-after-ms", "x-ms-retry-after-ms"] as const;
const WAIT_HEADERS = [...MS_HEADERS, "retry-after"] as const;

function readHeaders(headers: readonly Header[], nowMs: number): WaitHint | undefined {
  for (const name of MS_HEADERS) {
    const value = headerValue(headers, name);
    if (value !== undefined && isNumber(value)) return { untilMs: nowMs + Number(value), source: "header" };
  }
  const value = headerValue(headers, "retry-after");
  return value === undefined ? undefined : fromMoment(momentMs(value, nowMs), "header");
}

function readBody(error: ErrorBody, nowMs: number): WaitHint | undefined {
  const waitMs = retryInfoMs(error) ?? availabilityMs(error) ?? retryAfterMember(error) ??
    textMs(error.message) ??
    textMs(error.text);
  return waitMs === undefined ? undefined : { untilMs: nowMs + waitMs, source: "body" };
}

/** Google's `google.rpc.RetryInfo`: `"retryDelay": "34.4s"`. */
function retryInfoMs(error: ErrorBody): number | undefined {
  for (const detail of listAt(error.error, "details")) {
    if (textAt(detail, "@type").endsWith("google.rpc.RetryInfo")) {
      return parseDurationMs(textAt(detail, "retryDelay"));
    }
  }
  return undefined;
}

/** OpenRouter's `error.availability.retry_after`, in seconds. */
function availabilityMs(error: ErrorBody): number | undefined {
  return secondsMs(textAt(error.error, "availability", "retry_after"));
}

function retryAfterMember(error: ErrorBody): number | undefined {
  return secondsMs(textAt(error.error, "retry_after"));
}

function secondsMs(text: string): number | undefined {
  return isNumber(text) ? Number(text) * 1000 : undefined;
}

const PIECE = String
  .raw`\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hrs?|hours?|d|days?)(?![a-z])`;
const WAIT_TEXT = new RegExp(
  String.raw`\b(?:try again|retry|retrying)\s+(?:in|after)\s+((?:${PIECE}[\s,]*)+|\d+(?:\.\d+)?)`,
  "i",
);

/** "try again in 9.816s", "retry after 37 seconds", "retry in 9h54m12.5s". */
function textMs(text: string): number | undefined {
  const wait = WAIT_TEXT.exec(text)?.[1];
  if (wait === undefined) return undefined;
  return isNumber(wait.trim()) ? Number(wait) * 1000 : parseDurationMs(wait.replace(/[\s,]+$/, ""));
}

/**
 * When the exhausted dimensions are filled up again, the latest of them. OpenAI, Azure and Groq send
 * `x-ratelimit-remaining-requests` and Go durations, Anthropic `anthropic-ratelimit-requests-remaining` and
 * RFC 3339, OpenRouter and many REST APIs `x-ratelimit-remaining` and an epoch.
 */
function resetOfExhausted(headers: readonly Header[], vendor: Vendor, nowMs: number): number | undefined {
  let latestMs: number | undefined;
  for (const [name, value] of headers) {
    if (!isRemaining(name, vendor) || !/^0+(?:\.0+)?$/.test(value.trim())) continue;
    const reset = headerValue(headers, name.replace("remaining", "reset"));
    const untilMs = reset === undefined ? undefined : momentMs(reset, nowMs);
    if (untilMs !== undefined && (latestMs === undefined || untilMs > latestMs)) latestMs = untilMs;
  }
  return latestMs;
}

function isRemaining(name: string, vendor: Vendor): boolean {
  if (name.startsWith("anthropic-ratelimit-")) {
    return (vendor === "anthropic" || vendor === "other") && name.endsWith("-remaining");
  }
  return vendor !== "anthropic" &&
    (name.startsWith("x-ratelimit-remaining") || name === "ratelimit-remaining");
}

/**
 * A moment in any of the forms in use: an epoch in seconds or milliseconds (told apart by magnitude), seconds
 * from now, a duration, an HTTP date or RFC 3339.
 */
function momentMs(text: string, nowMs: number): number | undefined {
  const value = text.trim();
  if (isNumber(value)) {
    const number = Number(value);
    if (number >= 1e11) return number;
    return number >= 1e9 ? number * 1000 : nowMs + number * 1000;
  }
  const waitMs = parseDurationMs(value);
  if (waitMs !== undefined) return nowMs + waitMs;
  const dateMs = /\d{4}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : dateMs;
}

function isNumber(text: string): boolean {
  return /^-?\d+(?:\.\d+)?$/.test(text);
}

function fromMoment(untilMs: number | undefined, source: CooldownSource): WaitHint | undefined {
  return untilMs === undefined ? undefined : { untilMs, source };
}

function bounded(untilMs: number, nowMs: number, maxMs: number): number {
  return untilMs > nowMs ? Math.min(untilMs, nowMs + maxMs) : nowMs + SHORT_MS;
}
