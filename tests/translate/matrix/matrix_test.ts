import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../../src/demo/simulated_provider.ts";
import { startKeyturn } from "../../support/keyturn_under_test.ts";
import { anthropicMessages } from "./anthropic.ts";
import type { MatrixClient } from "./client.ts";
import { FEATURES } from "./features.ts";
import { geminiGenerate } from "./gemini.ts";
import { openaiChat } from "./openai_chat.ts";
import { openaiResponses } from "./openai_responses.ts";
import { renderTable } from "./table.ts";
import { vercelAnthropic, vercelGoogle, vercelOpenaiChat, vercelOpenaiResponses } from "./vercel.ts";

const CLIENTS = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  geminiGenerate,
  vercelOpenaiChat,
  vercelOpenaiResponses,
  vercelAnthropic,
  vercelGoogle,
];
const PROVIDERS = ["openai", "anthropic", "gemini"] as const;
type ProviderName = typeof PROVIDERS[number];

const PLAIN_MODELS: Record<ProviderName, string> = {
  openai: "gpt-4o",
  anthropic: "claude-haiku-4-5",
  gemini: "gemini-2.5-flash",
};
const KEYS = [{ secret: "good-key-0001", behaviour: "ok" }] as const;

/** Of the models of an OpenAI endpoint only DeepSeek's show their thoughts in chats; GPT-5 does so in responses. */
function thinkingModel(client: MatrixClient, provider: ProviderName): string {
  if (provider === "anthropic") return "claude-opus-4-5";
  if (provider === "gemini") return "gemini-3-pro-preview";
  return client.name.includes("responses") ? "gpt-5" : "deepseek-reasoner";
}

/** Claude Opus 4.7 takes no budget of thoughts, which is how clients of Anthropic ask for them here. */
function otherModel(client: MatrixClient, provider: ProviderName): string {
  if (provider === "openai") return "gpt-5";
  if (provider === "gemini") return "gemini-2.5-pro";
  return client.name.includes("anthropic") ? "claude-opus-4-1" : "claude-opus-4-7";
}

const begun = new Set<string>();
const passed = new Set<string>();

for (const client of CLIENTS) {
  for (const name of PROVIDERS) {
    for (const [feature, run] of Object.entries(FEATURES)) {
      Deno.test(`matrix: ${client.name} -> ${name}: ${feature}`, async () => {
        const cell = `${client.name} -> ${name}: ${feature}`;
        begun.add(cell);
        const plain = PLAIN_MODELS[name];
        const thinking = thinkingModel(client, name);
        const other = otherModel(client, name);
        const models = [...new Set([plain, thinking, other])];
        const chunkDelayMs = feature === "abort" ? 5 : 0;
        const provider = startSimulatedProvider({ dialect: name, keys: KEYS, models, chunkDelayMs });
        const keyturn = await startKeyturn();
        await keyturn.enterSimulated(name, provider);

        try {
          const chosen = { plainModel: plain, thinkingModel: thinking, otherModel: other };
          await run({ client, provider, keyturn, ...chosen });
          passed.add(cell);
        } finally {
          await keyturn[Symbol.asyncDispose]();
          await provider.close();
        }
      });
    }
  }
}

Deno.test("matrix: the table", () => {
  const table = renderTable(CLIENTS.map(({ name }) => name), PROVIDERS, Object.keys(FEATURES), passed);

  Deno.stdout.writeSync(new TextEncoder().encode(table));
  assert.deepEqual([...begun].filter((cell) => !passed.has(cell)), []);
});
