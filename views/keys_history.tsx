import { type KeyDetailShown, type KeyEventShown, textOf } from "./keys_shown.ts";
import type { Markup } from "./markup.ts";
import { Moment } from "./parts/badge.tsx";
import { Table } from "./parts/table.tsx";
import type { View } from "./view.ts";

interface KeyPartProps {
  readonly view: View;
  readonly detail: KeyDetailShown;
}

/** A cell for each hour: how much it was used, and how much of that failed. */
export function KeyHours({ view, detail: { hours } }: KeyPartProps): Markup {
  const { detail: texts } = view.messages.keys;
  const { number, time } = view.format;
  const attempts = hours.reduce((sum, hour) => sum + hour.attempts, 0);
  const failures = hours.reduce((sum, hour) => sum + hour.failures, 0);
  if (attempts === 0) return <p class="muted">{texts.noUse}</p>;
  const most = Math.max(...hours.map((hour) => hour.attempts));
  const label = texts.dayLabel(number(attempts), number(failures));
  return (
    <div class="key-hours">
      <svg viewBox="0 0 240 36" preserveAspectRatio="none" role="img" aria-label={label}>
        {hours.map((hour, index) => {
          const height = hour.attempts === 0 ? 0 : 4 + hour.attempts / most * 32;
          const failed = hour.attempts === 0 ? 0 : height * hour.failures / hour.attempts;
          const title = <title>{texts.hour(time(hour.startMs), hour.attempts, hour.failures)}</title>;
          return (
            <g>
              <rect class="bar-ground" x={index * 10 + 0.5} y="0" width="9" height="36">{title}</rect>
              <rect
                class="bar ready"
                x={index * 10 + 0.5}
                y={(36 - height).toFixed(2)}
                width="9"
                height={(height - failed).toFixed(2)}
              >
                {title}
              </rect>
              <rect
                class="bar rejected"
                x={index * 10 + 0.5}
                y={(36 - failed).toFixed(2)}
                width="9"
                height={failed.toFixed(2)}
              >
                {title}
              </rect>
            </g>
          );
        })}
      </svg>
      <p class="key-hours-legend">
        <span class="muted">{texts.hoursAgo}</span>
        <span>{label}</span>
        <span class="muted">{texts.now}</span>
      </p>
    </div>
  );
}

/** What happened to it, with why and by whom. */
export function KeyHistory({ view, detail }: KeyPartProps): Markup {
  const { detail: texts } = view.messages.keys;
  if (detail.history.length === 0) return <p class="muted">{texts.noHistory}</p>;
  return (
    <ol class="timeline">
      {detail.history.map((event) => <Happened view={view} keyId={detail.id} event={event} />)}
    </ol>
  );
}

const TONES: ReadonlyMap<string, string> = new Map([
  ["ready", "good"],
  ["enabled", "good"],
  ["restored", "good"],
  ["cooling", "wait"],
  ["exhausted", "wait"],
  ["rejected", "bad"],
  ["deleted", "bad"],
]);

interface HappenedProps {
  readonly view: View;
  readonly keyId: string;
  readonly event: KeyEventShown;
}

function Happened({ view, keyId, event }: HappenedProps): Markup {
  const { keys: texts } = view.messages;
  const { detail } = texts;
  const { atMs, model, untilMs, cause, rule, reason, actor, requestId } = event;
  return (
    <li>
      <p>
        <span class={`badge ${TONES.get(event.event) ?? "plain"}`}>{textOf(texts.events, event.event)}</span>
        {model !== "" && <span>{detail.forModel(model)}</span>}
        {cause !== undefined && <span>{textOf(texts.causes, cause)}</span>}
        {untilMs !== undefined && <span class="muted">{detail.until(view.format.time(untilMs))}</span>}
        {actor !== undefined && <span class="muted">{detail.by(actor)}</span>}
      </p>
      {reason !== undefined && <p class="said">{reason}</p>}
      <p class="sub">
        <Moment view={view} ms={atMs} />
        {rule !== undefined && <span class="code">{` · ${rule}`}</span>}
        {requestId !== undefined
          ? (
            <>
              {" · "}
              <a href={`/admin/requests/${encodeURIComponent(requestId)}`}>{detail.request}</a>
            </>
          )
          : cause !== undefined && (
            <>
              {" · "}
              <a href={requestsNear(keyId, atMs)}>{detail.requests}</a>
            </>
          )}
      </p>
    </li>
  );
}

/** The log a minute around the moment. */
function requestsNear(keyId: string, atMs: number): string {
  const query = new URLSearchParams({
    providerKey: keyId,
    from: new Date(atMs - 60_000).toISOString(),
    to: new Date(atMs + 60_000).toISOString(),
  });
  return `/admin/requests?${query}`;
}

/** What it was last tried for. */
export function KeyAttempts({ view, detail }: KeyPartProps): Markup {
  const { keys: texts } = view.messages;
  const { detail: { attemptColumns: columns, ...labels } } = texts;
  if (detail.attempts.length === 0) return <p class="muted">{labels.noAttempts}</p>;
  return (
    <>
      <Table
        caption={labels.attempts}
        columns={Object.values(columns).map((label) => ({ label }))}
      >
        {detail.attempts.map(({ requestId, startedMs, durationMs, model, status, verdict, rule }) => (
          <tr>
            <td data-label={columns.when}>
              <Moment view={view} ms={startedMs} />
            </td>
            <td data-label={columns.model} class="wide">{model ?? "–"}</td>
            <td data-label={columns.verdict} title={rule}>
              <span>
                {textOf(texts.causes, verdict)}
                {status !== null && <span class="muted">{` ${status}`}</span>}
              </span>
            </td>
            <td data-label={columns.time}>{view.format.duration(durationMs)}</td>
            <td data-label={columns.request}>
              <a href={`/admin/requests/${encodeURIComponent(requestId)}`}>{labels.request}</a>
            </td>
          </tr>
        ))}
      </Table>
      <p>
        <a href={`/admin/requests?providerKey=${encodeURIComponent(detail.id)}`}>{labels.allAttempts}</a>
      </p>
    </>
  );
}
