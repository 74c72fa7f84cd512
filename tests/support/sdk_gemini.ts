import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from "@google/genai";
import assert from "node:assert/strict";
import { ASK_WEATHER, type Register, type SdkTarget, WEATHER } from "./sdk_target.ts";

const GEMINI = "gemini-2.5-flash";

/** What the `@google/genai` package must be able to do. */
export function geminiTests(test: Register): void {
  const config = {
    tools: [{
      functionDeclarations: ["get_weather", "get_time"].map((name) => ({
        name,
        parametersJsonSchema: WEATHER,
      })),
    }],
    toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
  };

  test("gemini answers and streams", async (target) => {
    const client = geminiOf(target);

    const plain = await client.models.generateContent({ model: GEMINI, contents: "one two three" });
    let text = "";
    let tokens = 0;
    for await (
      const piece of await client.models.generateContentStream({ model: GEMINI, contents: "say 50 words" })
    ) {
      text += piece.text ?? "";
      tokens = piece.usageMetadata?.candidatesTokenCount ?? tokens;
    }

    assert.equal(plain.text, "one two three");
    assert.equal(plain.usageMetadata?.promptTokenCount, 3);
    assert.equal(plain.candidates?.[0]?.finishReason, "STOP");
    assert.equal(text.split(" ").length, 50);
    assert.equal(tokens, 50);
  });

  test("gemini calls tools in parallel, plain and streamed", async (target) => {
    const client = geminiOf(target);

    const plain = await client.models.generateContent({ model: GEMINI, contents: ASK_WEATHER, config });
    const streamed = await client.models.generateContentStream({
      model: GEMINI,
      contents: ASK_WEATHER,
      config,
    });
    const pieces = await Array.fromAsync(streamed);

    for (const calls of [plain.functionCalls, pieces.flatMap((piece) => piece.functionCalls ?? [])]) {
      const expected = { city: "Paris", days: 3 };
      assert.deepEqual(calls?.map((call) => [call.name, call.args]), [["get_weather", expected], [
        "get_time",
        expected,
      ]]);
    }
  });

  test("gemini embeds, counts tokens and lists models over pages", async (target) => {
    const client = geminiOf(target);

    const embedded = await client.models.embedContent({
      model: "gemini-embedding-001",
      contents: ["a", "b"],
    });
    const count = await client.models.countTokens({ model: GEMINI, contents: "a b c" });
    const names: (string | undefined)[] = [];
    for await (const model of await client.models.list({ config: { pageSize: 2 } })) names.push(model.name);

    assert.equal(embedded.embeddings?.length, 2);
    assert.equal(count.totalTokens, 3);
    assert.ok(names.some((name) => name === `models/${GEMINI}` || name?.endsWith(`/${GEMINI}`)));
  });

  test("gemini raises an ApiError with the status", async (target) => {
    const client = geminiOf(target);

    const wrongKey = () =>
      geminiOf(target, target.wrongKey).models.generateContent({
        model: GEMINI,
        contents: "hi",
      });
    const wrongModel = () => client.models.generateContent({ model: "no-such-model", contents: "hi" });

    await assert.rejects(
      wrongKey(),
      (error) => error instanceof ApiError && error.status === target.geminiWrongKeyStatus,
    );
    await assert.rejects(wrongModel(), (error) => error instanceof ApiError && error.status === 404);
  });
}

/** Retries off: a test wants the first answer. */
function geminiOf({ gemini }: SdkTarget, apiKey = gemini.apiKey): GoogleGenAI {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gemini.baseURL, retryOptions: { attempts: 1 } } });
}
