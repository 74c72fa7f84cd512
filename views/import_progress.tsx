import { EMPTY_FORM } from "./form_state.ts";
import type { ImportDetail } from "./import_shown.ts";
import { ImportBadge } from "./imports.tsx";
import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { ProgressBar } from "./parts/figures.tsx";
import { Form } from "./parts/form.tsx";
import { Table } from "./parts/table.tsx";
import type { View } from "./view.ts";

/** How far an import has come, and in the end what it has done: the same element, kept up to date. */
export function ImportProgress(
  { view, answer }: { readonly view: View; readonly answer: ImportDetail },
): Markup {
  const texts = view.messages.importKeys;
  const { id, state, progress, report } = answer;
  const isUnderWay = state === "running" || state === "checking";
  const check = progress?.check ?? null;
  return (
    <section id="import-progress" class="card">
      <header class="card-head">
        <ImportBadge view={view} state={state} />
        {isUnderWay && (
          <Form view={view} form={EMPTY_FORM} action={`/admin/imports/${id}`} method="DELETE">
            <button type="submit" class="danger quiet">{texts.stop}</button>
          </Form>
        )}
      </header>
      {progress !== null && (isUnderWay || state !== "done") && (
        <ProgressBar
          id="import-written"
          label={texts.running(progress.done, progress.total)}
          value={progress.done}
          max={progress.total}
        />
      )}
      {check !== null && isUnderWay && (
        <ProgressBar
          id="import-checked"
          label={texts.checking(check.checked, check.total, check.rejected)}
          value={check.checked}
          max={check.total}
        />
      )}
      {isUnderWay && <p class="hint">{texts.runningLead}</p>}
      {(state === "stopped" || state === "failed") && <p>{texts[state]}</p>}
      {!isUnderWay && report !== null && <Report view={view} report={report} check={check} />}
    </section>
  );
}

interface ReportProps {
  readonly view: View;
  readonly report: NonNullable<ImportDetail["report"]>;
  readonly check: NonNullable<ImportDetail["progress"]>["check"];
}

function Report({ view, report, check }: ReportProps): Markup {
  const texts = view.messages.importKeys;
  const { columns } = texts;
  const { number } = view.format;
  const { providers, groups, aliases, clientKeys } = report;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return (
    <div class="stack">
      <p class="import-sum" role="status">
        {texts.doneLead(
          sum(providers.map(({ added }) => added)),
          sum(providers.map((each) => each.duplicate)),
        )}
      </p>
      {groups + aliases + clientKeys > 0 && <p>{texts.alsoAdded(groups, aliases, clientKeys)}</p>}
      {check !== null && <p>{texts.checked(check.accepted, check.rejected, check.failed)}</p>}
      {providers.length > 0 && (
        <Table
          caption={columns.to}
          columns={[
            { label: columns.to },
            { label: columns.added, isNumber: true },
            { label: columns.duplicate, isNumber: true },
            { label: texts.showKeys, isHidden: true },
          ]}
        >
          {providers.map(({ slug, isNew, added, duplicate }) => (
            <tr>
              <th scope="row">
                <a href={`/admin/providers/${slug}`}>{slug}</a>{" "}
                {isNew && <Badge label={texts.isNew} tone="good" />}
              </th>
              <td data-label={columns.added} class="number">{number(added)}</td>
              <td data-label={columns.duplicate} class="number">{number(duplicate)}</td>
              <td class="row-actions">
                <a href={`/admin/keys?provider=${slug}`}>{texts.showKeys}</a>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </div>
  );
}
