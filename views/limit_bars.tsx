import { type ClientLimits, unitOf, WINDOW_NAMES, type WindowName } from "../src/core/client_limits.ts";
import type { Markup } from "./markup.ts";
import { Countdown } from "./parts/badge.tsx";
import type { View } from "./view.ts";

/** How one limit of a client key stands. */
export interface WindowShown {
  readonly limit: WindowName;
  readonly limitValue: number;
  readonly remaining: number;
  /** Until all of it is free again. */
  readonly resetMs: number;
}

interface LimitsShown {
  readonly limits: ClientLimits;
  /** None of a limit of which nothing was used yet. */
  readonly windows: readonly WindowShown[];
}

interface LimitBarsProps {
  readonly view: View;
  readonly shown: LimitsShown;
  /** The fullest ones only. */
  readonly most?: number;
}

/** What is used of each limit, as bars: full is refused. */
export function LimitBars({ view, shown, most = Infinity }: LimitBarsProps): Markup {
  const { clientKeys: texts } = view.messages;
  const { concurrency } = shown.limits;
  const windows = windowsOf(shown);
  const fullest = most === Infinity
    ? windows
    : windows.toSorted((one, other) => partUsed(other) - partUsed(one)).slice(0, most);
  return (
    <ul class="limit-bars">
      {fullest.map((window) => <LimitBar view={view} window={window} isShort={most !== Infinity} />)}
      {concurrency !== undefined && fullest.length < most && (
        <li>
          <span>{texts.limitNames.concurrency}</span>
          <span class="muted">{texts.atOnce(view.format.number(concurrency))}</span>
        </li>
      )}
    </ul>
  );
}

interface LimitBarProps {
  readonly view: View;
  readonly window: WindowShown;
  /** Without when it is free again. */
  readonly isShort: boolean;
}

function LimitBar({ view, window, isShort }: LimitBarProps): Markup {
  const { limitNames, usedOf, limitSaid, freeIn } = view.messages.clientKeys;
  const { limit, limitValue, remaining, resetMs } = window;
  const amount = (value: number) =>
    unitOf(limit) === "nanoDollars" ? view.format.money(value) : view.format.number(value);
  const used = limitValue - remaining;
  const part = partUsed(window);
  const tone = part >= 1 ? "rejected" : part >= WARNING_PART ? "cooling" : "ready";
  return (
    <li>
      <span>{limitNames[limit]}</span>
      <span>
        <strong>{usedOf(amount(used), amount(limitValue))}</strong>
        {!isShort && used > 0 && resetMs > 0 && (
          <span class="muted">
            {` · ${freeIn} `}
            <Countdown view={view} untilMs={view.nowMs + resetMs} />
          </span>
        )}
      </span>
      <svg
        class="stack-bar"
        viewBox="0 0 100 8"
        preserveAspectRatio="none"
        role="img"
        aria-label={limitSaid(limitNames[limit], amount(used), amount(limitValue))}
      >
        <rect class="bar-ground" x="0" y="0" width="100" height="8" />
        {used > 0 && (
          <rect class={`bar ${tone}`} x="0" y="0" width={Math.max(1, part * 100).toFixed(2)} height="8" />
        )}
      </svg>
    </li>
  );
}

/** From here on a person should look. */
const WARNING_PART = 0.8;

function windowsOf({ limits, windows }: LimitsShown): WindowShown[] {
  return WINDOW_NAMES.flatMap((name) => {
    const limitValue = limits[name];
    if (limitValue === undefined) return [];
    const known = windows.find(({ limit }) => limit === name);
    return [known ?? { limit: name, limitValue, remaining: limitValue, resetMs: 0 }];
  });
}

function partUsed({ limitValue, remaining }: WindowShown): number {
  return Math.min(1, (limitValue - remaining) / Math.max(1, limitValue));
}
