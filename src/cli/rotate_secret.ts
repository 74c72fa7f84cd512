import type { Config } from "../config.ts";
import { rotateMasterKey } from "../start/rotate_master_key.ts";
import { migrate } from "../store/migrations.ts";
import { auditCommand, openDatabaseBeside } from "./shared_stores.ts";

export interface RotateSecretOptions {
  readonly config: Config;
  readonly say: (text: string) => void;
}

/** What a server had sealed before it knew of the new master key is written by then. */
const SETTLE_MS = 2_000;

/**
 * Replaces the master key, whether servers run or not; gives the exit code.
 * @throws {MasterKeyError | StoreError} with one line for the operator.
 */
export async function rotateSecret({ config, say }: RotateSecretOptions): Promise<number> {
  const db = await openDatabaseBeside(config);
  try {
    await migrate(db);
    const rotation = await rotateMasterKey({
      db,
      config,
      settle: () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS)),
      onRound: (sealed) => sealed > 0 && say(`Sealed anew: ${sealed}\n`),
    });
    const { isDone, brokenIds, duplicateIds, keptIn } = rotation;
    if (brokenIds.length > 0) {
      say(`No master key opens these provider keys; enter them again: ${brokenIds.join(", ")}\n`);
    }
    if (!isDone) {
      say(
        `Not done: these provider keys stand there twice; delete them and run this again: ${
          duplicateIds.join(", ")
        }\n`,
      );
      return 1;
    }
    await auditCommand(db, "master_key.rotate", "");
    say(
      keptIn === undefined
        ? "The master key is rotated. Take MASTER_KEY_PREVIOUS away; backups from before need it.\n"
        : `The master key is rotated. The one before is in ${keptIn}: backups from before need it.\n`,
    );
    if (config.jwtSecret === undefined) say("Sessions end when servers are started anew.\n");
    return 0;
  } finally {
    await db.close();
  }
}
