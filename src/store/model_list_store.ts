import { z } from "zod";
import { commitUnchecked } from "./kv_commit.ts";
import { kvKeys } from "./kv_keys.ts";

/** The models that a provider was found to have, and where they were asked for. */
export interface ModelList {
  readonly baseUrl: string;
  readonly models: readonly string[];
  readonly learnedAtMs: number;
}

/** The list of a provider, or `undefined` when none is stored that reads. */
export async function findModelList(kv: Deno.Kv, providerId: string): Promise<ModelList | undefined> {
  const { value } = await kv.get<unknown>(kvKeys.modelList(providerId));
  return listSchema.safeParse(value).data;
}

/** Stores the list for the other instances and the next start; a list too large for Deno KV is not stored. */
export async function saveModelList(kv: Deno.Kv, providerId: string, list: ModelList): Promise<void> {
  if (JSON.stringify(list).length > MAX_CHARACTERS) return;
  await commitUnchecked(() => kv.atomic().set(kvKeys.modelList(providerId), list));
}

const listSchema: z.ZodType<ModelList> = z.object({
  baseUrl: z.string(),
  models: z.array(z.string()),
  learnedAtMs: z.number(),
});

/** Deno KV takes 64 KiB a value, and a character outside of ASCII takes up to three of them. */
const MAX_CHARACTERS = 20_000;
