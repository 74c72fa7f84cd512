import type { OutputItem } from "./openai_responses_items.ts";

/** The events of one response under way: numbered, with the items of its output in their places. */
export class ResponseEvents {
  readonly #output: OutputItem[] = [];
  #sequence = 0;
  #text = "";

  /** The items so far, each as it was told last. */
  get output(): readonly OutputItem[] {
    return this.#output;
  }

  send(type: string, fields: Readonly<Record<string, unknown>>): void {
    const data = JSON.stringify({ type, sequence_number: this.#sequence++, ...fields });
    this.#text += `event: ${type}\ndata: ${data}\n\n`;
  }

  /** A comment: no event, so it has no number. */
  comment(text: string): void {
    this.#text += `: ${text}\n\n`;
  }

  /** Announces an item; its index. */
  add(item: OutputItem): number {
    const index = this.#output.push(item) - 1;
    this.send("response.output_item.added", { output_index: index, item });
    return index;
  }

  done(index: number, item: OutputItem): void {
    this.#output[index] = item;
    this.send("response.output_item.done", { output_index: index, item });
  }

  /** What was sent since it was taken last, as text. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }
}
