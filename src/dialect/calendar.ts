/**
 * The next midnight in Los Angeles, when Gemini's daily quotas are filled up again, daylight saving included
 * (ai.google.dev/gemini-api/docs/rate-limits: "requests per day quotas reset at midnight Pacific time").
 */
export function nextPacificMidnightMs(nowMs: number): number {
  const local = new Date(nowMs + pacificOffsetMs(nowMs));
  const wallMs = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + 1);
  // The clocks change at 2 o'clock, so every midnight exists once; its offset may differ from today's.
  const guessMs = wallMs - pacificOffsetMs(nowMs);
  return wallMs - pacificOffsetMs(guessMs);
}

/** The first of the next month, 00:00 UTC, when monthly spend limits are filled up again. */
export function nextMonthMs(nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
}

let format: Intl.DateTimeFormat | undefined;

/** Local time minus UTC. */
function pacificOffsetMs(atMs: number): number {
  // Made at the first use: it costs a millisecond, and most runs never see a daily quota.
  format ??= new Intl.DateTimeFormat("en-US", {
    timeZone: "America/Los_Angeles",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const part = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const at = (name: Intl.DateTimeFormatPartTypes) => part.get(name) ?? 0;
  const wallMs = Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"), at("second"));
  return wallMs - Math.floor(atMs / 1000) * 1000;
}
