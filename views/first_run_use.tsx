import type { Markup } from "./markup.ts";
import type { SeenShown } from "./first_run_shown.ts";
import { snippetsFor } from "./first_run_snippets.ts";
import { CopyText } from "./parts/copy.tsx";
import type { View } from "./view.ts";

/** Whether a request has come: waits for it, live. */
export function FirstRequest(
  { view, seen }: { readonly view: View; readonly seen: SeenShown | null },
): Markup {
  const { use: texts } = view.messages.firstRun;
  const state = seen === null ? "is-waiting" : seen.isGood ? "is-good" : "is-bad";
  return (
    <div id="first-request" class={`first-request ${state}`} role="status">
      {seen === null && (
        <>
          <strong>{texts.waiting}</strong>
          <span class="muted">{texts.waitingHint}</span>
        </>
      )}
      {seen !== null && (
        <>
          <strong>{seen.isGood ? texts.seen : texts.failed}</strong>
          <span>
            {seen.isGood
              ? texts.seenText(
                seen.model ?? texts.model,
                seen.provider ?? texts.nobody,
                view.format.duration(seen.durationMs),
              )
              : texts.failedText(seen.status)}
          </span>
          <span class="actions">
            {seen.id !== "" && <a href={`/admin/requests/${encodeURIComponent(seen.id)}`}>{texts.look}</a>}
            {seen.isGood && <a href="/admin">{texts.overview}</a>}
          </span>
        </>
      )}
    </div>
  );
}

interface UseProps {
  readonly view: View;
  readonly model: string;
  /** Goes into the snippets while it is known; else a variable stands for it. */
  readonly clientKey: string | undefined;
}

/** How common clients are pointed here, each ready to be copied. */
export function FirstUse({ view, model, clientKey }: UseProps): Markup {
  const { use: texts } = view.messages.firstRun;
  const asking = { origin: view.origin, clientKey: clientKey ?? "$KEYTURN_KEY", model };
  return (
    <div class="stack">
      <p class="muted">
        {texts.hint(view.origin)} {clientKey === undefined && texts.placeholder}
      </p>
      <div class="snippets">
        {snippetsFor(asking, texts).map(({ name, text }, index) => (
          <details name="snippets" open={index === 0}>
            <summary>{name}</summary>
            <CopyText view={view} text={text} label={name} />
          </details>
        ))}
      </div>
    </div>
  );
}
