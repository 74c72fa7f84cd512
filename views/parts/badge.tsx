import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";

export type Tone = "good" | "wait" | "bad" | "off" | "plain";

interface BadgeProps {
  readonly label: string;
  readonly tone: Tone;
  /** Why; shown beside it. */
  readonly reason?: string;
}

/** A state in a word. Its colour only repeats what the word says. */
export function Badge({ label, tone, reason }: BadgeProps): Markup {
  return (
    <span class="state">
      <span class={`badge ${tone}`}>{label}</span>
      {reason !== undefined && <span class="reason">{reason}</span>}
    </span>
  );
}

export type ShownState = "ready" | "cooling" | "exhausted" | "rejected" | "disabled" | "busy" | "unknown";

const TONES: Readonly<Record<ShownState, Tone>> = {
  ready: "good",
  busy: "good",
  cooling: "wait",
  exhausted: "wait",
  rejected: "bad",
  disabled: "off",
  unknown: "plain",
};

interface StateBadgeProps {
  readonly view: View;
  readonly state: ShownState;
  readonly reason?: string;
  /** When the state ends by itself: counted down. */
  readonly untilMs?: number;
}

/** The state of a provider key, with its reason and how long it lasts. */
export function StateBadge({ view, state, reason, untilMs }: StateBadgeProps): Markup {
  return (
    <span class="state">
      <span class={`badge ${TONES[state]}`}>{view.messages.parts.states[state]}</span>
      {untilMs !== undefined && <Countdown view={view} untilMs={untilMs} />}
      {reason !== undefined && <span class="reason">{reason}</span>}
    </span>
  );
}

/** The time that is left; app.js keeps it going. */
export function Countdown({ view, untilMs }: { readonly view: View; readonly untilMs: number }): Markup {
  const left = Math.max(0, untilMs - view.nowMs);
  return (
    <time
      class="countdown"
      datetime={new Date(untilMs).toISOString()}
      title={view.format.time(untilMs)}
      data-countdown={String(untilMs)}
    >
      {view.format.duration(left)}
    </time>
  );
}

/** A moment, as how long ago it was; the whole time stands behind it. */
export function Moment({ view, ms }: { readonly view: View; readonly ms: number | undefined }): Markup {
  if (ms === undefined) return <span class="muted">{view.messages.parts.never}</span>;
  return (
    <time datetime={new Date(ms).toISOString()} title={`${view.format.time(ms)} UTC`}>
      {view.format.relative(ms, view.nowMs)}
    </time>
  );
}
