import assert from "node:assert/strict";
import type { TokenUsage } from "../../src/core/usage.ts";
import type { Dialect } from "../../src/dialect/dialect.ts";
import { ANTHROPIC } from "../../src/dialect/anthropic.ts";
import { GEMINI } from "../../src/dialect/gemini.ts";
import { OPENAI } from "../../src/dialect/openai.ts";
import { REST } from "../../src/dialect/rest.ts";

const ANSWERS: readonly (readonly [name: string, dialect: Dialect, answer: unknown, usage: TokenUsage])[] = [
  ["an audio chat", OPENAI, {
    usage: {
      prompt_tokens: 100,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 10, audio_tokens: 60 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 40 },
    },
  }, {
    inputTokens: 100,
    outputTokens: 50,
    cachedTokens: 10,
    audioInputTokens: 60,
    reasoningTokens: 0,
    audioOutputTokens: 40,
  }],
  ["OpenRouter's cache writes", OPENAI, {
    usage: { prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: { cache_write_tokens: 4 } },
  }, { inputTokens: 9, outputTokens: 1, cacheWriteTokens: 4 }],
  ["embeddings", OPENAI, { usage: { prompt_tokens: 8, total_tokens: 8 } }, { inputTokens: 8 }],
  ["pictures", OPENAI, {
    usage: {
      input_tokens: 50,
      output_tokens: 90,
      input_tokens_details: { text_tokens: 10, image_tokens: 40 },
    },
  }, { inputTokens: 50, outputTokens: 90, imageInputTokens: 40 }],
  ["a transcript", OPENAI, {
    usage: { type: "tokens", input_tokens: 14, output_tokens: 5, input_token_details: { audio_tokens: 14 } },
  }, { inputTokens: 14, outputTokens: 5, audioInputTokens: 14 }],
  ["Moonshot's last choice", OPENAI, {
    choices: [{ usage: { prompt_tokens: 3, completion_tokens: 2 } }],
  }, { inputTokens: 3, outputTokens: 2 }],
  ["a part that is larger than its whole", OPENAI, {
    usage: { prompt_tokens: 3, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 4 } },
  }, { inputTokens: 3, outputTokens: 0 }],
  ["cache writes for an hour", ANTHROPIC, {
    usage: {
      input_tokens: 5,
      output_tokens: 7,
      cache_read_input_tokens: 20,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 12, ephemeral_1h_input_tokens: 18 },
    },
  }, {
    inputTokens: 55,
    outputTokens: 7,
    cachedTokens: 20,
    cacheWriteTokens: 30,
    cacheWriteHourTokens: 18,
  }],
  ["modalities", GEMINI, {
    usageMetadata: {
      promptTokenCount: 30,
      candidatesTokenCount: 12,
      thoughtsTokenCount: 5,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 4 }, { modality: "AUDIO", tokenCount: 20 }, {
        modality: "IMAGE",
        tokenCount: 6,
      }],
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 12 }],
    },
  }, {
    inputTokens: 30,
    outputTokens: 17,
    reasoningTokens: 5,
    audioInputTokens: 20,
    imageInputTokens: 6,
    imageOutputTokens: 12,
  }],
];

for (const [name, dialect, answer, usage] of ANSWERS) {
  Deno.test(`${dialect.name}: readUsage() reads ${name}, parsed before or not`, () => {
    const text = JSON.stringify(answer);

    assert.deepEqual(dialect.readUsage(text), usage);
    assert.deepEqual(dialect.readUsage(text, answer), usage);
  });
}

const EVENTS: readonly (readonly [name: string, dialect: Dialect, data: unknown, characters: number])[] = [
  ["text", OPENAI, { choices: [{ delta: { role: "assistant", content: "four" } }] }, 4],
  ["two choices", OPENAI, { choices: [{ delta: { content: "a" } }, { delta: { refusal: "bc" } }] }, 3],
  [
    "a thought, told twice",
    OPENAI,
    { choices: [{ delta: { reasoning: "ab", reasoning_content: "ab" } }] },
    2,
  ],
  ["a call", OPENAI, { choices: [{ delta: { tool_calls: [{ function: { arguments: '{"a"' } }] } }] }, 4],
  ["a completion", OPENAI, { choices: [{ text: "abc" }] }, 3],
  ["a delta of Responses", OPENAI, { type: "response.output_text.delta", delta: "abcd" }, 4],
  ["text", ANTHROPIC, { type: "content_block_delta", delta: { type: "text_delta", text: "abc" } }, 3],
  ["arguments", ANTHROPIC, { delta: { type: "input_json_delta", partial_json: "{}" } }, 2],
  ["an end", ANTHROPIC, { type: "message_delta", delta: { stop_reason: "end_turn" } }, 0],
  ["parts", GEMINI, {
    candidates: [{ content: { parts: [{ text: "abc" }, { functionCall: { name: "f", args: { a: 1 } } }] } }],
  }, 10],
  ["anything", REST, { text: "abc" }, 0],
];

for (const [name, dialect, data, characters] of EVENTS) {
  Deno.test(`${dialect.name}: charactersIn() counts those of ${name}`, () => {
    assert.equal(dialect.charactersIn({ name: "", data: JSON.stringify(data) }), characters);
  });
}
