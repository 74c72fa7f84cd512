import { chunksOf } from "./chunks.ts";
import { tryCommit } from "./kv_commit.ts";
import { kvKeys } from "./kv_keys.ts";

/** What instances tell each other: what an operator has changed, and which keys have begun or ended a rest. */
export type JournalName = "changes" | "health";

export interface JournalEntry {
  /** The instance that wrote it. */
  readonly by: string;
  /** For its reader to check: a newer version of this program may have written it. */
  readonly body: unknown;
}

/** What was appended since an epoch; `isTorn` when not all of that is there any more, or it is too much. */
export type JournalPages =
  | { readonly isTorn: false; readonly epoch: number; readonly entries: readonly JournalEntry[] }
  | { readonly isTorn: true; readonly epoch: number };

/** How many entries were ever appended: who has read up to here has missed nothing. */
export async function journalEpoch(kv: Deno.Kv, journal: JournalName): Promise<number> {
  return (await readEpoch(kv, journal)).epoch;
}

/**
 * Appends entries, each of at most some 50 KB, for an hour: long enough for every instance that is alive.
 *
 * @throws {Error} when Deno KV cannot be written; those before may stand then.
 */
export async function appendToJournal(
  kv: Deno.Kv,
  journal: JournalName,
  by: string,
  bodies: readonly unknown[],
): Promise<void> {
  for (const chunk of chunksOf(bodies, CHUNK_ENTRIES)) await appendChunk(kv, journal, by, chunk);
}

/** What was appended after `afterEpoch`, oldest first, and up to which epoch that is. */
export async function readJournal(
  kv: Deno.Kv,
  journal: JournalName,
  afterEpoch: number,
): Promise<JournalPages> {
  const { epoch } = await readEpoch(kv, journal);
  if (epoch === afterEpoch) return { isTorn: false, epoch, entries: [] };
  // An epoch that went back is that of another, emptied database.
  if (epoch < afterEpoch || epoch - afterEpoch > MAX_READ_ENTRIES) return { isTorn: true, epoch };
  const entries: JournalEntry[] = [];
  const range = { start: kvKeys.journal(journal, afterEpoch + 1), end: kvKeys.journal(journal, epoch + 1) };
  for await (const { value } of kv.list<unknown>(range)) {
    if (!isEntry(value)) return { isTorn: true, epoch };
    entries.push(value);
  }
  return entries.length === epoch - afterEpoch ? { isTorn: false, epoch, entries } : { isTorn: true, epoch };
}

/** Gives something whenever an entry is appended to a journal, where Deno KV pushes (not between processes on a file). */
export function watchJournals(kv: Deno.Kv): ReadableStream<unknown> {
  return kv.watch([kvKeys.epoch("changes"), kvKeys.epoch("health")]);
}

/** Deno KV takes at most 800 KiB in one atomic operation. */
const CHUNK_ENTRIES = 10;
const KEPT_MS = 3_600_000;
/** Beyond that a reader is quicker with everything anew. */
const MAX_READ_ENTRIES = 200;
const MAX_ATTEMPTS = 100;

async function appendChunk(
  kv: Deno.Kv,
  journal: JournalName,
  by: string,
  bodies: readonly unknown[],
): Promise<void> {
  const key = kvKeys.epoch(journal);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { epoch, versionstamp } = await readEpoch(kv, journal);
    const atomic = kv.atomic().check({ key, versionstamp }).set(key, epoch + bodies.length);
    bodies.forEach((body, index) => {
      atomic.set(kvKeys.journal(journal, epoch + 1 + index), { by, body }, { expireIn: KEPT_MS });
    });
    if (await tryCommit(atomic) !== undefined) return;
  }
  throw new Error(`Cannot append to the journal of ${journal}: others keep writing it`);
}

async function readEpoch(kv: Deno.Kv, journal: JournalName) {
  const { value, versionstamp } = await kv.get<unknown>(kvKeys.epoch(journal));
  return { epoch: typeof value === "number" ? value : 0, versionstamp };
}

function isEntry(value: unknown): value is JournalEntry {
  return typeof value === "object" && value !== null && "by" in value && typeof value.by === "string" &&
    "body" in value;
}
