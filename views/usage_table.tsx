import type { UsageCounts } from "../src/core/usage.ts";
import type { Markup } from "./markup.ts";
import { hrefWith, Table } from "./parts/table.tsx";
import type { Grouping, QuantilesShown } from "./usage.tsx";
import type { View } from "./view.ts";

/** One row of sums: what they are of, and the sums. */
export interface UsageRowShown {
  readonly parts: readonly {
    readonly grouping: Grouping;
    /** As filters take it. */
    readonly value: string;
    /** As people call it; "" for none. */
    readonly label: string;
  }[];
  readonly counts: UsageCounts;
  readonly duration: QuantilesShown | undefined;
}

interface UsageTableProps {
  readonly view: View;
  readonly groupBy: readonly Grouping[];
  readonly rows: readonly UsageRowShown[];
  readonly isCut: boolean;
}

/** Sums by what was asked for, the largest first. */
export function UsageTable({ view, groupBy, rows, isCut }: UsageTableProps): Markup {
  const { table, groupings, cut } = view.messages.usage;
  const hasLatency = rows.some(({ duration }) => duration !== undefined);
  return (
    <div class="usage-sums stack">
      <Table
        caption={table.caption}
        columns={[
          { label: groupBy.map((grouping) => groupings[grouping]).join(" · ") },
          { label: table.requests, isNumber: true },
          { label: table.success, isNumber: true },
          { label: table.attemptSuccess, isNumber: true },
          { label: table.input, isNumber: true },
          { label: table.output, isNumber: true },
          { label: table.cached, isNumber: true },
          { label: table.cost, isNumber: true },
          ...(hasLatency ? [{ label: table.p50, isNumber: true }, { label: table.p95, isNumber: true }] : []),
          { label: table.log, isHidden: true },
        ]}
      >
        {rows.map((row) => <UsageRow view={view} row={row} hasLatency={hasLatency} />)}
      </Table>
      {isCut && <p class="muted">{cut(view.format.number(rows.length))}</p>}
    </div>
  );
}

function UsageRow(
  { view, row, hasLatency }: {
    readonly view: View;
    readonly row: UsageRowShown;
    readonly hasLatency: boolean;
  },
): Markup {
  const { table, none, cards } = view.messages.usage;
  const { number, compact, percent, money, elapsed } = view.format;
  const { counts } = row;
  const { requests, attempts, metered, unpriced } = counts;
  const rate = (part: number, whole: number) => whole === 0 ? "–" : percent(part / whole);
  return (
    <tr>
      <th scope="row" class="wide dotted">
        {row.parts.map(({ label, value, grouping }) =>
          value === ""
            ? <span class="muted">{none}</span>
            : <a href={hrefWith(view.url, { [grouping]: value })}>{label}</a>
        )}
      </th>
      <td data-label={table.requests} class="number">{number(requests)}</td>
      <td data-label={table.success} class="number">{rate(counts.succeeded, requests)}</td>
      <td data-label={table.attemptSuccess} class="number">{rate(attempts - counts.failures, attempts)}</td>
      <td data-label={table.input} class="number">{compact(counts.inputTokens)}</td>
      <td data-label={table.output} class="number">{compact(counts.outputTokens)}</td>
      <td data-label={table.cached} class="number">{rate(counts.cachedTokens, counts.inputTokens)}</td>
      <td data-label={table.cost} class="number">
        {metered === unpriced ? <span class="muted">–</span> : money(counts.costNanoDollars)}
        {unpriced > 0 && <span class="sub">{cards.unpricedNote(rate(unpriced, metered))}</span>}
      </td>
      {hasLatency && (
        <>
          <td data-label={table.p50} class="number">
            {row.duration === undefined ? "–" : elapsed(row.duration.p50)}
          </td>
          <td data-label={table.p95} class="number">
            {row.duration === undefined ? "–" : elapsed(row.duration.p95)}
          </td>
        </>
      )}
      <td class="row-actions">
        <a href={logHref(view, row)}>{table.log}</a>
      </td>
    </tr>
  );
}

/** The log with the same filters and time. */
function logHref(view: View, { parts }: UsageRowShown): string {
  const query = new URLSearchParams();
  for (
    const name of ["from", "to", "provider", "model", "clientKey", "group", "statusClass", "providerKey"]
  ) {
    const value = view.url.searchParams.get(name);
    if (value !== null) query.set(name, value);
  }
  if (!query.has("from")) query.set("last", view.url.searchParams.get("last") ?? "24h");
  for (const { grouping, value } of parts) {
    if (grouping === "usageSource") continue;
    query.set(grouping, value === "" && grouping === "clientKey" ? "anonymous" : value);
  }
  return `/admin/requests?${query}`;
}
