import { Buffer } from "node:buffer";
import { type BodySource, type Bytes, EMPTY_BODY } from "../core/http.ts";
import type { Secret } from "../core/secret.ts";
import { formsOf } from "./key_forms.ts";

/**
 * Shorter secrets ("ollama", "EMPTY") are no secrets, and would be found in ordinary text. Also how much of a form's
 * end is searched for, which is fast; the rest is compared only where that stands.
 */
const MIN_SECRET_CHARS = 12;
const MIN_MARK_CHARS = 4;

const STAR = 42;

interface Form {
  /** One char a byte. */
  readonly text: string;
  readonly end: string;
}

/**
 * Finds one provider key in bodies that pass, in every form of `formsOf`, and writes asterisks over it: as many as it
 * had characters, so that nothing else of the body moves (threat E3). What it costs: docs/security.md.
 */
export class KeyEraser {
  readonly #forms: readonly Form[];
  /** What header lines are searched for. */
  readonly #marks: readonly string[];
  /** The bytes that forms consist of: where a chunk ends in another one, no form can go on in the next. */
  readonly #alphabet = new Uint8Array(256);

  constructor(secret: string) {
    const all = secret.length < MIN_MARK_CHARS ? [] : formsOf(secret);
    this.#marks = [...new Set([...all, secret.toLowerCase()].map((form) => form.slice(-MIN_SECRET_CHARS)))]
      .filter((mark) => mark.length >= MIN_MARK_CHARS);
    const forms = secret.length < MIN_SECRET_CHARS ? [] : all;
    // Of forms that begin alike the shortest finds all: what it leaves of a longer one are two characters of base64.
    const needed = forms.filter((form) => !forms.some((other) => other !== form && form.startsWith(other)));
    this.#forms = needed.map((form) => {
      const text = Buffer.from(form).toString("latin1");
      return { text, end: text.slice(-MIN_SECRET_CHARS) };
    });
    for (const { text } of this.#forms) {
      for (let at = 0; at < text.length; at++) this.#alphabet[text.charCodeAt(at)] = 1;
    }
  }

  /** Whether header lines (names in lower case) hold the key; here short ones count, too. */
  isIn(lines: string): boolean {
    for (const mark of this.#marks) if (lines.includes(mark)) return true;
    return false;
  }

  /** The body without the key. Bytes are changed where they stand; a source is read through. */
  clean(body: Bytes): Bytes;
  clean(body: BodySource): BodySource;
  clean(body: Bytes | BodySource): Bytes | BodySource;
  clean(body: Bytes | BodySource): Bytes | BodySource {
    if (this.#forms.length === 0) return body;
    if (!(body instanceof Uint8Array)) return new ErasedSource(body, this);
    this.erase(body);
    return body;
  }

  /** Erases in place; gives how many bytes at the end may be the beginning of a form. */
  erase(bytes: Bytes): number {
    const text = Buffer.prototype.latin1Slice.call(bytes, 0, bytes.length);
    for (const form of this.#forms) eraseForm(form, text, bytes);
    return this.#alphabet[bytes[bytes.length - 1] ?? 0] === 0 ? 0 : this.#openBytes(text);
  }

  #openBytes(text: string): number {
    let open = 0;
    for (const form of this.#forms) {
      const first = form.text.charAt(0);
      let at = text.indexOf(first, Math.max(0, text.length - form.text.length + 1));
      while (at !== -1 && !form.text.startsWith(text.slice(at))) at = text.indexOf(first, at + 1);
      if (at !== -1) open = Math.max(open, text.length - at);
    }
    return open;
  }
}

function eraseForm({ text: form, end }: Form, text: string, bytes: Bytes): void {
  for (let at = text.indexOf(end); at !== -1; at = text.indexOf(end, at + 1)) {
    const after = at + end.length;
    const start = after - form.length;
    if (start >= 0 && text.startsWith(form, start)) bytes.fill(STAR, start, after);
  }
}

/** By secret, because a key is used for many requests. */
const erasers = new WeakMap<Secret, KeyEraser>();

export function eraserOf(secret: Secret): KeyEraser {
  let eraser = erasers.get(secret);
  if (eraser === undefined) {
    eraser = new KeyEraser(secret.reveal());
    erasers.set(secret, eraser);
  }
  return eraser;
}

/** Holds back what may be the beginning of a key, and nothing else. */
class ErasedSource implements BodySource {
  readonly #source: BodySource;
  readonly #eraser: KeyEraser;
  #held: Bytes = EMPTY_BODY;

  constructor(source: BodySource, eraser: KeyEraser) {
    this.#source = source;
    this.#eraser = eraser;
  }

  async read(): Promise<Bytes | undefined> {
    for (;;) {
      const chunk = await this.#source.read();
      if (chunk === undefined) return this.#takeHeld();
      const bytes = this.#held.length === 0 ? chunk : join(this.#held, chunk);
      const open = this.#eraser.erase(bytes);
      this.#held = open === 0 ? EMPTY_BODY : bytes.slice(bytes.length - open);
      if (open === 0) return bytes;
      if (open < bytes.length) return bytes.subarray(0, bytes.length - open);
    }
  }

  cancel(): void {
    this.#source.cancel();
  }

  #takeHeld(): Bytes | undefined {
    const held = this.#held;
    this.#held = EMPTY_BODY;
    return held.length === 0 ? undefined : held;
  }
}

function join(first: Bytes, second: Bytes): Bytes {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
