import { EMPTY_FORM, filledForm, type FormState } from "./form_state.ts";
import { ImportProgress } from "./import_progress.tsx";
import {
  type ImportDetail,
  type ImportTargets,
  type PlannedShown,
  type PlanShown,
  progressVersion,
} from "./import_shown.ts";
import { TargetOptions } from "./imports.tsx";
import { Layout } from "./layout.tsx";
import { LeftOutList } from "./left_out_list.tsx";
import type { Markup } from "./markup.ts";
import { AsCurl } from "./parts/copy.tsx";
import { CheckField, TextField } from "./parts/fields.tsx";
import { StatCard } from "./parts/figures.tsx";
import { Form } from "./parts/form.tsx";
import { Table } from "./parts/table.tsx";
import type { View } from "./view.ts";

interface ImportPageProps {
  readonly view: View;
  readonly answer: ImportDetail;
  readonly targets: ImportTargets;
  /** Of the options, when they could not be taken. */
  readonly form?: FormState;
}

/** `/admin/imports/:id`: what it would do; once it has begun, how far it has come and what it has done. */
export function ImportPage({ view, answer, targets, form }: ImportPageProps): Markup {
  const texts = view.messages.importKeys;
  const { id, product, plan } = answer;
  return (
    <Layout
      view={view}
      title={texts.previewTitle(texts.productNames[product])}
      {...(plan !== null && { lead: texts.previewLead })}
      {...(plan === null && { actions: <a class="button" href="/admin/imports">{texts.another}</a> })}
    >
      {plan === null
        ? (
          <div {...followed(answer)}>
            <ImportProgress view={view} answer={answer} />
          </div>
        )
        : (
          <>
            <ImportPlan view={view} answer={answer} targets={targets} />
            <Options view={view} id={id} plan={plan} form={form ?? BEFORE} />
          </>
        )}
      <LeftOutList view={view} answer={answer} />
      <AsCurl
        view={view}
        method={plan === null ? "GET" : "POST"}
        path={plan === null ? `/admin/imports/${id}` : `/admin/imports/${id}/start`}
        {...(plan !== null &&
          { body: { into: plan.providers.map(({ into }) => into), tags: [], check: false } })}
      />
    </Layout>
  );
}

/** What is over does not change any more. */
function followed({ id, state, progress }: ImportDetail) {
  if (state !== "running" && state !== "checking") return {};
  // What changes between this page and the stream must not be missed.
  const seen = progressVersion(state, progress?.done ?? 0, progress?.check?.checked ?? 0);
  const path = `/admin/live/imports/${id}?seen=${encodeURIComponent(seen)}`;
  return { "hx-sse:connect": path, "hx-swap": "none" };
}

const BEFORE: FormState = filledForm({ tags: "", check: false, withGroups: true, withClientKeys: false });

/**
 * What would happen, and the choice of where keys go. The choices are a GET of the page, so that they stand in its
 * URL; with a script only these parts of it are drawn anew, and the options beside them keep what was typed.
 */
export function ImportPlanParts({ view, answer, targets }: Omit<ImportPageProps, "form">): Markup {
  const { plan } = answer;
  return (
    <>
      <ImportPlan view={view} answer={answer} targets={targets} />
      {plan !== null && (
        <hx-partial hx-target="#import-start-button" hx-swap="outerMorph">
          <StartButton view={view} plan={plan} />
        </hx-partial>
      )}
      <hx-partial hx-target="#left-out" hx-swap="outerMorph">
        <LeftOutList view={view} answer={answer} />
      </hx-partial>
    </>
  );
}

function ImportPlan({ view, answer, targets }: Omit<ImportPageProps, "form">): Markup {
  const { id, plan } = answer;
  if (plan === null) return <div id="import-plan"></div>;
  const texts = view.messages.importKeys;
  const { number } = view.format;
  const { fresh, elsewhere, duplicate, malformed, undecided } = plan.totals;
  return (
    <div id="import-plan" class="stack">
      <div class="import-stats">
        <StatCard label={texts.stats.fresh} value={number(fresh)} />
        <StatCard label={texts.stats.elsewhere} value={number(elsewhere)} note={texts.stats.elsewhereNote} />
        <StatCard label={texts.stats.duplicate} value={number(duplicate)} note={texts.stats.duplicateNote} />
        <StatCard label={texts.stats.malformed} value={number(malformed)} />
        {undecided > 0 && <StatCard label={texts.stats.undecided} value={number(undecided)} />}
      </div>
      {plan.providers.length > 0 && (
        <form
          method="get"
          action={`/admin/imports/${id}`}
          hx-get={`/admin/imports/${id}`}
          hx-target="#import-plan"
          hx-swap="outerMorph"
          hx-push-url="true"
          data-submit-on-change
          class="stack"
        >
          <Destinations view={view} plan={plan} targets={targets} />
          <button type="submit" class="quiet" data-without-script>{texts.recount}</button>
        </form>
      )}
      {plan.providers.map(({ into }, index) => (
        <input type="hidden" form="import-start" name={`into.${index}`} value={into} />
      ))}
    </div>
  );
}

function Destinations(
  { view, plan, targets }: { readonly view: View; readonly plan: PlanShown; readonly targets: ImportTargets },
): Markup {
  const texts = view.messages.importKeys;
  const { columns } = texts;
  return (
    <Table
      caption={columns.to}
      columns={[
        { label: columns.from },
        { label: columns.keys, isNumber: true },
        { label: columns.to },
        { label: columns.fresh, isNumber: true },
        { label: columns.elsewhere, isNumber: true },
        { label: columns.duplicate, isNumber: true },
      ]}
    >
      {plan.providers.map((planned, index) => (
        <DestinationRow view={view} planned={planned} index={index} targets={targets} />
      ))}
    </Table>
  );
}

interface DestinationRowProps {
  readonly view: View;
  readonly planned: PlannedShown;
  readonly index: number;
  readonly targets: ImportTargets;
}

function DestinationRow({ view, planned, index, targets }: DestinationRowProps): Markup {
  const texts = view.messages.importKeys;
  const { columns } = texts;
  const { number } = view.format;
  const { counts, into } = planned;
  const name = planned.name || planned.slug || texts.nameless;
  return (
    <tr class={counts === null ? "off" : undefined}>
      <th scope="row">
        {name}
        {planned.baseUrl !== null && <span class="sub code">{planned.baseUrl}</span>}
      </th>
      <td data-label={columns.keys} class="number">{number(planned.keys)}</td>
      <td data-label={columns.to}>
        <select name={`into.${index}`} aria-label={texts.goesTo(name)} class="import-destination">
          {into === "" && <option value="" selected>{texts.choose}</option>}
          {planned.canBeNew && (
            <option value="new" selected={into === "new"}>
              {texts.newProvider(planned.isNew ? planned.target ?? planned.slug : planned.slug)}
            </option>
          )}
          <TargetOptions
            view={view}
            targets={targets}
            chosen={into}
            prefixes={{ here: "at:", known: "preset:" }}
          />
          <option value="skip" selected={into === "skip"}>{texts.skip}</option>
        </select>
        {planned.fault !== undefined && <p class="sub">{planned.fault}</p>}
      </td>
      <td data-label={columns.fresh} class="number">{counts === null ? "–" : number(counts.fresh)}</td>
      <td data-label={columns.elsewhere} class="number">
        {counts === null ? "–" : number(counts.elsewhere)}
      </td>
      <td data-label={columns.duplicate} class="number">
        {counts === null ? "–" : number(counts.duplicate)}
      </td>
    </tr>
  );
}

interface OptionsProps {
  readonly view: View;
  readonly id: string;
  readonly plan: PlanShown;
  readonly form: FormState;
}

function Options({ view, id, plan, form }: OptionsProps): Markup {
  const texts = view.messages.importKeys;
  const { groups, aliases, clientKeys } = plan;
  return (
    <section class="card">
      <h2>{texts.options}</h2>
      <Form view={view} form={form} action={`/admin/imports/${id}/start`} id="import-start" class="stack">
        <TextField form={form} name="tags" label={texts.tags} hint={texts.tagsHint} />
        <CheckField form={form} name="check" label={texts.check} hint={texts.checkHint} />
        {groups + aliases > 0 && (
          <CheckField form={form} name="withGroups" label={texts.withGroups(groups, aliases)} />
        )}
        {clientKeys > 0 && (
          <CheckField
            form={form}
            name="withClientKeys"
            label={texts.withClientKeys(clientKeys)}
            hint={texts.clientKeysHint}
          />
        )}
      </Form>
      <div class="actions">
        <StartButton view={view} plan={plan} />
        <Form view={view} form={EMPTY_FORM} action={`/admin/imports/${id}`} method="DELETE">
          <button type="submit" class="quiet">{texts.discard}</button>
        </Form>
      </div>
    </section>
  );
}

function StartButton({ view, plan }: { readonly view: View; readonly plan: PlanShown }): Markup {
  const texts = view.messages.importKeys;
  const { fresh, elsewhere, duplicate } = plan.totals;
  const isEmpty = fresh + elsewhere + plan.groups + plan.aliases + plan.clientKeys === 0;
  return (
    <span id="import-start-button" class="actions">
      <button type="submit" form="import-start" class="primary" disabled={isEmpty}>
        {texts.start(fresh + elsewhere)}
      </button>
      {isEmpty && <span class="muted">{duplicate > 0 ? texts.allHere : texts.nothingToDo}</span>}
    </span>
  );
}
