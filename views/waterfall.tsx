import type { Markup } from "./markup.ts";
import { keyLabel, type RequestShown, VERDICT_TONES } from "./request_shown.ts";
import type { View } from "./view.ts";

/** One stretch of time on the line of a request, in milliseconds after its arrival. */
interface Stretch {
  readonly label: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** Class of its colour. */
  readonly tone: string;
  readonly note: string;
}

/** Where the time of a request went: waiting, each attempt, the answer under way, one row each. */
export function Waterfall(
  { view, request }: { readonly view: View; readonly request: RequestShown },
): Markup {
  const { waterfall } = view.messages.requests;
  const { elapsed } = view.format;
  const stretches = stretchesOf(view, request);
  const wholeMs = Math.max(1, request.durationMs, ...stretches.map((each) => each.startMs + each.durationMs));
  if (stretches.length === 0) return <p class="muted">{waterfall.none}</p>;
  return (
    <div class="waterfall">
      <ol aria-label={waterfall.title}>
        {stretches.map((stretch) => (
          <li>
            <span class="waterfall-label">{stretch.label}</span>
            <StretchBar stretch={stretch} wholeMs={wholeMs} />
            <span class="waterfall-time">
              {elapsed(stretch.durationMs)}
              <span class="unseen">
                {waterfall.from(elapsed(stretch.startMs), elapsed(stretch.durationMs))}
              </span>
              <span class="sub">{stretch.note}</span>
            </span>
          </li>
        ))}
      </ol>
      <div class="waterfall-axis" aria-hidden="true">
        <span />
        <span class="axis-marks">
          {[0, 0.25, 0.5, 0.75, 1].map((part) => <span>{elapsed(wholeMs * part)}</span>)}
        </span>
        <span />
      </div>
    </div>
  );
}

function StretchBar(
  { stretch, wholeMs }: { readonly stretch: Stretch; readonly wholeMs: number },
): Markup {
  const x = stretch.startMs / wholeMs * 1000;
  // What took no time at all still happened.
  const width = Math.max(4, stretch.durationMs / wholeMs * 1000);
  return (
    <svg class="waterfall-bar" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">
      {[250, 500, 750].map((mark) => <line class="axis-line" x1={mark} x2={mark} y1="0" y2="14" />)}
      <rect
        class={`stretch ${stretch.tone}`}
        x={Math.min(x, 996).toFixed(2)}
        y="1"
        width={width.toFixed(2)}
        height="12"
      />
    </svg>
  );
}

function stretchesOf(view: View, request: RequestShown): Stretch[] {
  const { requests: texts } = view.messages;
  const { waterfall, verdicts } = texts;
  const { attempts, startedMs, firstByteMs, durationMs, waitedMs } = request;
  const stretches: Stretch[] = [];
  let atMs = 0;
  for (const [index, attempt] of attempts.entries()) {
    const beginMs = Math.max(0, attempt.startedMs - startedMs);
    const gapMs = beginMs - atMs;
    // Only what it has told of waiting is called so; the rest is our own work and pauses between attempts.
    if (waitedMs > 0 && gapMs >= 2) {
      stretches.push({ label: waterfall.wait, startMs: atMs, durationMs: gapMs, tone: "waiting", note: "" });
    }
    stretches.push({
      label: waterfall.attempt(index + 1, keyLabel(view, attempt)),
      startMs: beginMs,
      durationMs: attempt.durationMs,
      tone: VERDICT_TONES[attempt.verdict],
      note: verdicts[attempt.verdict],
    });
    atMs = beginMs + attempt.durationMs;
  }
  if (attempts.length === 0 && waitedMs > 0) {
    stretches.push({ label: waterfall.wait, startMs: 0, durationMs: waitedMs, tone: "waiting", note: "" });
  }
  // What a failed request is answered is ours, and short.
  const wasAnswered = request.outcome !== "failed" && request.outcome !== "refused";
  if (wasAnswered && firstByteMs !== null && attempts.length > 0 && durationMs > firstByteMs) {
    stretches.push({
      label: request.isStream ? waterfall.stream : waterfall.answer,
      startMs: firstByteMs,
      durationMs: durationMs - firstByteMs,
      tone: "streaming",
      note: "",
    });
  }
  return stretches;
}
