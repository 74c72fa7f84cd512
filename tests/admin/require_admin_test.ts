import assert from "node:assert/strict";
import { ADMIN_KEY, at, startAdmin } from "../support/admin_under_test.ts";

const PATHS = [
  ["GET", "/admin/status"],
  ["GET", "/admin/providers"],
  ["POST", "/admin/keys"],
  ["PUT", "/admin/keys/x"],
  ["DELETE", "/admin/keys/x"],
  ["POST", "/admin/reset"],
  ["GET", "/admin/client-keys"],
  ["GET", "/admin/presets"],
  ["GET", "/admin/nowhere"],
] as const;

Deno.test("requireAdmin() lets X-Admin-Key and Bearer through, and nobody else anywhere below /admin", async () => {
  await using admin = await startAdmin();

  for (const [method, path] of PATHS) {
    const none = await admin.send(method, path, undefined, {});
    assert.equal(none.status, 401, `${method} ${path}`);
    assert.equal(at(none.json, "error", "code"), "unauthorized");
  }
  const header = await admin.send("GET", "/admin/status", undefined, { "x-admin-key": ADMIN_KEY });
  const bearer = await admin.send("GET", "/admin/status", undefined, {
    authorization: `bearer ${ADMIN_KEY}`,
  });
  const wrong = await admin.send("GET", "/admin/status", undefined, { "x-admin-key": `${ADMIN_KEY}x` });
  const basic = await admin.send("GET", "/admin/status", undefined, { authorization: `Basic ${ADMIN_KEY}` });
  const query = await admin.send("GET", `/admin/status?key=${ADMIN_KEY}`, undefined, {});

  assert.deepEqual(
    [header.status, bearer.status, wrong.status, basic.status, query.status],
    [200, 200, 401, 401, 401],
  );
  assert.ok(!wrong.text.includes(ADMIN_KEY));
});

Deno.test("requireAdmin() refuses what a browser sends from another site, whatever it carries", async () => {
  await using admin = await startAdmin();
  const statuses: number[] = [];

  for (const site of ["cross-site", "same-site", "same-origin", "none"]) {
    const answer = await admin.call("GET", "/admin/status", undefined, { "sec-fetch-site": site });
    statuses.push(answer.status);
  }

  assert.deepEqual(statuses, [403, 403, 200, 200]);
});

Deno.test("requireAdmin() hears ten wrong keys, then answers 429 with Retry-After; the known owner goes on", async () => {
  await using admin = await startAdmin();
  await admin.done("GET", "/admin/status");
  const statuses: number[] = [];

  for (let number = 0; number < 12; number++) {
    const answer = await admin.send("GET", "/admin/status", undefined, { "x-admin-key": `guess-${number}` });
    statuses.push(answer.status);
    if (number < 11) continue;
    const seconds = Number(answer.headers.get("retry-after"));
    assert.ok(seconds >= 1 && seconds <= 60, `Retry-After is ${seconds}`);
  }

  assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
  assert.equal((await admin.call("GET", "/admin/status")).status, 200);
});

Deno.test("createApp() answers unknown paths with 404 as JSON, and every admin answer with safe headers", async () => {
  await using admin = await startAdmin();

  const unknown = await admin.call("GET", "/nowhere");
  const below = await admin.call("GET", "/admin/nowhere");
  const failed = await admin.call("POST", "/admin/keys", "{");

  assert.deepEqual([unknown.status, below.status, failed.status], [404, 404, 400]);
  for (const { headers, json } of [unknown, below, failed]) {
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.equal(typeof at(json, "error", "message"), "string");
  }
});
