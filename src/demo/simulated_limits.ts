/** What a key may still do in its window. */
export interface KeyBudget {
  readonly window: "minute" | "day";
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the window begins anew. */
  readonly resetMs: number;
}

const WINDOW_MS = { minute: 60_000, day: 86_400_000 } as const;

/** Counts the requests of one key (or key and model) in windows that begin with their first request. */
export class KeyWindow {
  readonly #window: "minute" | "day";
  readonly #limit: number;
  #beganMs = -Infinity;
  #used = 0;

  constructor(window: "minute" | "day", limit: number) {
    this.#window = window;
    this.#limit = limit;
  }

  /** Takes one request; `isAdmitted` is false, and nothing taken, when the window is used up. */
  take(nowMs: number): { readonly isAdmitted: boolean; readonly budget: KeyBudget } {
    if (nowMs >= this.#beganMs + WINDOW_MS[this.#window]) {
      this.#beganMs = nowMs;
      this.#used = 0;
    }
    const isAdmitted = this.#used < this.#limit;
    if (isAdmitted) this.#used++;
    return { isAdmitted, budget: this.#budget(nowMs) };
  }

  #budget(nowMs: number): KeyBudget {
    return {
      window: this.#window,
      limit: this.#limit,
      remaining: this.#limit - this.#used,
      resetMs: Math.max(1, this.#beganMs + WINDOW_MS[this.#window] - nowMs),
    };
  }
}

/**
 * A duration as Go prints it, which is how OpenAI states resets: "12ms", "1s", "6m0s", "1h2m3s".
 * Source: https://pkg.go.dev/time#Duration.String
 */
export function goDuration(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms === 0) return "0s";
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
