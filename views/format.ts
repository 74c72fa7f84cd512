import type { Language } from "./messages.ts";

/** Numbers, times and amounts as people of a language write them. Times are shown in UTC unless the page converts. */
export interface Format {
  number(value: number): string;
  /** 12,345 becomes 12.3K. */
  compact(value: number): string;
  /** A part of 1: 0.254 becomes 25.4%. */
  percent(part: number): string;
  /** Nano-dollars as dollars, with as many digits as small amounts need. */
  money(nanoDollars: number): string;
  /** Date and time to the second. */
  time(ms: number): string;
  date(ms: number): string;
  /** Without the year: Nov 21. */
  shortDate(ms: number): string;
  /** The time of day to the second, on 24 hours: 14:05:09. */
  clock(ms: number): string;
  /** "in 3 minutes", "2 hours ago". */
  relative(ms: number, nowMs: number): string;
  /** 1h 4m, 42s, 310ms. */
  duration(ms: number): string;
  /** How long something took, as exactly as it matters: 310ms, 4.7s, 2m 5s. */
  elapsed(ms: number): string;
}

const TAGS: Readonly<Record<Language, string>> = { en: "en-US", zh: "zh-CN" };

/** Made once a language: an Intl object costs more than what it formats. */
export function createFormat(language: Language, timeZone = "UTC"): Format {
  const tag = TAGS[language];
  const plain = new Intl.NumberFormat(tag);
  const compact = new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 });
  const dollars = new Intl.NumberFormat(tag, { style: "currency", currency: "USD" });
  const cents = new Intl.NumberFormat(tag, {
    style: "currency",
    currency: "USD",
    maximumSignificantDigits: 3,
  });
  const time = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "medium", timeZone });
  const date = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeZone });
  const shortDate = new Intl.DateTimeFormat(tag, { month: "short", day: "numeric", timeZone });
  const clock = new Intl.DateTimeFormat(tag, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZone,
  });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  return {
    number: (value) => plain.format(value),
    compact: (value) => compact.format(value),
    percent: (part) => percent.format(part),
    money: (nanoDollars) => {
      const amount = nanoDollars / 1e9;
      return amount !== 0 && Math.abs(amount) < 1 ? cents.format(amount) : dollars.format(amount);
    },
    time: (ms) => time.format(ms),
    date: (ms) => date.format(ms),
    shortDate: (ms) => shortDate.format(ms),
    clock: (ms) => clock.format(ms),
    relative: (ms, nowMs) => {
      const seconds = (ms - nowMs) / 1000;
      const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1] as const;
      return relative.format(Math.trunc(seconds / size), unit);
    },
    duration: formatDuration,
    elapsed: formatElapsed,
  };
}

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** The same in every language, and what the countdowns of static/app.js write. */
function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.ceil(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds % 86_400 / 3_600);
  const minutes = Math.floor(seconds % 3_600 / 60);
  if (days > 0) return hours > 0 ? `${days}d ${hours}h` : `${days}d`;
  if (hours > 0) return minutes > 0 ? `${hours}h ${minutes}m` : `${hours}h`;
  if (minutes > 0) return seconds % 60 > 0 ? `${minutes}m ${seconds % 60}s` : `${minutes}m`;
  return `${seconds}s`;
}

function formatElapsed(ms: number): string {
  return ms < 1000 || ms >= 59_950 ? formatDuration(ms) : `${(ms / 1000).toFixed(1)}s`;
}
