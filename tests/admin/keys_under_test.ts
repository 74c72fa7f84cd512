import assert from "node:assert/strict";
import type { KeyPool } from "../../src/pool/key_pool.ts";
import { ADMIN_KEY, type AdminUnderTest, at, listAt, textAt } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

/** Enters a provider with these keys; gives their ids. */
export async function enterKeys(
  admin: AdminUnderTest,
  slug: string,
  keys: readonly string[],
  fields: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  await admin.done("POST", "/admin/providers", { slug, baseUrl: "http://127.0.0.1:9/v1" });
  return await addMore(admin, slug, keys, fields);
}

export async function addMore(
  admin: AdminUnderTest,
  slug: string,
  keys: readonly string[],
  fields: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  const added = await admin.done("POST", `/admin/providers/${slug}/keys`, { keys, ...fields });
  return listAt(added, "keyIds").map(String);
}

export function poolOf(admin: AdminUnderTest, slug: string): KeyPool {
  const live = admin.keyturn.live.find(slug);
  assert.ok(live !== undefined);
  return live.pool;
}

/** The ids that a filter finds, in the order of the list. */
export async function idsOf(admin: AdminUnderTest, query: string): Promise<string[]> {
  return listAt(await admin.done("GET", `/admin/keys?${query}`), "keys").map((key) => textAt(key, "id"));
}

/** A browser of the owner's. */
export async function ownersBrowser(admin: AdminUnderTest): Promise<BrowserSession> {
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);
  return browser;
}

/** Waits for the end of a change of many keys; gives how it ended. */
export async function endOf(admin: AdminUnderTest, id: string): Promise<unknown> {
  for (let tries = 0;; tries++) {
    const change = await admin.done("GET", `/admin/keys/changes/${id}`);
    const state = textAt(change, "state");
    if (state !== "running" && state !== "undoing") return change;
    assert.ok(tries < 500, "it ends within five seconds");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Which keys of a provider are enabled. */
export async function enabledOf(admin: AdminUnderTest, slug: string): Promise<boolean[]> {
  const { json } = await admin.call("GET", `/admin/providers/${slug}/keys?limit=1000`);
  return listAt(json, "keys").map((key) => at(key, "isActive") === true);
}
