import { z } from "zod";
import { chunksOf } from "./chunks.ts";
import { appendToJournal, readJournal } from "./journal.ts";

/** Keys of one provider. */
export interface KeyIdsOf {
  readonly providerId: string;
  readonly keyIds: readonly string[];
}

/**
 * Tells the other instances that the stored health of these keys is worth reading: they have begun or ended a
 * rest. To be called once their records are saved.
 *
 * @throws {Error} when Deno KV cannot be written; telling it again does no harm.
 */
export async function noteHealth(kv: Deno.Kv, by: string, keys: readonly KeyIdsOf[]): Promise<void> {
  const notes = keys.flatMap(({ providerId, keyIds }) =>
    [...chunksOf(keyIds, CHUNK_IDS)].map((chunk) => ({ providerId, keyIds: chunk }))
  );
  await appendToJournal(kv, "health", by, notes);
}

/** The keys that instances other than `reader` told of after this epoch; `all` when that cannot be told any more. */
export async function healthNotedSince(
  kv: Deno.Kv,
  reader: string,
  afterEpoch: number,
): Promise<{ readonly epoch: number; readonly keys: readonly KeyIdsOf[] | "all" }> {
  const pages = await readJournal(kv, "health", afterEpoch);
  const { epoch } = pages;
  if (pages.isTorn) return { epoch, keys: "all" };
  const idsOf = new Map<string, Set<string>>();
  for (const { by, body } of pages.entries) {
    if (by === reader) continue;
    const note = noteSchema.safeParse(body);
    if (!note.success) return { epoch, keys: "all" };
    const ids = idsOf.get(note.data.providerId) ?? new Set();
    for (const keyId of note.data.keyIds) ids.add(keyId);
    idsOf.set(note.data.providerId, ids);
  }
  return { epoch, keys: [...idsOf].map(([providerId, ids]) => ({ providerId, keyIds: [...ids] })) };
}

const noteSchema = z.object({ providerId: z.string(), keyIds: z.array(z.string()) });

/** An id has 36 characters, and a value in Deno KV at most 64 KiB. */
const CHUNK_IDS = 1000;
