import { AdminPassword, createPassword, hashPassword } from "../access/admin_password.ts";
import { Secret } from "../core/secret.ts";
import type { Database } from "../store/database.ts";
import { createSetting, findSetting, setSettings } from "../store/settings_store.ts";

export interface OpenedAdminPassword {
  readonly password: AdminPassword;
  /** The password itself when this start has made it: to be shown once. */
  readonly created: Secret | undefined;
}

const SETTING = "admin_password_hash";

/** The configured password, else the stored one, else a new one. */
export async function openAdminPassword(
  configured: Secret | undefined,
  db: Database,
): Promise<OpenedAdminPassword> {
  if (configured !== undefined) {
    const hash = await hashPassword(configured);
    await setSettings(db, { [SETTING]: hash });
    return { password: new AdminPassword(hash), created: undefined };
  }
  const known = await findSetting(db, SETTING);
  if (known !== undefined) return { password: new AdminPassword(known), created: undefined };
  const candidate = new Secret(createPassword());
  const hash = await hashPassword(candidate);
  // Of several instances that start together the first one's stands.
  const stored = await createSetting(db, SETTING, hash);
  return { password: new AdminPassword(stored), created: stored === hash ? candidate : undefined };
}
