import { filledForm, type FormState } from "./form_state.ts";
import { KeyAttempts, KeyHistory, KeyHours } from "./keys_history.tsx";
import { type KeyDetailShown, maskOf } from "./keys_shown.ts";
import type { Markup } from "./markup.ts";
import { Countdown, Moment, StateBadge } from "./parts/badge.tsx";
import { Confirm } from "./parts/confirm.tsx";
import { CopyText } from "./parts/copy.tsx";
import { LinesField, TextField } from "./parts/fields.tsx";
import { Facts } from "./parts/figures.tsx";
import { Form } from "./parts/form.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

export interface KeyDetailProps {
  readonly view: View;
  readonly detail: KeyDetailShown;
  /** What came back refused: of the form that is `opened`. */
  readonly form: FormState;
  readonly opened?: "edit" | "reveal";
  /** The whole key, the once that it is shown. */
  readonly revealed?: string;
  /** What was just done, in the drawer. */
  readonly notice?: string;
}

/** The drawer beside the list. */
export function KeyDrawer(props: KeyDetailProps): Markup {
  const { view, detail } = props;
  const { keys: texts, parts } = view.messages;
  return (
    <>
      <header class="drawer-head">
        <h2 id="drawer-title">{texts.one(maskOf(detail))}</h2>
        <div class="actions">
          <a class="button quiet" href={`/admin/keys/${detail.id}`}>{texts.detail.open}</a>
          <button type="button" data-close>{parts.close}</button>
        </div>
      </header>
      <KeyDetail {...props} />
    </>
  );
}

/** All that is known of one key, and what can be done with it: in the drawer and on its own page. */
export function KeyDetail(props: KeyDetailProps): Markup {
  const { view, detail, notice, revealed } = props;
  const { keys: texts } = view.messages;
  return (
    <div id="key-detail" class="stack key-detail">
      {notice !== undefined && <p class="flash done" role="status">{notice}</p>}
      {revealed !== undefined && (
        <section class="card once">
          <h3>{texts.detail.revealed}</h3>
          <CopyText view={view} text={revealed} label={texts.detail.revealed} />
          <p class="hint">{view.messages.parts.shownOnce}</p>
        </section>
      )}
      <section class="card">
        <Standing view={view} detail={detail} />
        {mayChange(view) && <Actions view={view} detail={detail} />}
      </section>
      <section class="card">
        <KeyFacts view={view} detail={detail} />
        {mayChange(view) && <Edit {...props} />}
        {mayChange(view) && <Reveal {...props} />}
      </section>
      <section class="card">
        <h3>{texts.detail.day}</h3>
        <KeyHours view={view} detail={detail} />
      </section>
      <section class="card">
        <h3>{texts.detail.history}</h3>
        <KeyHistory view={view} detail={detail} />
      </section>
      <section class="card">
        <h3>{texts.detail.attempts}</h3>
        <KeyAttempts view={view} detail={detail} />
      </section>
    </div>
  );
}

/** How it stands: the first thing that anybody wants to know. */
function Standing({ view, detail }: { readonly view: View; readonly detail: KeyDetailShown }): Markup {
  const { detail: texts } = view.messages.keys;
  const { state, untilMs, reason, rule, sinceMs, models, id } = detail;
  return (
    <div class="standing">
      <p>
        <StateBadge view={view} state={state} {...(untilMs !== undefined && { untilMs })} />
        {sinceMs !== undefined && (
          <span class="muted">
            {" "}
            {texts.since} <Moment view={view} ms={sinceMs} />
          </span>
        )}
      </p>
      {reason !== undefined && <p class="said">{reason}</p>}
      {rule !== undefined && rule !== reason && <p class="sub code">{rule}</p>}
      {models.length > 0 && (
        <ul class="model-rests" aria-label={texts.models}>
          {models.map(({ model, untilMs, reason }) => (
            <li>
              <span class="badge wait">{model}</span> <Countdown view={view} untilMs={untilMs} />
              <span class="reason">{reason}</span>
              {mayChange(view) && (
                <Form view={view} action={`/admin/keys/${id}/release`} htmx={IN_PLACE}>
                  <input type="hidden" name="model" value={model} />
                  <button type="submit" class="quiet" aria-label={texts.releaseModel(model)}>
                    {texts.release}
                  </button>
                </Form>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The answer takes the place of what is shown, in the drawer as on the page. */
const IN_PLACE = { target: "#key-detail", swap: "outerMorph" } as const;

function Actions({ view, detail }: { readonly view: View; readonly detail: KeyDetailShown }): Markup {
  const { keys: texts, parts } = view.messages;
  const { id, isActive, state } = detail;
  const path = `/admin/keys/${id}`;
  const isResting = state === "cooling" || state === "exhausted" || state === "rejected";
  return (
    <div class="actions">
      {isResting && (
        <Form view={view} action={`${path}/release`} htmx={IN_PLACE}>
          <button type="submit">{texts.detail.release}</button>
        </Form>
      )}
      <Form view={view} action={`${path}/check`} htmx={IN_PLACE}>
        <button type="submit">{texts.detail.check}</button>
      </Form>
      <Form view={view} action={path} method="PATCH" htmx={IN_PLACE}>
        <input type="hidden" name="isActive" value={String(!isActive)} />
        <button type="submit">{isActive ? texts.detail.disable : texts.detail.enable}</button>
      </Form>
      <Confirm
        view={view}
        id="delete-key"
        label={parts.delete}
        title={texts.detail.deleteTitle(maskOf(detail), detail.provider)}
        text={texts.detail.deleteText}
        action={path}
        method="DELETE"
        isQuiet
      />
    </div>
  );
}

function KeyFacts({ view, detail }: { readonly view: View; readonly detail: KeyDetailShown }): Markup {
  const { detail: texts } = view.messages.keys;
  const { number } = view.format;
  const { tags, account, note, usedCount, maxRequests } = detail;
  return (
    <Facts
      facts={[
        {
          label: texts.provider,
          value: <a href={`/admin/providers/${detail.provider}`}>{detail.providerName}</a>,
        },
        { label: texts.account, value: account ?? <span class="muted">{texts.ownAccount}</span> },
        {
          label: texts.tags,
          value: tags.length === 0
            ? <span class="muted">–</span>
            : <span class="chips">{tags.map((tag) => <span class="chip">{tag}</span>)}</span>,
        },
        { label: `${texts.weight} · ${texts.priority}`, value: `${detail.weight} · ${detail.priority}` },
        { label: texts.lastSuccess, value: <Moment view={view} ms={detail.lastSuccessMs} /> },
        { label: texts.lastFailure, value: <Moment view={view} ms={detail.lastFailureMs} /> },
        {
          label: texts.used,
          value: maxRequests === undefined
            ? number(usedCount)
            : texts.usedOf(number(usedCount), number(maxRequests)),
        },
        { label: texts.inFlight, value: number(detail.inFlight) },
        { label: texts.added, value: <Moment view={view} ms={detail.createdAtMs} /> },
        { label: texts.id, value: <span class="code">{detail.id}</span> },
        ...(note === undefined ? [] : [{ label: texts.note, value: note }]),
      ]}
    />
  );
}

function Edit({ view, detail, form: refused, opened }: KeyDetailProps): Markup {
  const { keys: { detail: texts }, parts } = view.messages;
  const { form: labels } = texts;
  const form = opened === "edit" ? refused : filledForm({
    weight: detail.weight,
    priority: detail.priority,
    account: detail.account,
    maxRequests: detail.maxRequests,
    tags: detail.tags,
    note: detail.note,
  });
  return (
    <details open={opened === "edit"}>
      <summary>{texts.edit}</summary>
      <Form
        view={view}
        form={form}
        action={`/admin/keys/${detail.id}`}
        method="PATCH"
        class="stack"
        htmx={IN_PLACE}
      >
        <div class="field-row">
          <TextField
            form={form}
            name="weight"
            label={texts.weight}
            type="number"
            min={1}
            max={1000}
            isRequired
          />
          <TextField form={form} name="priority" label={texts.priority} type="number" min={0} isRequired />
          <TextField
            form={form}
            name="maxRequests"
            label={labels.maxRequests}
            hint={labels.maxRequestsHint}
            type="number"
            min={1}
          />
        </div>
        <TextField form={form} name="account" label={labels.account} hint={labels.accountHint} />
        <LinesField form={form} name="tags" label={labels.tags} hint={labels.tagsHint} rows={2} />
        <LinesField form={form} name="note" label={labels.note} rows={2} />
        <div class="actions">
          <button type="submit" class="primary">{parts.save}</button>
        </div>
      </Form>
    </details>
  );
}

function Reveal({ view, detail, form, opened }: KeyDetailProps): Markup {
  const { keys: { detail: texts } } = view.messages;
  return (
    <details open={opened === "reveal"}>
      <summary>{texts.reveal}</summary>
      <Form
        view={view}
        form={opened === "reveal" ? form : NOTHING_TYPED}
        action={`/admin/keys/${detail.id}/reveal`}
        class="stack narrow"
        htmx={IN_PLACE}
      >
        <p class="hint">{texts.revealHint}</p>
        <TextField
          form={opened === "reveal" ? form : NOTHING_TYPED}
          name="password"
          label={texts.password}
          type="password"
          autocomplete="current-password"
          isRequired
        />
        <div class="actions">
          <button type="submit">{texts.reveal}</button>
        </div>
      </Form>
    </details>
  );
}

const NOTHING_TYPED: FormState = { values: {}, faults: {} };
