import { createPassword, hashPassword } from "../access/admin_password.ts";
import type { Config } from "../config.ts";
import { OWNER_ID } from "../core/principal.ts";
import { Secret } from "../core/secret.ts";
import { adminPassword } from "../environment_kinds.ts";
import { migrate } from "../store/migrations.ts";
import { OWNER_PASSWORD_SETTING, setOwnerPassword } from "../store/owner_store.ts";
import { AskError } from "./ask_secret.ts";
import { auditCommand, openDatabaseBeside, tellServers } from "./shared_stores.ts";

export interface ResetPasswordOptions {
  readonly config: Config;
  readonly say: (text: string) => void;
  /** What the owner wants it to be; empty for a new one that is shown. */
  readonly readPassword: () => Promise<Secret>;
}

/**
 * Sets the owner's password in the database and ends the owner's sessions, whether servers run or not.
 * @throws {AskError | StoreError} with one line for the operator.
 */
export async function resetPassword({ config, say, readPassword }: ResetPasswordOptions): Promise<void> {
  if (config.adminPassword !== undefined) {
    throw new AskError("Cannot reset the password: ADMIN_PASSWORD is set, and wins; change it there");
  }
  const db = await openDatabaseBeside(config);
  try {
    await migrate(db);
    const wanted = await readPassword();
    const password = wanted.reveal() === "" ? new Secret(createPassword()) : wanted;
    if (!adminPassword.safeParse(password.reveal()).success) {
      throw new AskError("Cannot use this password: it takes 8 to 256 characters and no well-known default");
    }
    await setOwnerPassword(db, OWNER_ID, await hashPassword(password), Date.now());
    await auditCommand(db, "owner.reset_password", OWNER_ID);
    if (wanted.reveal() === "") say(`New password of the owner, shown this once: ${password.reveal()}\n`);
  } finally {
    await db.close();
  }
  const isTold = await tellServers(config, { kind: "setting", ids: [OWNER_PASSWORD_SETTING] });
  say(
    isTold
      ? "The owner's password is set, and the owner's sessions have ended.\n"
      : "The owner's password is set. Servers that run could not be told: start them anew.\n",
  );
}
