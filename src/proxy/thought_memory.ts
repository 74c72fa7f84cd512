import type { Ticker } from "../core/watch.ts";
import type { AssistantPart } from "../translate/chat_request.ts";

/** How long a conversation may pause between a tool call and its result. */
const KEPT_MS = 3_600_000;
const MAX_ENTRIES = 20_000;
const MAX_CHARS = 16 * 1024 * 1024;
/** Thoughts longer than this are not kept: a part of them would be refused. */
export const MAX_THOUGHT_CHARS = 512 * 1024;

interface Entry {
  readonly parts: readonly AssistantPart[];
  readonly keys: readonly string[];
  readonly chars: number;
  readonly untilMs: number;
}

/**
 * Thoughts and signatures that providers want back with the results of tool calls, for callers whose dialect has no
 * place for them. By client key and id of the tool call, so that no client key gets another's. It is lost at a
 * restart, and not shared between instances: writers know what to do without it.
 */
export class ThoughtMemory {
  readonly #ticker: Ticker;
  /** The oldest first. */
  readonly #entries = new Set<Entry>();
  readonly #byKey = new Map<string, Entry>();
  #chars = 0;

  constructor(ticker: Ticker) {
    this.#ticker = ticker;
  }

  /**
   * Keeps what one answer's turn was thought with, by each of its tool calls. Without a signature, or without a call,
   * there is nothing that would be asked for.
   * @param owner id of the client key, `undefined` for anonymous callers
   */
  remember(owner: string | undefined, parts: readonly AssistantPart[]): void {
    const keys = parts.flatMap((part) => part.kind === "tool_call" ? [keyOf(owner, part.id)] : []);
    const kept = parts.flatMap(keptOf);
    if (keys.length === 0 || !kept.some(isSigned)) return;
    const chars = kept.reduce((sum, part) => sum + sizeOf(part), keys.length * 64);
    if (chars > MAX_THOUGHT_CHARS) return;
    const entry = { parts: kept, keys, chars, untilMs: this.#ticker.now() + KEPT_MS };
    this.#entries.add(entry);
    this.#chars += chars;
    for (const key of keys) {
      const before = this.#byKey.get(key);
      if (before !== entry) this.#forget(before);
      this.#byKey.set(key, entry);
    }
    this.#tidy();
  }

  /** The parts that came with a tool call, in their order; `undefined` when they are not known (any more). */
  recall(owner: string | undefined, callId: string): readonly AssistantPart[] | undefined {
    const entry = this.#byKey.get(keyOf(owner, callId));
    return entry === undefined || entry.untilMs <= this.#ticker.now() ? undefined : entry.parts;
  }

  #tidy(): void {
    const nowMs = this.#ticker.now();
    for (const entry of this.#entries) {
      const isFull = this.#entries.size > MAX_ENTRIES || this.#chars > MAX_CHARS;
      if (!isFull && entry.untilMs > nowMs) return;
      this.#forget(entry);
    }
  }

  #forget(entry: Entry | undefined): void {
    if (entry === undefined || !this.#entries.delete(entry)) return;
    this.#chars -= entry.chars;
    for (const key of entry.keys) if (this.#byKey.get(key) === entry) this.#byKey.delete(key);
  }
}

/** No id of a client key has a line end in it; anonymous callers share one place. */
function keyOf(owner: string | undefined, callId: string): string {
  return `${owner ?? ""}\n${callId}`;
}

function keptOf(part: AssistantPart): AssistantPart[] {
  switch (part.kind) {
    case "thinking":
    case "redacted_thinking":
      return [part];
    case "tool_call":
      // Its arguments come back with the history.
      return [{ ...part, arguments: "{}" }];
    case "text":
    case "refusal":
    case "image":
      return [];
  }
}

function isSigned(part: AssistantPart): boolean {
  return part.kind === "redacted_thinking" ||
    ((part.kind === "thinking" || part.kind === "tool_call") && part.signature !== undefined);
}

function sizeOf(part: AssistantPart): number {
  switch (part.kind) {
    case "thinking":
      return part.text.length + (part.signature?.value.length ?? 0);
    case "redacted_thinking":
      return part.data.length;
    case "tool_call":
      return part.id.length + part.name.length + (part.signature?.value.length ?? 0);
    default:
      return 0;
  }
}
