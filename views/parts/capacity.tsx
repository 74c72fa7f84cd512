import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";
import { StackBar } from "./figures.tsx";

/** How many keys of a pool are in which state. */
export interface PoolShown {
  readonly total: number;
  readonly ready: number;
  readonly cooling: number;
  readonly exhausted: number;
  readonly rejected: number;
  readonly disabled: number;
  readonly inFlight: number;
}

const STATES = ["ready", "cooling", "exhausted", "rejected", "disabled"] as const;

/** What a pool can serve with: a bar, and beside it the figures of it in words. */
export function Capacity({ view, counts }: { readonly view: View; readonly counts: PoolShown }): Markup {
  const { states } = view.messages.parts;
  const { number } = view.format;
  const others = STATES.filter((state) => state !== "ready" && counts[state] > 0)
    .map((state) => `${number(counts[state])} ${states[state]}`);
  const ready = `${number(counts.ready)} / ${number(counts.total)} ${states.ready}`;
  return (
    <div class="capacity">
      <StackBar
        label={[ready, ...others].join(", ")}
        shares={STATES.map((state) => ({ label: states[state], count: counts[state], tone: state }))}
      />
      <span class="capacity-text">
        <strong>{ready}</strong>
        {others.length > 0 && <span class="muted">{` · ${others.join(" · ")}`}</span>}
      </span>
    </div>
  );
}
