import type { GeminiField } from "./gemini_field.ts";

interface OpenCall {
  readonly id: string;
  readonly name: string;
  /** The caller gave it no id. */
  readonly isDerived: boolean;
}

/**
 * Which call a result answers. Gemini callers may leave ids out: then the call gets one that is derived from its
 * place in the conversation, and a result belongs to the first unanswered call of its name.
 */
export class GeminiCallBook {
  readonly #given = new Set<string>();
  readonly #names = new Map<string, string>();
  readonly #unanswered: OpenCall[] = [];
  #count = 0;

  /** @param contents all of the conversation, so that a derived id never meets a given one */
  constructor(contents: GeminiField) {
    for (const content of contents.items()) {
      for (const part of content.member("parts")?.items() ?? []) {
        const id = part.member("functionCall")?.member("id")?.value;
        if (typeof id === "string") this.#given.add(id);
      }
    }
  }

  /** The id of a call of the model, "" when the caller gave none. */
  open(given: string, name: string): string {
    const id = given === "" ? this.#derived() : given;
    this.#names.set(id, name);
    this.#unanswered.push({ id, name, isDerived: given === "" });
    return id;
  }

  /** The call that a result answers; `undefined` when no call of this id or name is open. */
  answer(given: string, name: string): { readonly id: string; readonly name: string } | undefined {
    const at = this.#placeOf(given, name);
    const [found] = at < 0 ? [] : this.#unanswered.splice(at, 1);
    if (found !== undefined) return found;
    const known = this.#names.get(given);
    return known === undefined ? undefined : { id: given, name: known };
  }

  /** By id; a result of an id that no call has is most likely of a call without one. */
  #placeOf(given: string, name: string): number {
    const byId = this.#unanswered.findIndex(({ id }) => id === given);
    if (byId >= 0 || this.#names.has(given)) return byId;
    const derived = this.#unanswered.findIndex((call) => call.name === name && call.isDerived);
    return derived >= 0 ? derived : this.#unanswered.findIndex((call) => call.name === name);
  }

  #derived(): string {
    let id = `call_${++this.#count}`;
    while (this.#given.has(id)) id = `call_${++this.#count}`;
    return id;
  }
}
