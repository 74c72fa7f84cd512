import assert from "node:assert/strict";
import type { ChatRequest, UserPart } from "../../src/translate/chat_request.ts";
import { estimateInputTokens } from "../../src/translate/count_estimate.ts";

function requestOf(parts: readonly UserPart[], more: Partial<ChatRequest> = {}): ChatRequest {
  return { model: "m", system: [], turns: [{ role: "user", parts }], tools: [], isStream: false, ...more };
}

const text = (text: string): UserPart => ({ kind: "text", text });
const FRAME = 7;

const PARTS: readonly (readonly [string, UserPart, number])[] = [
  ["English", text("The quick brown fox jumps over the lazy dog."), 11],
  ["Chinese", text("你好世界"), 4],
  ["Russian", text("Привет"), 2],
  ["an emoji", text("🦊"), 2],
  ["nothing", text(""), 0],
  ["an image", { kind: "image", source: { kind: "url", url: "https://example.com" } }, 765],
  [
    "a coarse image",
    { kind: "image", source: { kind: "url", url: "https://example.com" }, detail: "low" },
    85,
  ],
  ["two seconds of sound", { kind: "audio", mediaType: "audio/wav", base64: "A".repeat(64_000 * 4 / 3) }, 64],
  [
    "a document of 3 pages",
    { kind: "file", source: { kind: "base64", mediaType: "application/pdf", base64: "A".repeat(360_000) } },
    4_500,
  ],
  [
    "a text file",
    { kind: "file", source: { kind: "base64", mediaType: "text/plain", base64: "A".repeat(400) } },
    75,
  ],
  ["a result", { kind: "tool_result", callId: "c", parts: [{ kind: "text", text: "12345678" }] }, 10],
];

Deno.test("estimateInputTokens() counts each kind of part by its arithmetic", () => {
  for (const [what, part, tokens] of PARTS) {
    assert.equal(estimateInputTokens(requestOf([part])), FRAME + tokens, what);
  }
});

Deno.test("estimateInputTokens() counts system texts, turns, tools and schemas", () => {
  const schema = { type: "object" };
  const request = requestOf([text("1234")], {
    system: [{ kind: "text", text: "12345678" }],
    tools: [{ name: "name", description: "description.", parameters: schema }, { name: "bare" }],
    output: { kind: "json_schema", schema },
  });

  const tokens = estimateInputTokens(request);

  const schemaTokens = '{"type":"object"}'.length / 4;
  assert.equal(
    tokens,
    Math.ceil(FRAME + 1 + (4 + 2) + (8 + 1 + 3 + schemaTokens) + (8 + 1) + (8 + schemaTokens)),
  );
});

/** With the counts of OpenAI's o200k_base (npm:gpt-tokenizer 2.9.0). */
const TEXTS: readonly (readonly [string, number])[] = [
  [
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of " +
    "foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light.",
    52,
  ],
  ["人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。", 37],
  [
    "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью.",
    28,
  ],
  [
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.",
    26,
  ],
];

Deno.test("estimateInputTokens() is within a quarter of a tokenizer for texts of several scripts", () => {
  for (const [sentence, counted] of TEXTS) {
    const tokens = estimateInputTokens(requestOf([text(sentence)])) - FRAME;

    assert.ok(Math.abs(tokens - counted) <= counted / 4, `${tokens} for ${counted}: ${sentence}`);
  }
});
