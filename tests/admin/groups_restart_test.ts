import assert from "node:assert/strict";
import { type AdminUnderTest, startAdmin, textAt } from "../support/admin_under_test.ts";

/** 401 for a client key that is not let in; another status for one that is, since no provider serves the model. */
async function isLetIn(admin: AdminUnderTest, clientKey: string): Promise<boolean> {
  const answer = await admin.send("POST", "/v1/chat/completions", { model: "none", messages: [] }, {
    authorization: `Bearer ${clientKey}`,
  });
  return answer.status !== 401;
}

Deno.test("groups, aliases and what client keys are bound to are the same after a restart", async () => {
  await using admin = await startAdmin();
  const paths = ["/admin/groups", "/admin/aliases", "/admin/client-keys", "/admin/providers"];
  const snapshot = () => Promise.all(paths.map((path) => admin.done("GET", path)));
  await admin.done("POST", "/admin/providers", { preset: "openai", modelMap: { fast: "gpt-5-mini" } });
  await admin.done("POST", "/admin/groups", { slug: "team", members: [{ provider: "openai", weight: 7 }] });
  await admin.done("POST", "/admin/aliases", { name: "fast", target: "team/gpt-5", contextFallback: "long" });
  await admin.done("POST", "/admin/client-keys", {
    name: "CI",
    targets: ["team"],
    networks: ["::1"],
    limits: { concurrency: 2 },
  });
  const before = await snapshot();

  await admin.reopen();

  assert.deepEqual(await snapshot(), before);
});

Deno.test("a client key that was rotated is let in with both secrets during its grace, also after a restart", async () => {
  await using admin = await startAdmin();
  const added = await admin.done("POST", "/admin/client-keys", { name: "CI" });
  const path = `/admin/client-keys/${textAt(added, "id")}/rotate`;

  const rotated = await admin.done("POST", path, { graceSeconds: 3600 });
  const secrets = [textAt(added, "key"), textAt(rotated, "key")];
  const atOnce = await Promise.all(secrets.map((secret) => isLetIn(admin, secret)));
  await admin.reopen();
  const restarted = await Promise.all(secrets.map((secret) => isLetIn(admin, secret)));
  const last = await admin.done("POST", path);

  assert.deepEqual([atOnce, restarted], [[true, true], [true, true]]);
  const ended = await Promise.all([...secrets, textAt(last, "key")].map((secret) => isLetIn(admin, secret)));
  assert.deepEqual(ended, [false, false, true]);
});
