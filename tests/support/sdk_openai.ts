import assert from "node:assert/strict";
import OpenAI from "openai";
import { ASK_WEATHER, type Register, type SdkTarget, WEATHER } from "./sdk_target.ts";

const GPT = "gpt-4o-mini";

/** What the `openai` package must be able to do. */
export function openaiTests(test: Register): void {
  const tools: OpenAI.Chat.ChatCompletionTool[] = ["get_weather", "get_time"].map((name) => ({
    type: "function",
    function: { name, parameters: WEATHER },
  }));

  test("openai answers a chat", async (target) => {
    const chat = await openaiOf(target).chat.completions.create({
      model: GPT,
      messages: [{ role: "user", content: "one two three" }],
    });

    assert.equal(chat.choices[0]?.message.content, "one two three");
    assert.equal(chat.choices[0]?.finish_reason, "stop");
    assert.equal(chat.usage?.prompt_tokens, 3);
    assert.equal(chat.usage?.completion_tokens, 3);
  });

  test("openai streams a chat with its usage", async (target) => {
    const stream = await openaiOf(target).chat.completions.create({
      model: GPT,
      messages: [{ role: "user", content: "say 50 words" }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let completionTokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      completionTokens = chunk.usage?.completion_tokens ?? completionTokens;
    }

    assert.equal(text.split(" ").length, 50);
    assert.equal(completionTokens, 50);
  });

  test("openai calls tools in parallel, plain and streamed", async (target) => {
    const body = { model: GPT, messages: [{ role: "user" as const, content: ASK_WEATHER }], tools };

    const plain = await openaiOf(target).chat.completions.create(body);
    const streamed = await openaiOf(target).chat.completions.stream(body).finalChatCompletion();

    for (const chat of [plain, streamed]) {
      const calls = (chat.choices[0]?.message.tool_calls ?? []).map((call) =>
        call.type === "function" ? [call.function.name, JSON.parse(call.function.arguments)] : []
      );
      const expected = { city: "Paris", days: 3 };
      assert.deepEqual(calls, [["get_weather", expected], ["get_time", expected]]);
      assert.equal(chat.choices[0]?.finish_reason, "tool_calls");
    }
  });

  test("openai answers the Responses API, plain and streamed", async (target) => {
    const client = openaiOf(target);

    const plain = await client.responses.create({ model: GPT, input: "four words are here" });
    const streamed = await client.responses.stream({ model: GPT, input: "four words are here" })
      .finalResponse();

    for (const response of [plain, streamed]) {
      assert.equal(response.output_text, "four words are here");
      assert.equal(response.usage?.output_tokens, 4);
    }
  });

  test("openai embeds a list, and floats equal the base64 that the SDK asks for", async (target) => {
    const client = openaiOf(target);
    const body = { model: "text-embedding-3-small", input: ["a", "b"], dimensions: 8 };

    const packed = await client.embeddings.create(body);
    const floats = await client.embeddings.create({ ...body, encoding_format: "float" });

    assert.equal(packed.data.length, 2);
    assert.equal(packed.data[0]?.embedding.length, 8);
    assert.deepEqual(
      packed.data.map((one) => [...one.embedding]),
      floats.data.map((one) => [...one.embedding]),
    );
  });

  test("openai lists models", async (target) => {
    const ids: string[] = [];
    for await (const model of openaiOf(target).models.list()) ids.push(model.id);

    assert.ok(ids.some((id) => id === GPT || id.endsWith(`/${GPT}`)));
  });

  test("openai raises the error class of the status", async (target) => {
    const client = openaiOf(target);
    const messages = [{ role: "user" as const, content: "hi" }];

    const wrongKey = () =>
      openaiOf(target, target.wrongKey).chat.completions.create({ model: GPT, messages });
    const wrongModel = () => client.chat.completions.create({ model: "no-such-model", messages });
    const wrongRange = () => client.chat.completions.create({ model: GPT, messages, temperature: 3 });

    await assert.rejects(
      wrongKey(),
      (error) => error instanceof OpenAI.AuthenticationError && error.status === 401,
    );
    await assert.rejects(
      wrongModel(),
      (error) =>
        error instanceof OpenAI.NotFoundError && error.status === 404 && error.code === "model_not_found",
    );
    await assert.rejects(
      wrongRange(),
      (error) => error instanceof OpenAI.BadRequestError && error.status === 400,
    );
  });
}

/** Retries off: a test wants the first answer. */
function openaiOf({ openai }: SdkTarget, apiKey = openai.apiKey): OpenAI {
  return new OpenAI({ baseURL: openai.baseURL, apiKey, maxRetries: 0 });
}
