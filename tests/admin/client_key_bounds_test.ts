import assert from "node:assert/strict";
import { environmentClientKeyId, UNBOUND } from "../../src/core/client_key.ts";
import { EMPTY_RECORD, type WindowRecord } from "../../src/core/window_slices.ts";
import { findClientKey, listClientKeys, setLastUsed } from "../../src/store/client_key_store.ts";
import { exchangeWindows, listWindows } from "../../src/store/window_store.ts";
import { NOW_MS } from "../store/support.ts";
import { at, listAt, textAt } from "../support/admin_under_test.ts";
import { type GroupsUnderTest, withGroups } from "./groups_under_test.ts";

const BOUNDS = {
  targets: ["a", "team"],
  models: ["gpt-*"],
  networks: ["10.0.0.0/8", "2001:db8::/32"],
  limits: { requestsPerMinute: 60, nanoDollarsPerMonth: 5_000_000_000 },
};
const OWN_KEY = "my-own-long-client-key";

async function addKey(admin: GroupsUnderTest, fields: object = {}): Promise<{ id: string; key: string }> {
  const added = await admin.done("POST", "/admin/client-keys", { name: "CI", ...fields });
  return { id: textAt(added, "id"), key: textAt(added, "key") };
}

/** Who is let in with it. */
function holder(admin: GroupsUnderTest, key: string): string | undefined {
  const caller = admin.deps.clientKeys.authenticate(key, admin.ticker.now());
  return typeof caller === "object" ? caller.id : caller;
}

Deno.test("POST /admin/client-keys takes a key of the owner's own, bounds and limits", () =>
  withGroups(async (admin) => {
    await admin.done("POST", "/admin/groups", { slug: "team" });
    const body = { name: "CI", key: OWN_KEY, ...BOUNDS, isEnabled: true, expiresAtMs: NOW_MS + 1000 };

    const added = await admin.call("POST", "/admin/client-keys", body);
    const again = await admin.call("POST", "/admin/client-keys", body);

    const id = textAt(added.json, "id");
    const shown = {
      id,
      name: "CI",
      lastFour: "-key",
      isEnabled: true,
      expiresAtMs: NOW_MS + 1000,
      createdAtMs: NOW_MS,
      ...BOUNDS,
      isReadOnly: false,
      lastUsedMs: null,
      previousUntilMs: null,
      windows: [],
    };
    assert.deepEqual([added.status, added.json], [201, { ...shown, key: OWN_KEY }]);
    assert.equal(again.status, 409);
    assert.deepEqual(await admin.done("GET", `/admin/client-keys/${id}`), shown);
    assert.equal(holder(admin, OWN_KEY), id);
    assert.deepEqual((await findClientKey(admin.deps.db, id))?.clientKey.limits, BOUNDS.limits);
    assert.deepEqual(admin.changes.at(-1), { kind: "client_key", ids: [id] });
  }));

Deno.test("PUT /admin/client-keys/:id keeps what is left out, and null takes expiry or one limit away", () =>
  withGroups(async (admin) => {
    const { id, key } = await addKey(admin, { ...BOUNDS, targets: ["a"], expiresAtMs: NOW_MS + 1000 });
    const path = `/admin/client-keys/${id}`;
    const before = Object(await admin.done("GET", path));

    const limited = await admin.done("PATCH", path, { limits: { concurrency: 2, requestsPerMinute: null } });
    const freed = await admin.done("PUT", path, { expiresAtMs: null, targets: [], name: "other" });
    await admin.done("PUT", path, { isEnabled: false });

    const limits = { nanoDollarsPerMonth: 5_000_000_000, concurrency: 2 };
    assert.deepEqual(limited, { ...before, limits });
    assert.equal(at(freed, "expiresAtMs"), undefined);
    assert.deepEqual([at(freed, "targets"), at(freed, "limits"), at(freed, "name")], [[], limits, "other"]);
    assert.equal(holder(admin, key), undefined, "switched off at once");
    assert.equal((await findClientKey(admin.deps.db, id))?.clientKey.isEnabled, false);
  }));

Deno.test("POST and PUT /admin/client-keys answer 422 with the wrong field, and change nothing", () =>
  withGroups(async (admin) => {
    const { id } = await addKey(admin);
    const wrong = [
      ["name", { name: "" }],
      ["isEnabled", { name: "x", isEnabled: "yes" }],
      ["expiresAtMs", { name: "x", expiresAtMs: 1.5 }],
      ["targets.1", { name: "x", targets: ["a", "nobody"] }],
      ["models.0", { name: "x", models: [""] }],
      ["networks.1", { name: "x", networks: ["10.0.0.1", "10.0.0.0/33"] }],
      ["limits.requestsPerMinute", { name: "x", limits: { requestsPerMinute: 0 } }],
      ["limits.haikusPerDay", { name: "x", limits: { haikusPerDay: 1 } }],
      ["hash", { name: "x", hash: "y" }],
    ] as const;

    await admin.refuses("POST", "/admin/client-keys", [
      ["name", {}],
      ["key", { name: "x", key: "too-short" }],
      ["key", { name: "x", key: "a key that has spaces in it" }],
      ...wrong,
    ]);
    await admin.refuses("PUT", `/admin/client-keys/${id}`, [["key", { key: OWN_KEY }], ...wrong]);
    await admin.refuses("POST", `/admin/client-keys/${id}/rotate`, [
      ["graceSeconds", { graceSeconds: -1 }],
      ["graceSeconds", { graceSeconds: 31 * 86_400 }],
      ["key", { key: "short" }],
    ], `/admin/client-keys/${id}`);
  }));

Deno.test("POST /admin/client-keys/:id/rotate gives a new key, shown once, and keeps the old one for its grace", () =>
  withGroups(async (admin) => {
    const { id, key } = await addKey(admin, { limits: BOUNDS.limits });
    const path = `/admin/client-keys/${id}`;

    const rotated = await admin.done("POST", `${path}/rotate`, { graceSeconds: 60 });
    const stored = await findClientKey(admin.deps.db, id);
    const inGrace = await admin.done("GET", path);
    admin.ticker.advance(60_000);
    const after = await admin.done("GET", path);

    const next = textAt(rotated, "key");
    assert.match(next, /^kt_[\w-]{32}$/);
    assert.equal(at(rotated, "lastFour"), next.slice(-4));
    assert.equal(holder(admin, next), id);
    assert.deepEqual(stored?.previous, {
      hash: admin.deps.hashClientKey(key),
      graceUntilMs: NOW_MS + 60_000,
    });
    assert.deepEqual(stored?.clientKey.limits, BOUNDS.limits);
    assert.equal(at(inGrace, "previousUntilMs"), NOW_MS + 60_000);
    assert.equal(at(inGrace, "key"), undefined);
    assert.equal(at(after, "previousUntilMs"), null);
    assert.equal(holder(admin, key), undefined);
  }));

Deno.test("DELETE /admin/client-keys/:id forgets what the client key has used of its limits", () =>
  withGroups(async (admin) => {
    const { kv } = admin.deps;
    const { id } = await addKey(admin, { limits: BOUNDS.limits });
    const used: WindowRecord = { uses: { requestsPerMinute: [[1, 40]] }, holders: {} };
    await exchangeWindows(kv, id, () => ({ record: used }));

    const before = await listWindows(kv, [id]);
    await admin.done("DELETE", `/admin/client-keys/${id}`);

    assert.deepEqual(before, [used]);
    assert.deepEqual(await listWindows(kv, [id]), [EMPTY_RECORD]);
  }));

Deno.test("POST /admin/client-keys/:id/rotate without a body ends the old key at once", () =>
  withGroups(async (admin) => {
    const { id, key } = await addKey(admin);

    const rotated = await admin.done("POST", `/admin/client-keys/${id}/rotate`);
    const own = await admin.done("POST", `/admin/client-keys/${id}/rotate`, { key: OWN_KEY });

    assert.equal(holder(admin, key), undefined);
    assert.equal(holder(admin, textAt(rotated, "key")), undefined);
    assert.equal(holder(admin, textAt(own, "key")), id);
    assert.equal((await findClientKey(admin.deps.db, id))?.previous, undefined);
  }));

Deno.test("GET /admin/client-keys pages through the stored keys, with their last use, and never shows a hash", () =>
  withGroups(async (admin) => {
    const ids: string[] = [];
    for (const name of ["one", "two", "three"]) ids.push((await addKey(admin, { name })).id);
    await setLastUsed(admin.deps.db, [{ id: ids[1] ?? "", lastUsedMs: NOW_MS - 5 }]);

    const first = await admin.done("GET", "/admin/client-keys?limit=2");
    const second = await admin.done("GET", `/admin/client-keys?limit=2&after=${at(first, "next")}`);

    assert.deepEqual(listAt(first, "clientKeys").map((each) => at(each, "lastUsedMs")), [null, NOW_MS - 5]);
    assert.equal(at(first, "next"), ids[1]);
    assert.deepEqual([at(second, "clientKeys", 0, "id"), at(second, "next")], [ids[2], null]);
    for (const { hash } of await listClientKeys(admin.deps.db)) {
      assert.ok(!JSON.stringify([first, second]).includes(hash));
    }
    assert.equal((await admin.call("GET", "/admin/client-keys?limit=0")).status, 422);
  }));

Deno.test("client keys of the environment are shown and cannot be changed, and unknown ones answer 404", () =>
  withGroups(async (admin) => {
    const id = environmentClientKeyId(1);
    const clientKey = {
      ...UNBOUND,
      id,
      name: "environment 1",
      lastFour: "",
      isEnabled: true,
      createdAtMs: 0,
    };
    admin.deps.clientKeys.set({ hash: "of the environment", clientKey });
    const attempts = (path: string) =>
      Promise.all([
        admin.call("PUT", path, { name: "x" }),
        admin.call("POST", `${path}/rotate`),
        admin.call("DELETE", path),
      ]);

    const listed = await admin.done("GET", "/admin/client-keys");
    const shown = await admin.done("GET", `/admin/client-keys/${id}`);
    const configured = await attempts(`/admin/client-keys/${id}`);
    const unknown = await attempts("/admin/client-keys/nowhere");

    assert.equal(at(shown, "isReadOnly"), true);
    assert.deepEqual(at(listed, "clientKeys"), [shown]);
    assert.deepEqual(configured.map(({ status }) => status), [409, 409, 409]);
    assert.deepEqual(unknown.map(({ status }) => status), [404, 404, 404]);
    assert.equal((await admin.call("GET", "/admin/client-keys/nowhere")).status, 404);
    assert.equal((await admin.call("GET", "/admin/client-keys/env-99")).status, 404);
  }));
