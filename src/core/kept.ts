/** For how long statistics and the request log are kept. */
export interface Kept {
  /** Days that counts by the minute are kept; 0 means for ever. */
  readonly minutesForDays: number;
  /** Days that counts by the hour are kept; 0 means for ever. */
  readonly hoursForDays: number;
  /** Days that counts by the day are kept; 0 means for ever. */
  readonly daysForDays: number;
  /** Days that the request log is kept; 0 means for ever. */
  readonly requestsForDays: number;
  /** How many requests the log holds at the most; 0 logs none. */
  readonly requests: number;
}

/** Since when there are counts by the minute and by the hour, in minutes since the epoch. */
export function keptFrom(
  { minutesForDays, hoursForDays }: Kept,
  nowMs: number,
): { readonly minutesFrom: number; readonly hoursFrom: number } {
  const hour = Math.floor(nowMs / 3_600_000);
  return {
    minutesFrom: minutesForDays === 0 ? 0 : Math.floor(nowMs / 60_000) - minutesForDays * 1440,
    hoursFrom: hoursForDays === 0 ? 0 : hour - hoursForDays * 24,
  };
}
