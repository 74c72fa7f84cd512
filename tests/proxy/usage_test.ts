import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { startKeyturn } from "../support/keyturn_under_test.ts";
import { chat, CHAT_PATH, contents, GENERATE_PATH, message, MESSAGES_PATH } from "./asks.ts";

const ASKS = {
  openai: [
    [CHAT_PATH, chat("one two three")],
    [CHAT_PATH, chat("say 40 words", { stream: true, stream_options: { include_usage: true } })],
    ["/v1/responses", { model: "gpt-4o", input: "four words are here" }],
    ["/v1/responses", { model: "gpt-4o", input: "say 30 words", stream: true }],
    ["/v1/embeddings", { model: "text-embedding-3-small", input: "two words" }],
  ],
  anthropic: [
    [MESSAGES_PATH, message("one two three 7 cached tokens")],
    [MESSAGES_PATH, message("say 40 words", { stream: true })],
  ],
  gemini: [
    [GENERATE_PATH, contents("one two three")],
    ["/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", contents("say 40 words")],
    ["/v1beta/models/gemini-2.5-flash:streamGenerateContent", contents("say 20 words")],
  ],
} as const;

for (const dialect of ["openai", "anthropic", "gemini"] as const) {
  for (const chunkDelayMs of [0, 1]) {
    const how = chunkDelayMs === 0 ? "at once" : "in pieces";

    Deno.test(`readUsage() finds in answers of ${dialect} that come ${how} what the provider has counted`, async () => {
      const keys = [{ secret: "key-0001", behaviour: "ok" }, {
        secret: "key-0002",
        behaviour: "ok",
      }] as const;
      const provider = startSimulatedProvider({ dialect, keys, chunkDelayMs });
      await using keyturn = await startKeyturn();
      const ids = await keyturn.enterSimulated(dialect, provider);

      for (const [path, body] of ASKS[dialect]) {
        const got = await keyturn.ask(path, body);
        assert.equal(got.status, 200, got.text);
      }
      await keyturn.stop();
      const [sum] = await keyturn.usage();
      const byKey = await keyturn.usage(["providerKeyId"]);
      await provider.close();

      assert.equal(sum?.requests, ASKS[dialect].length);
      assert.equal(sum?.failures, 0);
      assert.equal(sum?.outputTokens, provider.totals.outputTokens);
      assert.equal(sum?.inputTokens, provider.totals.inputTokens);
      for (const [index, secret] of ["key-0001", "key-0002"].entries()) {
        const row = byKey.find(({ providerKeyId }) => providerKeyId === ids[index]);
        assert.equal(row?.outputTokens, provider.served.get(secret)?.outputTokens);
      }
    });
  }
}

Deno.test("record() tells attempts from requests, and counts who asked for which model", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "key-0001", behaviour: "revoked" }, { secret: "key-0002", behaviour: "ok" }],
  });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);

  await keyturn.ask(CHAT_PATH, chat());
  await keyturn.stop();
  const [sum] = await keyturn.usage(["model", "clientKeyId"]);
  await provider.close();

  assert.equal(sum?.attempts, 2);
  assert.equal(sum?.failures, 1);
  assert.equal(sum?.requests, 1);
  assert.equal(sum?.model, "gpt-4o");
  assert.equal(sum?.clientKeyId, "env-1");
});
