import { z } from "zod";
import { Secret } from "../core/secret.ts";
import { action } from "./action.ts";
import type { KeyDeps } from "./key_deps.ts";
import { matcherOf } from "./key_filter.ts";
import { eachMatch } from "./key_search.ts";
import { keysPath } from "./keys.ts";

/**
 * `POST /admin/keys/find`: `{key}` -> who has this whole provider key. Posted, because a key must not stand in an
 * address; found by its HMAC, and kept nowhere.
 */
export function findWholeKey(deps: KeyDeps) {
  return action({
    body: z.strictObject({ key: z.string().min(1).max(10_000) }),
    answer: z.object({
      fingerprint: z.string(),
      found: z.array(z.object({ id: z.string(), provider: z.string() })),
    }),
    run: async ({ body, note }) => {
      const fingerprint = deps.keyring.fingerprint(new Secret(body.key.trim()));
      const matcher = await matcherOf(deps, { fingerprint }, deps.ticker.now());
      const found: { id: string; provider: string }[] = [];
      eachMatch(matcher, ({ key }, { provider }) => found.push({ id: key.id, provider: provider.slug }));
      note({ detail: { found: found.length } });
      return { fingerprint, found };
    },
    done: ({ fingerprint }) => ({ to: keysPath({ fingerprint }) }),
  });
}
