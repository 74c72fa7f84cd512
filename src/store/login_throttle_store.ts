import { z } from "zod";
import { tryCommit } from "./kv_commit.ts";
import { kvKeys } from "./kv_keys.ts";

/** Wrong passwords of late. */
export interface StoredFailures {
  readonly count: number;
  readonly lastMs: number;
}

/** What an address or an account has failed at; `undefined` for nothing. */
export async function findLoginFailures(
  kv: Deno.Kv,
  kind: "address" | "account",
  name: string,
): Promise<StoredFailures | undefined> {
  const { value } = await kv.get<unknown>(kvKeys.loginFailures(kind, name));
  return failuresSchema.safeParse(value).data;
}

/** Changes them in one step, whoever else does at the same moment. They are dropped after `forgetMs`. */
export async function changeLoginFailures(
  kv: Deno.Kv,
  kind: "address" | "account",
  name: string,
  change: (known: StoredFailures | undefined) => StoredFailures,
  forgetMs: number,
): Promise<void> {
  const key = kvKeys.loginFailures(kind, name);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { value, versionstamp } = await kv.get<unknown>(key);
    const changed = change(failuresSchema.safeParse(value).data);
    const step = kv.atomic().check({ key, versionstamp }).set(key, changed, { expireIn: forgetMs });
    if (await tryCommit(step) !== undefined) return;
  }
}

export async function deleteLoginFailures(
  kv: Deno.Kv,
  kind: "address" | "account",
  name: string,
): Promise<void> {
  await kv.delete(kvKeys.loginFailures(kind, name));
}

const failuresSchema = z.object({ count: z.number(), lastMs: z.number() });
const MAX_ATTEMPTS = 20;
