import { Layout } from "./layout.tsx";
import { type KeyChangeShown, keysOfProviders } from "./keys_shown.ts";
import type { Markup } from "./markup.ts";
import { Badge, Countdown, Moment, type Tone } from "./parts/badge.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { ProgressBar } from "./parts/figures.tsx";
import { Form } from "./parts/form.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

/** `/admin/keys/changes`, and `/admin/keys/changes/:id` with one of them */
export function KeyChangesPage(
  { view, changes }: { readonly view: View; readonly changes: readonly KeyChangeShown[] },
): Markup {
  const { keys: texts } = view.messages;
  return (
    <Layout
      view={view}
      title={texts.change.title}
      lead={texts.change.lead}
      actions={<a class="button" href="/admin/keys">{texts.detail.back}</a>}
    >
      {changes.length === 0
        ? <EmptyState title={texts.change.empty} hint={texts.change.emptyHint} />
        : (
          <div class="stack">
            {changes.map((change) => <FollowedChange view={view} change={change} />)}
          </div>
        )}
    </Layout>
  );
}

/** A change that is followed while it runs. */
export function FollowedChange(
  { view, change }: { readonly view: View; readonly change: KeyChangeShown },
): Markup {
  if (!isUnderWay(change)) return <KeyChangeCard view={view} change={change} />;
  return (
    <div
      hx-sse:connect={`/admin/live/key-changes/${change.id}?shown=${change.state}-${change.done}`}
      hx-swap="none"
    >
      <KeyChangeCard view={view} change={change} />
    </div>
  );
}

const TONES: Readonly<Record<KeyChangeShown["state"], Tone>> = {
  running: "wait",
  undoing: "wait",
  done: "good",
  stopped: "off",
  failed: "bad",
  undone: "off",
};

/** What was done to how many, how far it is, and the way back. */
export function KeyChangeCard(
  { view, change }: { readonly view: View; readonly change: KeyChangeShown },
): Markup {
  const { change: texts } = view.messages.keys;
  const { number } = view.format;
  const { id, action, state, changed, total, done, actor, updatedAtMs, checked, undoUntilMs } = change;
  const most = state === "undoing" ? changed : total;
  const what = state === "running" || state === "undoing"
    ? texts.running[action](keysOfProviders(view, total, change.providers))
    : texts.done[action](keysOfProviders(view, action === "check" ? done : changed, change.providers));
  const same = action === "check" || action === "release" || state === "undoing" ? 0 : done - changed;
  return (
    <section class="card key-change" id={`change-${id}`} aria-live="polite">
      <div class="card-head">
        <div>
          <p class="change-what">
            <strong>{what}</strong> <Badge label={texts.states[state]} tone={TONES[state]} />
          </p>
          <p class="sub">
            {actor} · <Moment view={view} ms={updatedAtMs} />
            {same > 0 && state !== "running" && ` · ${texts.unchanged(same)}`}
            {checked !== null &&
              ` · ${
                texts.checked(number(checked.accepted), number(checked.rejected), number(checked.failed))
              }`}
          </p>
        </div>
        {mayChange(view) && isUnderWay(change) && <Stop view={view} change={change} />}
        {mayChange(view) && (undoUntilMs ?? 0) > view.nowMs && <WayBack view={view} change={change} />}
      </div>
      {isUnderWay(change) && (
        <ProgressBar
          id={`progress-${id}`}
          label={texts.progress(number(done), number(most))}
          value={done}
          max={most}
        />
      )}
    </section>
  );
}

function Stop({ view, change }: { readonly view: View; readonly change: KeyChangeShown }): Markup {
  const { change: texts } = view.messages.keys;
  return (
    <Form view={view} action={`/admin/keys/changes/${change.id}/stop`} class="actions">
      <button type="submit">{texts.stop}</button>
    </Form>
  );
}

function WayBack({ view, change }: { readonly view: View; readonly change: KeyChangeShown }): Markup {
  const { change: texts } = view.messages.keys;
  const { id, action, undoUntilMs } = change;
  return (
    <Form view={view} action={`/admin/keys/changes/${id}/undo`} class="actions">
      <span class="muted">
        <Countdown view={view} untilMs={undoUntilMs ?? 0} /> {texts.left}
      </span>
      <button type="submit">{action === "delete" ? texts.restore : texts.undo}</button>
    </Form>
  );
}

function isUnderWay({ state }: KeyChangeShown): boolean {
  return state === "running" || state === "undoing";
}
