import { anthropicTests } from "./sdk_anthropic.ts";
import { geminiTests } from "./sdk_gemini.ts";
import { openaiTests } from "./sdk_openai.ts";
import type { SdkTarget } from "./sdk_target.ts";

/**
 * Registers what the official SDKs must be able to do against a target that answers as the simulated providers
 * do, be it these themselves or a proxy before them. `start` is called once a test, before it.
 */
export function sdkSuite(name: string, start: () => Promise<SdkTarget>): void {
  const test = (what: string, run: (target: SdkTarget) => Promise<void>): void =>
    Deno.test(`${name}: ${what}`, async () => {
      const target = await start();

      try {
        await run(target);
      } finally {
        await target.close();
      }
    });
  openaiTests(test);
  anthropicTests(test);
  geminiTests(test);
}
