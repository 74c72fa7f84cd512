import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import assert from "node:assert/strict";
import OpenAI from "openai";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { sdkSuite } from "../support/sdk_suite.ts";
import type { SdkTarget } from "../support/sdk_target.ts";

const GOOD = "good-key-0001";

sdkSuite("simulated providers", () => {
  const providers = {
    openai: startSimulatedProvider({ dialect: "openai", keys: [{ secret: GOOD, behaviour: "ok" }] }),
    anthropic: startSimulatedProvider({ dialect: "anthropic", keys: [{ secret: GOOD, behaviour: "ok" }] }),
    gemini: startSimulatedProvider({ dialect: "gemini", keys: [{ secret: GOOD, behaviour: "ok" }] }),
  };
  const target: SdkTarget = {
    openai: { baseURL: providers.openai.baseUrl, apiKey: GOOD },
    anthropic: { baseURL: providers.anthropic.baseUrl, apiKey: GOOD },
    gemini: { baseURL: providers.gemini.baseUrl, apiKey: GOOD },
    wrongKey: "wrong-key-0001",
    geminiWrongKeyStatus: 400,
    async close() {
      await Promise.all(Object.values(providers).map((provider) => provider.close()));
    },
  };
  return Promise.resolve(target);
});

Deno.test("a limited key raises the RateLimitError of each SDK", async () => {
  const keys = [{ secret: GOOD, behaviour: { limitedPerMinute: 0 } }];
  const openai = startSimulatedProvider({ dialect: "openai", keys });
  const anthropic = startSimulatedProvider({ dialect: "anthropic", keys });
  const gemini = startSimulatedProvider({ dialect: "gemini", keys });
  const messages = [{ role: "user" as const, content: "hi" }];

  const calls = [
    new OpenAI({ baseURL: openai.baseUrl, apiKey: GOOD, maxRetries: 0 }).chat.completions
      .create({ model: "gpt-4o", messages }),
    new Anthropic({ baseURL: anthropic.baseUrl, apiKey: GOOD, maxRetries: 0 }).messages
      .create({ model: "claude-haiku-4-5", max_tokens: 5, messages }),
    new GoogleGenAI({ apiKey: GOOD, httpOptions: { baseUrl: gemini.baseUrl, retryOptions: { attempts: 1 } } })
      .models
      .generateContent({ model: "gemini-2.5-flash", contents: "hi" }),
  ];
  const errors = await Promise.all(
    calls.map((call) => call.then(() => undefined, (error: unknown) => error)),
  );
  await Promise.all([openai, anthropic, gemini].map((provider) => provider.close()));

  assert.ok(errors[0] instanceof OpenAI.RateLimitError && errors[0].status === 429);
  assert.ok(errors[1] instanceof Anthropic.RateLimitError && errors[1].status === 429);
  assert.ok(errors[2] instanceof ApiError && errors[2].status === 429);
});
