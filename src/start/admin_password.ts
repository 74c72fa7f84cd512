import { AdminPassword, createPassword, hashPassword, verifyPassword } from "../access/admin_password.ts";
import { OWNER_ID } from "../core/principal.ts";
import { Secret } from "../core/secret.ts";
import type { Database } from "../store/database.ts";
import { OWNER_PASSWORD_SETTING } from "../store/owner_store.ts";
import { deleteSessionsOf } from "../store/session_store.ts";
import { createSetting, findSetting, replaceSetting, setSettings } from "../store/settings_store.ts";

export interface OpenedAdminPassword {
  readonly password: AdminPassword;
  /** The password itself when this start has made it: to be shown once. */
  readonly created: Secret | undefined;
}

/** Setting: the stored hash that was made of ADMIN_PASSWORD; while it is the stored one, that variable is the password. */
const FROM_ENVIRONMENT_SETTING = "admin_password_hash_of_environment";

/**
 * The configured password, else the stored one, else a new one. One that came from the environment is worth nothing
 * once it is not there any more, nor are the sessions that were begun with it.
 */
export async function openAdminPassword(
  configured: Secret | undefined,
  db: Database,
): Promise<OpenedAdminPassword> {
  const known = await findSetting(db, OWNER_PASSWORD_SETTING);
  if (configured !== undefined) return await takeConfigured(configured, known, db);
  const isStale = known !== undefined && known === await findSetting(db, FROM_ENVIRONMENT_SETTING);
  if (known !== undefined && !isStale) return { password: new AdminPassword(known), created: undefined };
  const candidate = new Secret(createPassword());
  const hash = await hashPassword(candidate);
  if (isStale) await deleteSessionsOf(db, OWNER_ID);
  // Of several instances that start together the first one's stands.
  if (isStale) await replaceSetting(db, OWNER_PASSWORD_SETTING, known, hash);
  const stored = await createSetting(db, OWNER_PASSWORD_SETTING, hash);
  return { password: new AdminPassword(stored), created: stored === hash ? candidate : undefined };
}

async function takeConfigured(
  configured: Secret,
  known: string | undefined,
  db: Database,
): Promise<OpenedAdminPassword> {
  const isSame = known !== undefined && await verifyPassword(known, configured.reveal());
  const hash = isSame ? known : await hashPassword(configured);
  await setSettings(db, { [OWNER_PASSWORD_SETTING]: hash, [FROM_ENVIRONMENT_SETTING]: hash });
  if (!isSame) await deleteSessionsOf(db, OWNER_ID);
  return { password: new AdminPassword(hash), created: undefined };
}
