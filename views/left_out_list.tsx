import type { ImportDetail } from "./import_shown.ts";
import type { Markup } from "./markup.ts";
import { Table } from "./parts/table.tsx";
import type { View } from "./view.ts";

/** What an import leaves out, each entry with its place and the reason; all of it in a file to be taken along. */
export function LeftOutList(
  { view, answer }: { readonly view: View; readonly answer: ImportDetail },
): Markup {
  const texts = view.messages.importKeys;
  const { id, leftOut, leftOutTotal } = answer;
  if (leftOutTotal === 0) return <section id="left-out" hidden></section>;
  const { columns } = texts;
  return (
    <section id="left-out" class="stack">
      <header class="card-head">
        <h2>{texts.leftOut(leftOutTotal)}</h2>
        <a class="button" href={`/admin/imports/${id}/report`} download="">{texts.report}</a>
      </header>
      {leftOutTotal > leftOut.length && <p class="hint">{texts.leftOutMore(leftOutTotal)}</p>}
      <Table
        caption={texts.leftOut(leftOutTotal)}
        columns={[{ label: columns.place }, { label: columns.reason }]}
      >
        {leftOut.map(({ place, reason, what }) => (
          <tr>
            <td data-label={columns.place} class={typeof place === "number" ? undefined : "code wide"}>
              {typeof place === "number" ? texts.line(place) : place}
            </td>
            <td data-label={columns.reason}>
              {texts.reasons[reason]}
              {what !== undefined && <span class="sub">{what}</span>}
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
