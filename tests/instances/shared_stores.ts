import { findSqld, untilItAnswers, withSqld } from "../store/sqld.ts";
import { withFolder } from "../store/support.ts";
import { storeCheapPassword } from "../support/cheap_password.ts";
import { ADMIN_KEY, type Instance, startInstance } from "./instance.ts";

const sqld = await findSqld();

/** Why the tests of this folder cannot run here, or "". */
export const WITHOUT_SQLD = "reason" in sqld ? ` (skipped: no libSQL server, ${sqld.reason})` : "";

/** Where the instances of one test share their state. */
export interface SharedKv {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Three processes that start at the same moment, each with its own data folder, on one libSQL server and one Deno
 * KV, which is a file unless told. All have ended when it resolves.
 */
export async function withThreeInstances(
  test: (instances: readonly [Instance, Instance, Instance]) => Promise<void>,
  sharedKv?: SharedKv,
): Promise<void> {
  await withFolder((folder) =>
    withSqld("path" in sqld ? sqld.path : "", folder, async (databaseUrl) => {
      await untilItAnswers(databaseUrl);
      await storeCheapPassword(databaseUrl, ADMIN_KEY);
      const masterKey = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
      const env = {
        DATABASE_URL: databaseUrl,
        MASTER_KEY: masterKey,
        // Nobody asks the provider of the seeds: it is not there, and requests are counted.
        HEALTH_CHECK_INTERVAL_SECONDS: "0",
        MODEL_LIST_HOURS: "0",
        KV_URL: sharedKv?.url ?? `${folder}/shared.kv`,
        // Each of them wants to seed this provider.
        OPENAI_API_KEYS: "sk-seed-0000000001,sk-seed-0000000002",
        ...sharedKv?.env,
      };
      const starts = ["a", "b", "c"].map((name) => startInstance(`${folder}/${name}`, env));
      const started = await Promise.allSettled(starts);
      const running = started.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
      try {
        await Promise.all(starts);
        const [a, b, c] = running;
        if (a !== undefined && b !== undefined && c !== undefined) await test([a, b, c]);
      } finally {
        await Promise.all(running.map((instance) => instance.end("SIGTERM")));
      }
    })
  );
}
