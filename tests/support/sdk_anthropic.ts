import Anthropic from "@anthropic-ai/sdk";
import assert from "node:assert/strict";
import { ASK_WEATHER, type Register, type SdkTarget, WEATHER } from "./sdk_target.ts";

const CLAUDE = "claude-haiku-4-5";

/** What the `@anthropic-ai/sdk` package must be able to do. */
export function anthropicTests(test: Register): void {
  const tools: Anthropic.Tool[] = ["get_weather", "get_time"].map((name) => ({
    name,
    input_schema: WEATHER,
  }));

  test("anthropic answers a message", async (target) => {
    const message = await anthropicOf(target).messages.create({
      model: CLAUDE,
      max_tokens: 100,
      messages: [{ role: "user", content: "one two three" }],
    });

    const [block] = message.content;
    assert.equal(block?.type === "text" ? block.text : undefined, "one two three");
    assert.equal(message.stop_reason, "end_turn");
    assert.equal(message.usage.input_tokens, 3);
    assert.equal(message.usage.output_tokens, 3);
  });

  test("anthropic streams a message", async (target) => {
    const stream = anthropicOf(target).messages.stream({
      model: CLAUDE,
      max_tokens: 100,
      messages: [{ role: "user", content: "say 50 words" }],
    });

    const text = await stream.finalText();
    const message = await stream.finalMessage();

    assert.equal(text.split(" ").length, 50);
    assert.equal(message.usage.output_tokens, 50);
    assert.equal(message.stop_reason, "end_turn");
  });

  test("anthropic calls tools in parallel, plain and streamed", async (target) => {
    const client = anthropicOf(target);
    const body = {
      model: CLAUDE,
      max_tokens: 100,
      messages: [{ role: "user" as const, content: ASK_WEATHER }],
      tools,
    };

    const plain = await client.messages.create(body);
    const streamed = await client.messages.stream(body).finalMessage();

    for (const message of [plain, streamed]) {
      const calls = message.content.map((block) =>
        block.type === "tool_use" ? [block.name, block.input] : []
      );
      const expected = { city: "Paris", days: 3 };
      assert.deepEqual(calls, [["get_weather", expected], ["get_time", expected]]);
      assert.equal(message.stop_reason, "tool_use");
    }
  });

  test("anthropic counts tokens and lists models", async (target) => {
    const client = anthropicOf(target);

    const count = await client.messages.countTokens({
      model: CLAUDE,
      messages: [{ role: "user", content: "a b c" }],
    });
    const ids: string[] = [];
    for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);

    assert.equal(count.input_tokens, 3);
    assert.ok(ids.some((id) => id === CLAUDE || id.endsWith(`/${CLAUDE}`)));
  });

  test("anthropic raises the error class of the status", async (target) => {
    const client = anthropicOf(target);
    const body = { model: CLAUDE, max_tokens: 10, messages: [{ role: "user" as const, content: "hi" }] };

    const wrongKey = () => anthropicOf(target, target.wrongKey).messages.create(body);
    const wrongModel = () => client.messages.create({ ...body, model: "no-such-model" });
    const noMessages = () => client.messages.create({ ...body, messages: [] });

    await assert.rejects(
      wrongKey(),
      (error) => error instanceof Anthropic.AuthenticationError && error.status === 401,
    );
    await assert.rejects(
      wrongModel(),
      (error) => error instanceof Anthropic.NotFoundError && error.status === 404,
    );
    await assert.rejects(
      noMessages(),
      (error) => error instanceof Anthropic.BadRequestError && error.status === 400,
    );
  });
}

/** Retries off: a test wants the first answer. */
function anthropicOf({ anthropic }: SdkTarget, apiKey = anthropic.apiKey): Anthropic {
  return new Anthropic({ baseURL: anthropic.baseURL, apiKey, maxRetries: 0 });
}
