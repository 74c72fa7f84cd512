/** One server-sent event, its `data:` lines joined. */
export interface SseEvent {
  /** Value of the `event:` line, or "" without one. */
  readonly name: string;
  readonly data: string;
}

/** An event that is larger than anything a provider sends: the stream is broken or hostile. */
export class SseEventTooLargeError extends Error {
  constructor(maxChars: number) {
    super(`Cannot read event stream: an event is larger than ${maxChars} characters`);
    this.name = "SseEventTooLargeError";
  }
}

/** Upper bound of one event, in UTF-16 code units (never more than its bytes). */
export const MAX_EVENT_CHARS = 1_048_576;

/**
 * Splits a stream of bytes into server-sent events (WHATWG HTML, 9.2.6): CRLF, LF and CR line ends, a byte
 * order mark, several data lines, UTF-8 split over reads. Comments and unknown fields are passed over.
 */
export class SseSplitter {
  readonly #decoder = new TextDecoder();
  /** What came after the last line end. */
  #partial = "";
  #isAfterCr = false;
  #name = "";
  #data: string[] = [];
  /** Lines since the last event, as they came, without comments. */
  #raw: string[] = [];
  #rawChars = 0;

  /**
   * The events that end in this chunk.
   * @throws SseEventTooLargeError when the event under way is larger than `MAX_EVENT_CHARS`
   */
  push(chunk: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    const text = this.#decoder.decode(chunk, { stream: true });
    if (text === "") return events;
    let start = this.#isAfterCr && text.startsWith("\n") ? 1 : 0;
    let lf = text.indexOf("\n", start);
    let cr = text.indexOf("\r", start);
    this.#isAfterCr = false;
    while (lf !== -1 || cr !== -1) {
      const end = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
      const event = this.#takeLine(this.#partial + text.slice(start, end));
      if (event !== undefined) events.push(event);
      this.#partial = "";
      start = end + 1;
      if (end === cr) {
        if (start === text.length) this.#isAfterCr = true;
        else if (text[start] === "\n") start++;
      }
      if (lf !== -1 && lf < start) lf = text.indexOf("\n", start);
      if (cr !== -1 && cr < start) cr = text.indexOf("\r", start);
    }
    this.#partial += text.slice(start);
    this.#refuseTooLarge(this.#rawChars + this.#partial.length);
    return events;
  }

  /**
   * What came after the last event, as text: an event without its blank line, or JSON without `data:`
   * (Gemini writes such errors). "" at a clean end. To be asked once, when the stream is over.
   */
  rest(): string {
    this.#partial += this.#decoder.decode();
    return [...this.#raw, this.#partial].join("\n").trim();
  }

  #takeLine(line: string): SseEvent | undefined {
    if (line === "") return this.#dispatch();
    if (line.startsWith(":")) return undefined;
    this.#refuseTooLarge(this.#rawChars += line.length + 1);
    this.#raw.push(line);
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#name = value;
    return undefined;
  }

  #dispatch(): SseEvent | undefined {
    const hasData = this.#data.length > 0;
    const event = hasData ? { name: this.#name, data: this.#data.join("\n") } : undefined;
    this.#name = "";
    this.#data = [];
    // Without data there is no event; lines that belong to no field may still be an error in plain JSON.
    this.#raw = hasData ? [] : this.#raw.filter((line) => !/^(?:event|id|retry)(?::|$)/.test(line));
    this.#rawChars = this.#raw.reduce((chars, line) => chars + line.length + 1, 0);
    return event;
  }

  #refuseTooLarge(chars: number): void {
    if (chars > MAX_EVENT_CHARS) throw new SseEventTooLargeError(MAX_EVENT_CHARS);
  }
}
