import type { Markup } from "./markup.ts";
import { maskOf, textOf } from "./keys_shown.ts";
import { hrefWith } from "./parts/table.tsx";
import type { View } from "./view.ts";

interface CellShown {
  readonly lastFour: string;
  readonly state: string;
  readonly reason: string;
}

/**
 * One cell for each key. Ten thousand of them stay small because a cell is no more than its state, and its reason if it
 * has one; which key it is, the server finds out by its place.
 */
export function KeysMap(
  { view, cells }: { readonly view: View; readonly cells: readonly CellShown[] },
): Markup {
  const { map } = view.messages.keys;
  return (
    <figure class="keys-map">
      <div
        class="cells"
        role="img"
        aria-label={map.label(cells.length)}
        data-cells={hrefWith(view.url, { cell: "" })}
      >
        {cells.map((cell) => <i class={LETTERS.get(cell.state)} title={titleOf(view, cell)} />)}
      </div>
      <figcaption class="hint">{map.hint}</figcaption>
    </figure>
  );
}

/** Short, because there are so many. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ["cooling", "c"],
  ["exhausted", "e"],
  ["rejected", "r"],
  ["disabled", "d"],
]);

/** Of a key that works there is nothing to tell. */
function titleOf(view: View, cell: CellShown): string | undefined {
  if (cell.state === "ready") return undefined;
  const state = textOf(view.messages.parts.states, cell.state);
  const text = view.messages.keys.map.cell(maskOf(cell), state);
  return cell.reason === "" ? text : `${text} – ${cell.reason.slice(0, 45)}`;
}
