import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { CLIENT_KEY, startKeyturn } from "../support/keyturn_under_test.ts";
import { sdkSuite } from "../support/sdk_suite.ts";

/** Each provider has a revoked key first, so that every call also changes keys once. */
const keys = [
  { secret: "revoked-key-0001", behaviour: "revoked" },
  { secret: "good-key-0001", behaviour: "ok" },
] as const;

sdkSuite("SDKs through Keyturn", async () => {
  const openai = startSimulatedProvider({ dialect: "openai", keys });
  const anthropic = startSimulatedProvider({ dialect: "anthropic", keys });
  const gemini = startSimulatedProvider({ dialect: "gemini", keys });
  const keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", openai);
  await keyturn.enterSimulated("anthropic", anthropic);
  await keyturn.enterSimulated("gemini", gemini);
  return {
    openai: { baseURL: `${keyturn.url}/v1`, apiKey: CLIENT_KEY },
    anthropic: { baseURL: keyturn.url, apiKey: CLIENT_KEY },
    gemini: { baseURL: keyturn.url, apiKey: CLIENT_KEY },
    wrongKey: "wrong-key-0001",
    geminiWrongKeyStatus: 401,
    async close() {
      await keyturn[Symbol.asyncDispose]();
      await Promise.all([openai, anthropic, gemini].map((provider) => provider.close()));
    },
  };
});
