import assert from "node:assert/strict";
import { AppError } from "../../src/errors.ts";
import type { ChatRequest, UserPart } from "../../src/translate/chat_request.ts";
import { Losses } from "../../src/translate/losses.ts";
import { OPENAI_RESPONSES_CALLER } from "../../src/translate/openai_responses_caller.ts";
import {
  readResponsesCount,
  readResponsesCountRequest,
  responsesCountRequest,
  writeResponsesCount,
} from "../../src/translate/openai_responses_count.ts";
import { AnswerUnreadableError } from "../../src/translate/sides.ts";

const told = { losses: new Losses(), nameOf: OPENAI_RESPONSES_CALLER.nameOf, recall: () => undefined };
const requestOf = (parts: readonly UserPart[]): ChatRequest => ({
  model: "m",
  system: [],
  turns: [{ role: "user", parts }],
  tools: [],
  isStream: true,
});

Deno.test("responsesCountRequest() asks OpenAI's endpoint for the prompt alone", () => {
  const request: ChatRequest = {
    ...requestOf([{ kind: "text", text: "Hi" }]),
    system: [{ kind: "text", text: "S" }],
    tools: [{ name: "f", parameters: { type: "object" } }],
    toolChoice: { kind: "named", names: ["f", "g"], isRequired: false },
    maxOutputTokens: 5,
    temperature: 1,
  };

  const written = responsesCountRequest(request, told);

  assert.deepEqual(written, {
    path: "/v1/responses/input_tokens",
    query: "",
    headers: [],
    body: {
      model: "m",
      input: [
        { type: "message", role: "developer", content: [{ type: "input_text", text: "S" }] },
        { type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] },
      ],
      tools: [{ type: "function", name: "f", parameters: { type: "object" }, strict: false }],
      tool_choice: {
        type: "allowed_tools",
        mode: "auto",
        tools: [{ type: "function", name: "f" }, { type: "function", name: "g" }],
      },
    },
  });
});

Deno.test("responsesCountRequest() refuses sound and the files of other providers", () => {
  const parts: readonly UserPart[] = [
    { kind: "audio", mediaType: "audio/wav", base64: "AAAA" },
    { kind: "image", source: { kind: "id", issuer: "gemini", id: "files/1" } },
    { kind: "file", source: { kind: "id", issuer: "anthropic", id: "file_1" } },
  ];
  for (const part of parts) {
    assert.throws(() => responsesCountRequest(requestOf([part]), told), AppError);
  }
});

Deno.test("readResponsesCount() reads the count that OpenAI tells", () => {
  assert.equal(readResponsesCount({ object: "response.input_tokens", input_tokens: 11 }), 11);
  assert.equal(readResponsesCount(writeResponsesCount(3)), 3);
  for (const body of [null, {}, { input_tokens: "3" }, { input_tokens: -1 }, { input_tokens: 1.5 }]) {
    assert.throws(() => readResponsesCount(body), AnswerUnreadableError);
  }
});

Deno.test("readResponsesCountRequest() reads the conversation that is asked about", () => {
  const request = readResponsesCountRequest({ model: "m", input: "Hi", instructions: "S" }, new Losses());

  assert.deepEqual([request.system, request.turns], [
    [{ kind: "text", text: "S" }],
    [{ role: "user", parts: [{ kind: "text", text: "Hi" }] }],
  ]);
});
