import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatAnswer, Finish } from "../../src/translate/chat_answer.ts";
import type { AssistantPart } from "../../src/translate/chat_request.ts";
import { OPENAI_RESPONSES_CALLER } from "../../src/translate/openai_responses_caller.ts";
import { writeResponse } from "../../src/translate/openai_responses_answer.ts";
import { opaqueText, readOpaque } from "../../src/translate/openai_responses_opaque.ts";
import { chatAnswers } from "./answers.ts";
import { broughtBack, clientOf, NOT_IN_RESPONSES, partsOf, TOLD } from "./openai_responses_support.ts";

function answerOf(parts: readonly AssistantPart[], finish: Finish = { reason: "stop" }): ChatAnswer {
  return { id: "x", model: "y", choices: [{ index: 0, parts, finish }] };
}

Deno.test("writeResponse() writes the response object with what the request said", () => {
  const usage = { inputTokens: 7, outputTokens: 5, cachedTokens: 2, reasoningTokens: 1 };
  const answer = { ...answerOf([{ kind: "text", text: "Hi" }]), usage };

  const response = writeResponse(answer, TOLD);

  assert.deepEqual(response, {
    id: "resp_r1",
    object: "response",
    created_at: 1_700_000_000,
    status: "completed",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    metadata: { a: "b" },
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: "default",
    store: false,
    temperature: 0.5,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: null,
    truncation: "disabled",
    user: null,
    model: "asked-model",
    output: [{
      id: "msg_r1_0",
      type: "message",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: "Hi", annotations: [], logprobs: [] }],
    }],
    usage: {
      input_tokens: 7,
      input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 1 },
      total_tokens: 12,
    },
  });
});

const ENDS: readonly (readonly [Finish, readonly AssistantPart[], string, unknown])[] = [
  [{ reason: "stop_sequence", stopSequence: "END" }, [{ kind: "text", text: "a" }], "completed", null],
  [{ reason: "tool_calls" }, [{ kind: "tool_call", id: "c", name: "f", arguments: "" }], "completed", null],
  [{ reason: "length" }, [{ kind: "text", text: "a" }], "incomplete", { reason: "max_output_tokens" }],
  [{ reason: "content_filter", explanation: "SAFETY" }, [], "incomplete", { reason: "content_filter" }],
  [{ reason: "paused", native: "pause_turn" }, [{ kind: "text", text: "a" }], "incomplete", {
    reason: "pause_turn",
  }],
  [{ reason: "failed", native: "MALFORMED_FUNCTION_CALL" }, [{ kind: "text", text: "a" }], "incomplete", {
    reason: "MALFORMED_FUNCTION_CALL",
  }],
  [{ reason: "failed", native: "MALFORMED_FUNCTION_CALL" }, [], "failed", null],
];

Deno.test("writeResponse() says completed for nothing but a whole answer", () => {
  for (const [finish, parts, status, details] of ENDS) {
    const response = writeResponse(answerOf(parts, finish), TOLD);

    assert.equal(response["status"], status, finish.reason);
    assert.deepEqual(response["incomplete_details"], details, finish.reason);
    assert.equal(response["error"] !== null, status === "failed");
    assert.equal(response["usage"], null, "counts that are not known are not made up");
  }
});

Deno.test("writeResponse() tells why a prompt was blocked as a refusal", () => {
  const response = writeResponse(answerOf([], { reason: "content_filter", explanation: "Blocked" }), TOLD);

  assert.deepEqual(response["output"], [{
    id: "msg_r1_0",
    type: "message",
    status: "incomplete",
    role: "assistant",
    content: [{ type: "refusal", refusal: "Blocked" }],
  }]);
});

Deno.test("writeResponse() writes citations, log probabilities and an empty call's arguments", () => {
  const answer: ChatAnswer = {
    id: "x",
    model: "y",
    choices: [{
      index: 0,
      parts: [{ kind: "text", text: "Sun" }, { kind: "tool_call", id: "c", name: "f", arguments: "" }],
      finish: { reason: "tool_calls" },
      citations: [{ url: "https://example.com" }, {
        url: "https://example.com/b",
        title: "B",
        start: 1,
        end: 2,
      }],
      logprobs: [{ token: "ü", logprob: -0.5, top: [{ token: "u", logprob: -1 }] }],
    }],
  };

  const response = writeResponse(answer, TOLD);

  assert.deepEqual(response["output"], [{
    id: "msg_r1_0",
    type: "message",
    status: "completed",
    role: "assistant",
    content: [{
      type: "output_text",
      text: "Sun",
      annotations: [
        {
          type: "url_citation",
          url: "https://example.com",
          title: "https://example.com",
          start_index: 0,
          end_index: 3,
        },
        { type: "url_citation", url: "https://example.com/b", title: "B", start_index: 1, end_index: 2 },
      ],
      logprobs: [{
        token: "ü",
        logprob: -0.5,
        bytes: [195, 188],
        top_logprobs: [{ token: "u", logprob: -1, bytes: [117] }],
      }],
    }],
  }, {
    id: "fc_r1_1",
    type: "function_call",
    status: "completed",
    arguments: "{}",
    call_id: "c",
    name: "f",
  }]);
});

Deno.test("writeResponse() gives items that come back as the parts they were, signatures of all issuers included", () => {
  fc.assert(
    fc.property(chatAnswers({ without: NOT_IN_RESPONSES }), (answer) => {
      const response = writeResponse(answer, TOLD);

      const back = broughtBack(JSON.parse(JSON.stringify(response["output"])));

      // A block's refusal is told by OpenAI's callers as it came.
      assert.deepEqual(back, partsOf(answer));
    }),
    { numRuns: 300 },
  );
});

Deno.test("readOpaque() reads what opaqueText() wrote, whatever the value looks like", () => {
  const values = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("kt.call.x", "kt.gemini.x", "kt.openai.kt.text.y"),
  );
  const issuers = fc.constantFrom("openai" as const, "anthropic" as const, "gemini" as const);
  fc.assert(fc.property(issuers, values, (issuer, value) => {
    for (const  of of["thinking", "call", "text"] as const) {
      const opaque = { of, signature: { issuer, value } };

      const read = readOpaque(opaqueText(opaque));

      assert.deepEqual(read, opaque);
    }
    const redacted = { of: "redacted" as const, issuer, data: value };
    assert.deepEqual(readOpaque(opaqueText(redacted)), redacted);
  }));
});

Deno.test("OPENAI_RESPONSES_CALLER writes an answer that OpenAI's client reads", async () => {
  const answer = answerOf([
    { kind: "thinking", text: "Hm", signature: { issuer: "anthropic", value: "s" } },
    { kind: "text", text: "Sunny" },
  ]);
  const body = JSON.stringify(OPENAI_RESPONSES_CALLER.writeAnswer(answer, TOLD));

  const response = await clientOf(body, "application/json").responses.create({ model: "m", input: "x" });

  assert.equal(response.output_text, "Sunny");
  assert.deepEqual(response.output.map(({ type }) => type), ["reasoning", "message"]);
});
