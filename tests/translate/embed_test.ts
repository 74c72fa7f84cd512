import assert from "node:assert/strict";
import fc from "fast-check";
import OpenAI from "openai";
import { AppError } from "../../src/errors.ts";
import type { EmbedAnswer, EmbedRequest } from "../../src/translate/embed.ts";
import {
  readGeminiBatchEmbed,
  readGeminiEmbed,
  readGeminiEmbedAnswer,
  writeGeminiEmbed,
  writeGeminiEmbedAnswer,
} from "../../src/translate/embed_gemini.ts";
import {
  readOpenAiEmbed,
  readOpenAiEmbedAnswer,
  writeOpenAiEmbed,
  writeOpenAiEmbedAnswer,
} from "../../src/translate/embed_openai.ts";
import { base64OfVector, vectorOfBase64, withUnitLength } from "../../src/translate/embed_vector.ts";
import { Losses } from "../../src/translate/losses.ts";
import { AnswerUnreadableError } from "../../src/translate/sides.ts";
import { refusedFor } from "./refused_for.ts";

const ASKED = { model: "gemini-embedding-001", isStream: false };
const content = (...texts: string[]) => ({ parts: texts.map((text) => ({ text })) });

const OPENAI_BODIES:
  readonly (readonly [Record<string, unknown>, Partial<EmbedRequest>, readonly string[]])[] = [
    [{ input: "a" }, { inputs: ["a"] }, []],
    [{ input: ["a", ""] }, { inputs: ["a", ""] }, []],
    [{ input: "a", dimensions: 256, encoding_format: "base64", user: "u" }, {
      inputs: ["a"],
      dimensions: 256,
      encoding: "base64",
      endUser: "u",
    }, []],
    [{ input: "a", dimensions: null, input_type: "query" }, { inputs: ["a"] }, ["input_type"]],
  ];

Deno.test("readOpenAiEmbed() reads texts and settings, and names the rest", () => {
  for (const [members, expected, ignored] of OPENAI_BODIES) {
    const losses = new Losses();

    const request = readOpenAiEmbed({ model: "m", ...members }, losses);

    assert.deepEqual(request, { model: "m", encoding: "float", ...expected });
    assert.deepEqual(losses.list(), ignored);
  }
});

Deno.test("readOpenAiEmbed() refuses tokens and other shapes by name", () => {
  const refused: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ input: [1, 2] }, "input"],
    [{ input: [[1, 2], [3]] }, "input"],
    [{ input: ["a", null] }, "input[1]"],
    [{ input: [] }, "input"],
    [{}, "input"],
    [{ input: "a", model: "" }, "model"],
    [{ input: "a", dimensions: 1.5 }, "dimensions"],
    [{ input: "a", encoding_format: "int8" }, "encoding_format"],
  ];
  for (const [members, param] of refused) {
    assert.throws(() => readOpenAiEmbed({ model: "m", ...members }, new Losses()), refusedFor(param));
  }
});

Deno.test("readGeminiEmbed() reads one text of several parts and its settings, old and new", () => {
  const old = {
    content: content("a", "b"),
    taskType: "RETRIEVAL_DOCUMENT",
    title: "t",
    outputDimensionality: 8,
  };
  const recent = {
    model: "models/gemini-embedding-001",
    content: content("a", "b"),
    embedContentConfig: {
      taskType: "RETRIEVAL_DOCUMENT",
      title: "t",
      outputDimensionality: 8,
      autoTruncate: true,
    },
  };
  const losses = new Losses();

  const read = [old, recent].map((body) => readGeminiEmbed(body, ASKED, losses));

  const expected = {
    model: "gemini-embedding-001",
    inputs: ["a\nb"],
    task: "RETRIEVAL_DOCUMENT",
    title: "t",
    dimensions: 8,
    encoding: "float",
  };
  assert.deepEqual(read, [expected, expected]);
  assert.deepEqual(losses.list(), ["embedContentConfig.autoTruncate"]);
});

Deno.test("readGeminiBatchEmbed() reads texts in their order", () => {
  const requests = ["a", "b", "c"].map((text) => ({
    model: "models/gemini-embedding-001",
    content: content(text),
    outputDimensionality: 4,
  }));

  const request = readGeminiBatchEmbed({ requests }, ASKED, new Losses());

  assert.deepEqual(request, {
    model: "gemini-embedding-001",
    inputs: ["a", "b", "c"],
    dimensions: 4,
    encoding: "float",
  });
});

Deno.test("readGeminiBatchEmbed() refuses what other providers cannot embed", () => {
  const one = { content: content("a") };
  const refused: readonly (readonly [unknown, string])[] = [
    [{ requests: [one, { ...one, taskType: "CLUSTERING" }] }, "requests[1].taskType"],
    [{ requests: [one, { ...one, outputDimensionality: 3 }] }, "requests[1].outputDimensionality"],
    [
      { requests: [{ content: { parts: [{ inlineData: { mimeType: "image/png", data: "A" } }] } }] },
      "requests[0].content.parts[0]",
    ],
    [{ requests: [{ ...one, model: "models/other" }] }, "requests[0].model"],
    [{ requests: [{}] }, "requests[0].content"],
    [{ requests: [] }, "requests"],
  ];
  for (const [body, param] of refused) {
    assert.throws(() => readGeminiBatchEmbed(body, ASKED, new Losses()), refusedFor(param));
  }
});

Deno.test("writeGeminiEmbed() asks for at most 100 texts at once, in their order", () => {
  const inputs = Array.from({ length: 250 }, (_, index) => `text ${index}`);
  const losses = new Losses();
  const request: EmbedRequest = {
    model: "gemini-embedding-001",
    inputs,
    dimensions: 5,
    endUser: "u",
    encoding: "float",
  };

  const written = writeGeminiEmbed(request, { losses });

  assert.deepEqual(
    new Set(written.map(({ path }) => path)),
    new Set(["/v1beta/models/gemini-embedding-001:batchEmbedContents"]),
  );
  const read = written.map(({ body }) => readGeminiBatchEmbed(body, ASKED, new Losses()));
  assert.deepEqual(read.map((batch) => batch.inputs.length), [100, 100, 50]);
  assert.deepEqual(read.flatMap((batch) => batch.inputs), inputs);
  assert.ok(read.every(({ dimensions }) => dimensions === 5));
  assert.deepEqual(losses.list(), ["user"]);
});

Deno.test("writeGeminiEmbed() refuses a model that would change the path", () => {
  const request: EmbedRequest = { model: "../x:generateContent", inputs: ["a"], encoding: "float" };

  assert.throws(() => writeGeminiEmbed(request, { losses: new Losses() }), AppError);
});

Deno.test("writeOpenAiEmbed() names Gemini's settings as left out, and splits above 2048 texts", () => {
  const inputs = Array.from({ length: 2049 }, (_, index) => `text ${index}`);
  const losses = new Losses();
  const request: EmbedRequest = {
    model: "m",
    inputs,
    task: "CLUSTERING",
    title: "t",
    dimensions: 3,
    encoding: "float",
  };

  const written = writeOpenAiEmbed(request, { losses });

  assert.deepEqual(losses.list(), ["taskType", "title"]);
  const read = written.map(({ body }) => readOpenAiEmbed(body, new Losses()));
  assert.deepEqual(read.map((batch) => batch.inputs.length), [2048, 1]);
  assert.deepEqual(read.flatMap((batch) => batch.inputs), inputs);
});

Deno.test("readOpenAiEmbedAnswer() puts vectors in the order of their index, in either encoding", () => {
  const body = {
    object: "list",
    data: [
      { object: "embedding", index: 1, embedding: base64OfVector([0.5, -0.25]) },
      { object: "embedding", index: 0, embedding: [1, 2] },
    ],
    usage: { prompt_tokens: 9, total_tokens: 9 },
  };

  const answer = readOpenAiEmbedAnswer(body);

  assert.deepEqual(answer, { vectors: [[1, 2], [0.5, -0.25]], inputTokens: 9 });
});

Deno.test("readGeminiEmbedAnswer() gives reduced vectors unit length before gemini-embedding-2 only", () => {
  const body = { embeddings: [{ values: [3, 4] }] };

  const reduced = readGeminiEmbedAnswer(body, { model: "gemini-embedding-001", dimensions: 2 });
  const whole = readGeminiEmbedAnswer(body, { model: "gemini-embedding-001" });
  const second = readGeminiEmbedAnswer(body, { model: "gemini-embedding-2", dimensions: 2 });

  assert.deepEqual(reduced, { vectors: [[0.6, 0.8]] });
  assert.deepEqual(whole, { vectors: [[3, 4]] });
  assert.deepEqual(second, { vectors: [[3, 4]] });
});

Deno.test("readGeminiEmbedAnswer() reads the answer to one text, and usage where it is told", () => {
  const body = { embedding: { values: [1] }, usageMetadata: { promptTokenCount: 4 } };

  const answer = readGeminiEmbedAnswer(body, { model: "m" });

  assert.deepEqual(answer, { vectors: [[1]], inputTokens: 4 });
});

Deno.test("embedding answers of other shapes are unreadable, never vectors of somebody else", () => {
  const openAi = [
    null,
    {},
    { data: [] },
    { data: [{ embedding: [] }] },
    { data: [{ embedding: "!" }] },
    { data: [{ embedding: [1, "2"] }] },
    { data: [{ index: 0, embedding: [1] }, { index: 0, embedding: [2] }] },
    { data: [{ index: 5, embedding: [1] }] },
  ];
  const gemini = [null, {}, { embeddings: [] }, { embeddings: [{}] }, { embedding: { values: [null] } }];

  for (const body of openAi) assert.throws(() => readOpenAiEmbedAnswer(body), AnswerUnreadableError);
  for (const body of gemini) {
    assert.throws(() => readGeminiEmbedAnswer(body, { model: "m" }), AnswerUnreadableError);
  }
});

Deno.test("vectorOfBase64() reads what base64OfVector() wrote, at float32", () => {
  fc.assert(fc.property(fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 5000 }), (vector) => {
    const read = vectorOfBase64(base64OfVector(vector));

    assert.deepEqual(read, vector.map(Math.fround));
  }));
});

Deno.test("withUnitLength() leaves a vector of zeros alone", () => {
  assert.deepEqual(withUnitLength([0, 0]), [0, 0]);
});

Deno.test("writeOpenAiEmbedAnswer() is read by OpenAI's client, which asks for base64 by itself", async () => {
  const vector = [0.5, -0.25, 0.125];
  const asked: unknown[] = [];
  const client = new OpenAI({
    apiKey: "none",
    fetch: (_url, init) => {
      const request = readOpenAiEmbed(JSON.parse(String(init?.body)), new Losses());
      asked.push(request.encoding);
      const answer = writeOpenAiEmbedAnswer({ vectors: [vector] }, {
        model: "m",
        encoding: request.encoding,
      });
      return Promise.resolve(Response.json(answer));
    },
  });

  const { data, usage } = await client.embeddings.create({ model: "m", input: "a" });

  assert.deepEqual(asked, ["base64"]);
  assert.deepEqual(data[0]?.embedding, vector);
  assert.deepEqual(usage, { prompt_tokens: 0, total_tokens: 0 });
});

Deno.test("writeGeminiEmbedAnswer() writes one vector or several, and only counts that are known", () => {
  const answer: EmbedAnswer = { vectors: [[1], [2]], inputTokens: 3 };

  assert.deepEqual(writeGeminiEmbedAnswer(answer, { isBatch: true }), {
    embeddings: [{ values: [1] }, { values: [2] }],
    usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
  });
  assert.deepEqual(writeGeminiEmbedAnswer({ vectors: [[1]] }, { isBatch: false }), {
    embedding: { values: [1] },
  });
});
