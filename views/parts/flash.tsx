import type { Markup } from "../markup.ts";
import type { Flash } from "../view.ts";

/** What has just been done, or why it was not. */
export function FlashMessage({ flash }: { readonly flash: Flash }): Markup {
  return <p class={`flash ${flash.kind}`} role={flash.kind === "fault" ? "alert" : "status"}>{flash.text}</p>;
}
