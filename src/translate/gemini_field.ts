import { isRecord } from "../core/json.ts";
import { refuseShape } from "./caller_shape.ts";

/**
 * A value of a Gemini caller's request together with its path, as the caller wrote it. Read by hand and not by zod:
 * Google takes every member in camelCase and in snake_case (https://protobuf.dev/programming-guides/json/), `null` for
 * an absent one and a single object for a list, and an error must name the spelling that stands in the request.
 */
export class GeminiField {
  readonly value: unknown;
  /** E.g. `contents[0].parts[1].inline_data`; "" for the request itself. */
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  /** @param name in camelCase; `undefined` when the member is absent or null. */
  member(name: string): GeminiField | undefined {
    const record = this.record();
    const written = record[name] !== undefined ? name : snakeCaseOf(name);
    const value = Object.hasOwn(record, written) ? record[written] : undefined;
    return value === undefined || value === null ? undefined : new GeminiField(value, this.#pathTo(written));
  }

  /** @throws {AppError} `invalid_request` when it is not an object. */
  record(): Record<string, unknown> {
    return isRecord(this.value) ? this.value : this.#refuse("an object");
  }

  /** The elements of a list; a single object stands for a list of one. */
  items(): GeminiField[] {
    if (isRecord(this.value)) return [this];
    if (!Array.isArray(this.value)) return this.#refuse("a list");
    return this.value.map((item: unknown, index) => new GeminiField(item, `${this.path}[${index}]`));
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.#refuse("a string");
  }

  flag(): boolean {
    return typeof this.value === "boolean" ? this.value : this.#refuse("a boolean");
  }

  /** A number, also written as text, as protocol buffers allow. */
  number(): number {
    const number = typeof this.value === "string" && this.value !== "" ? Number(this.value) : this.value;
    return typeof number === "number" && Number.isFinite(number) ? number : this.#refuse("a number");
  }

  integer(): number {
    const number = this.number();
    return Number.isInteger(number) ? number : this.#refuse("an integer");
  }

  /** An enum's name in capital letters. */
  name(): string {
    return this.text().toUpperCase();
  }

  texts(): string[] {
    if (!Array.isArray(this.value)) return this.#refuse("a list of strings");
    return this.value.map((item: unknown, index) => new GeminiField(item, `${this.path}[${index}]`).text());
  }

  /** The last member of the path, in camelCase. */
  camelName(): string {
    return camelCaseOf(this.path.slice(this.path.lastIndexOf(".") + 1));
  }

  /** Members that are not among these names (in camelCase), null ones left out. */
  others(names: ReadonlySet<string>): GeminiField[] {
    const found: GeminiField[] = [];
    const record = this.record();
    for (const written of Object.keys(record)) {
      const value = record[written];
      if (value === undefined || value === null || names.has(written) || names.has(camelCaseOf(written))) {
        continue;
      }
      found.push(new GeminiField(value, this.#pathTo(written)));
    }
    return found;
  }

  /** @throws {AppError} always: `invalid_request` that names this field. */
  invalid(why: string): never {
    refuseShape(this.path, why);
  }

  #refuse(wanted: string): never {
    return this.invalid(`${wanted} is expected`);
  }

  #pathTo(member: string): string {
    return this.path === "" ? member : `${this.path}.${member}`;
  }
}

const SNAKE_CASE = new Map<string, string>();

/** Names come from this program, so that the map stays small. */
function snakeCaseOf(name: string): string {
  let snake = SNAKE_CASE.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    SNAKE_CASE.set(name, snake);
  }
  return snake;
}

function camelCaseOf(written: string): string {
  return written.includes("_")
    ? written.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    : written;
}
