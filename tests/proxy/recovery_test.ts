import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH } from "./asks.ts";

Deno.test("POST /admin/keys/:id/check brings a revoked key back once its provider takes it again, not before", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "good-key-0001", behaviour: "ok" }, { secret: "dead-key-0002", behaviour: "revoked" }],
  });
  await using keyturn = await startKeyturn();
  const [, dead = ""] = await keyturn.enterSimulated("openai", provider);
  const check = () => keyturn.admin("POST", `/admin/keys/${dead}/check`);
  const stateOf = async () => at(await keyturn.healthOf("openai", dead), "state");

  const statuses: number[] = [];
  for (let count = 0; count < 4; count++) statuses.push((await keyturn.ask(CHAT_PATH, chat())).status);
  const revoked = await stateOf();
  const refused = await check();
  const stillOut = await stateOf();
  provider.setKey("dead-key-0002", "ok");
  const before = provider.served.get("dead-key-0002")?.requests ?? 0;
  for (let count = 0; count < 4; count++) statuses.push((await keyturn.ask(CHAT_PATH, chat())).status);
  const usedWhileOut = (provider.served.get("dead-key-0002")?.requests ?? 0) - before;
  const accepted = await check();
  const back = await stateOf();
  for (let count = 0; count < 4; count++) statuses.push((await keyturn.ask(CHAT_PATH, chat())).status);
  const all = await keyturn.call("POST", "/admin/providers/openai/check", undefined, {
    "x-admin-key": "test-admin-password",
  });
  await keyturn.stop();
  const served = provider.served.get("dead-key-0002")?.requests ?? 0;
  await provider.close();

  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.deepEqual([revoked, stillOut, back], ["rejected", "rejected", "ready"]);
  assert.deepEqual([at(refused, "result"), at(accepted, "result")], ["rejected", "accepted"]);
  assert.equal(usedWhileOut, 0);
  assert.ok(served > before + 1, "it serves callers again");
  const report: unknown = JSON.parse(all.text.trim().split("\n").at(-1) ?? "");
  assert.deepEqual([at(report, "isComplete"), at(report, "accepted")], [true, 2]);
});
