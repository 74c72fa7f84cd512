import assert from "node:assert/strict";
import { type AdminUnderTest, at, textAt } from "../support/admin_under_test.ts";

/** Reads a text as an import; gives its preview. */
export function preview(
  admin: AdminUnderTest,
  text: string,
  fields: Record<string, unknown> = {},
): Promise<unknown> {
  return admin.done("POST", "/admin/imports", { text, ...fields });
}

/** Starts what was read and waits for its end; gives how it stands then. */
export async function run(
  admin: AdminUnderTest,
  read: unknown,
  options: Record<string, unknown> = {},
): Promise<unknown> {
  const id = textAt(read, "id");
  await admin.done("POST", `/admin/imports/${id}/start`, options);
  return await ended(admin, id);
}

/** Waits for the end of an import. */
export async function ended(admin: AdminUnderTest, id: string): Promise<unknown> {
  for (let looks = 0; looks < 10_000; looks++) {
    const answer = await admin.done("GET", `/admin/imports/${id}`);
    if (at(answer, "state") !== "running" && at(answer, "state") !== "checking") return answer;
    // Each look lets the import run on; nothing is waited for but the import itself.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.fail("the import ends");
}

/** How many keys a provider has in its pool, by the API. */
export async function keysOf(admin: AdminUnderTest, slug: string): Promise<unknown[]> {
  const keys = at(await admin.done("GET", `/admin/providers/${slug}/keys?limit=1000`), "keys");
  assert.ok(Array.isArray(keys));
  return keys;
}
