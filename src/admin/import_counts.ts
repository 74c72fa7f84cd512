import type { Secret } from "../core/secret.ts";
import { chunksOf, letOthersRun } from "../store/chunks.ts";
import type { Database } from "../store/database.ts";
import type { Keyring } from "../store/keyring.ts";
import { findKeyOwners } from "../store/provider_key_owners.ts";
import type { ImportPlan } from "./import_plan.ts";

/** How many keys of one provider of the file are what. The three add up to all of them. */
export interface KeyCounts {
  /** Nobody has them. */
  readonly fresh: number;
  /** Another provider has them; they are added all the same. */
  readonly elsewhere: number;
  /** Their provider has them, or an entry before in the file: they are passed over. */
  readonly duplicate: number;
}

/** Fingerprints by provider of the file: made once, because each costs some microseconds. */
export type Fingerprints = readonly (readonly string[])[];

const CHUNK_KEYS = 2000;

export async function fingerprintsOf(
  keyring: Pick<Keyring, "fingerprint">,
  providers: readonly { readonly keys: readonly { readonly secret: Secret }[] }[],
): Promise<Fingerprints> {
  const all: string[][] = [];
  for (const { keys } of providers) {
    const prints: string[] = [];
    for (const chunk of chunksOf(keys, CHUNK_KEYS)) {
      for (const { secret } of chunk) prints.push(keyring.fingerprint(secret));
      if (chunk.length === CHUNK_KEYS) await letOthersRun();
    }
    all.push(prints);
  }
  return all;
}

/** What becomes of the keys of each provider of the file, by index; `undefined` where they are not taken over. */
export async function countKeys(
  db: Database,
  plan: ImportPlan,
  fingerprints: Fingerprints,
): Promise<(KeyCounts | undefined)[]> {
  const owners = await findKeyOwners(db, [...new Set(fingerprints.flat())]);
  const planned = new Map<string, Set<string>>();
  return plan.providers.map(({ destination }, index) => {
    if (destination.kind === "skip" || destination.kind === "ask") return undefined;
    const ownId = destination.kind === "existing" ? destination.provider.id : undefined;
    const slug = destination.kind === "existing" ? destination.provider.slug : destination.draft.slug;
    const before = planned.get(slug) ?? new Set();
    planned.set(slug, before);
    const counts = { fresh: 0, elsewhere: 0, duplicate: 0 };
    for (const print of fingerprints[index] ?? []) {
      const ids = owners.get(print) ?? [];
      if (before.has(print) || (ownId !== undefined && ids.includes(ownId))) counts.duplicate++;
      else if (ids.length > 0) counts.elsewhere++;
      else counts.fresh++;
      before.add(print);
    }
    return counts;
  });
}
