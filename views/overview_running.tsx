import type { RunningRequest, RunningState } from "../src/core/running_request.ts";
import { includesRole } from "../src/core/role.ts";
import type { Markup } from "./markup.ts";
import { Badge, type Tone } from "./parts/badge.tsx";
import { Form } from "./parts/form.tsx";
import { Table } from "./parts/table.tsx";
import type { RunningShown } from "./overview_shown.ts";
import type { View } from "./view.ts";

const TONES: Readonly<Record<RunningState, Tone>> = { waiting: "wait", asking: "plain", answering: "good" };

/** The requests under way, each with a button that breaks it off. */
export function Running({ view, running }: { readonly view: View; readonly running: RunningShown }): Markup {
  const { running: texts } = view.messages.overview;
  const rest = running.count - running.requests.length;
  return (
    <section id="overview-running" class="stack" aria-labelledby="running-title">
      <header class="card-head wrap">
        <h2 id="running-title">
          {texts.title} <span class="count">{view.format.number(running.count)}</span>
        </h2>
        <span class="muted">{texts.hint}</span>
      </header>
      {running.requests.length === 0 ? <p class="muted">{texts.none}</p> : (
        <Table
          caption={texts.title}
          columns={[
            { label: texts.model },
            { label: texts.client },
            { label: texts.provider },
            { label: texts.attempt, isNumber: true },
            { label: texts.since, isNumber: true },
            { label: texts.state },
            { label: texts.actions, isHidden: true },
          ]}
        >
          {running.requests.map((request) => <RunningRow view={view} request={request} />)}
        </Table>
      )}
      {rest > 0 && running.requests.length > 0 && <p class="muted">{texts.more(rest)}</p>}
    </section>
  );
}

function RunningRow({ view, request }: { readonly view: View; readonly request: RunningRequest }): Markup {
  const { running: texts } = view.messages.overview;
  const { id, model, clientKeyName, provider, lastFour, attempt, startedMs, state } = request;
  const elapsed = Math.max(0, Math.floor((view.nowMs - startedMs) / 1000) * 1000);
  return (
    <tr id={`running-${id}`}>
      <th scope="row">
        {model ?? <span class="muted">{texts.anyModel}</span>}
        <span class="sub code">{id}</span>
      </th>
      <td data-label={texts.client}>{clientKeyName ?? <span class="muted">{texts.anonymous}</span>}</td>
      <td data-label={texts.provider}>
        <span>
          {provider ?? "–"}
          {lastFour !== null && <code class="muted">{` …${lastFour}`}</code>}
        </span>
      </td>
      <td data-label={texts.attempt} class="number">{view.format.number(attempt)}</td>
      <td data-label={texts.since} class="number">
        <span data-since={String(startedMs)}>{elapsed < 1000 ? "0s" : view.format.duration(elapsed)}</span>
      </td>
      <td data-label={texts.state}>
        <Badge label={texts.states[state]} tone={TONES[state]} />
      </td>
      <td class="row-actions">
        {view.who !== undefined && includesRole(view.who.role, "operator") && (
          <Form
            view={view}
            action={`/admin/running/${id}`}
            method="DELETE"
            htmx={{ target: "#overview-running", swap: "outerMorph" }}
          >
            <button type="submit" class="quiet danger" aria-label={texts.cancelOf(model ?? id)}>
              {texts.cancel}
            </button>
          </Form>
        )}
      </td>
    </tr>
  );
}
