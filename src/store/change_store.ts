import { z } from "zod";
import { chunksOf } from "./chunks.ts";
import { appendToJournal, readJournal } from "./journal.ts";

/** What operators change, in the order in which it must be loaded: keys need their provider, groups too. */
export const CHANGE_KINDS = [
  "provider",
  "provider_keys",
  "group",
  "alias",
  "client_key",
  "setting",
] as const;

export type ChangeKind = typeof CHANGE_KINDS[number];

/** What has been created, set or deleted in the database: of an alias and a setting the name is its id. */
export interface Change {
  readonly kind: ChangeKind;
  readonly ids: readonly string[];
}

/** What the other instances have changed; `everything` when that cannot be told any more. */
export interface ChangesSince {
  readonly epoch: number;
  readonly changes: readonly Change[] | "everything";
}

/**
 * Tells the other instances what this one has changed. To be called once the change is committed to the
 * database, and before it is acknowledged: from then on nobody misses it, whatever becomes of this process.
 *
 * @throws {Error} when Deno KV cannot be written; telling it again does no harm.
 */
export async function noteChange(kv: Deno.Kv, by: string, { kind, ids }: Change): Promise<void> {
  await appendToJournal(
    kv,
    "changes",
    by,
    [...chunksOf(ids, CHUNK_IDS)].map((chunk) => ({ kind, ids: chunk })),
  );
}

/** What instances other than `reader` have changed after this epoch: each id once, in the order of `CHANGE_KINDS`. */
export async function changesSince(kv: Deno.Kv, reader: string, afterEpoch: number): Promise<ChangesSince> {
  const pages = await readJournal(kv, "changes", afterEpoch);
  const { epoch } = pages;
  if (pages.isTorn) return { epoch, changes: "everything" };
  const idsByKind = new Map<ChangeKind, Set<string>>();
  for (const { by, body } of pages.entries) {
    if (by === reader) continue;
    const change = changeSchema.safeParse(body);
    // A newer version has changed what this one does not know: everything is the safe side.
    if (!change.success) return { epoch, changes: "everything" };
    const ids = idsByKind.get(change.data.kind) ?? new Set();
    for (const id of change.data.ids) ids.add(id);
    idsByKind.set(change.data.kind, ids);
  }
  const kinds = CHANGE_KINDS.filter((kind) => idsByKind.has(kind));
  return { epoch, changes: kinds.map((kind) => ({ kind, ids: [...idsByKind.get(kind) ?? []] })) };
}

const changeSchema = z.object({ kind: z.enum(CHANGE_KINDS), ids: z.array(z.string()) });

/** An id has 36 characters, and a value in Deno KV at most 64 KiB. */
const CHUNK_IDS = 1000;
