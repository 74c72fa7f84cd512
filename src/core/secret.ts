/**
 * A value that must not leak by accident: printing, interpolating, JSON and inspection all give "[secret]".
 * `reveal()` is called on the line that writes the header, and nowhere else.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** The last four characters, for people to tell secrets apart; fewer than eight characters show nothing. */
  get lastFour(): string {
    return this.#value.length < 8 ? "" : this.#value.slice(-4);
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [Symbol.for("Deno.customInspect")](): string {
    return "[secret]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}
