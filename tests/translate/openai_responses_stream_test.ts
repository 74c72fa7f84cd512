import assert from "node:assert/strict";
import fc from "fast-check";
import { APIError } from "openai";
import type { ChatAnswer, ChatEvent } from "../../src/translate/chat_answer.ts";
import { writeResponse } from "../../src/translate/openai_responses_answer.ts";
import { ResponsesStreamWriter } from "../../src/translate/openai_responses_stream.ts";
import { chatStreams, eventsOf } from "./answers.ts";
import {
  broughtBack,
  clientOf,
  NOT_IN_RESPONSES,
  partsOf,
  sent,
  TOLD,
  written,
} from "./openai_responses_support.ts";

const EVENT_STREAM = "text/event-stream; charset=utf-8";
const START: ChatEvent = { kind: "start", id: "a", model: "b" };
const STOP: ChatEvent = { kind: "finish", choice: 0, finish: { reason: "stop" } };

Deno.test("ResponsesStreamWriter.write() sends the whole sequence of events, numbered", () => {
  const answer: ChatAnswer = {
    id: "a",
    model: "b",
    choices: [{
      index: 0,
      parts: [
        { kind: "thinking", text: "Hm", signature: { issuer: "gemini", value: "s" } },
        { kind: "text", text: "Sun" },
        { kind: "tool_call", id: "c1", name: "f", arguments: '{"a":1}' },
        { kind: "tool_call", id: "c2", name: "g", arguments: "{}" },
      ],
      finish: { reason: "tool_calls" },
    }],
    usage: { inputTokens: 3, outputTokens: 4 },
  };

  const events = sent(written(eventsOf(answer, [11, 1, 3])));

  const call = (item: string, deltas: number): string[] => [
    `response.output_item.added ${item}`,
    ...Array.from({ length: deltas }, () => `response.function_call_arguments.delta ${item}`),
    `response.function_call_arguments.done ${item}`,
    `response.output_item.done ${item}`,
  ];
  assert.deepEqual(
    events.map(({ type, output_index }) => output_index === undefined ? type : `${type} ${output_index}`),
    [
      "response.created",
      "response.in_progress",
      "response.output_item.added 0",
      "response.reasoning_summary_part.added 0",
      "response.reasoning_summary_text.delta 0",
      "response.reasoning_summary_text.done 0",
      "response.reasoning_summary_part.done 0",
      "response.output_item.done 0",
      "response.output_item.added 1",
      "response.content_part.added 1",
      "response.output_text.delta 1",
      "response.output_text.delta 1",
      "response.output_text.done 1",
      "response.content_part.done 1",
      "response.output_item.done 1",
      ...call("2", 1),
      ...call("3", 1),
      "response.completed",
    ],
  );
  assert.deepEqual(events.map(({ sequence_number }) => sequence_number), events.map((_, index) => index));
  assert.ok(events.every(({ event, type }) => event === type));
});

Deno.test("ResponsesStreamWriter.write() ends with the very response of the whole answer", () => {
  fc.assert(
    fc.property(chatStreams({ without: NOT_IN_RESPONSES }), ({ answer, events }) => {
      const last = sent(written(events)).at(-1);

      assert.deepEqual(last?.["response"], JSON.parse(JSON.stringify(writeResponse(answer, TOLD))));
    }),
    { numRuns: 300 },
  );
});

Deno.test("ResponsesStreamWriter.write() gives a stream that OpenAI's client puts together as the answer", async () => {
  await fc.assert(
    fc.asyncProperty(chatStreams({ without: NOT_IN_RESPONSES }), async ({ answer, events }) => {
      const client = clientOf(written(events), EVENT_STREAM);

      const response = await client.responses.stream({ model: "m", input: "x" }).finalResponse();

      const texts = partsOf(answer).map((part) => part.kind === "text" ? part.text : "");
      assert.equal(response.output_text, texts.join(""));
      assert.deepEqual(broughtBack(JSON.parse(JSON.stringify(response.output))), partsOf(answer));
    }),
    { numRuns: 60 },
  );
});

Deno.test("ResponsesStreamWriter.write() announces in its deltas all that its done events repeat", () => {
  fc.assert(fc.property(chatStreams({ without: NOT_IN_RESPONSES }), ({ events }) => {
    const told = sent(written(events));

    for (const kind of ["output_text", "refusal", "function_call_arguments", "reasoning_summary_text"]) {
      const place = (event: Record<string, unknown>) => `${event["item_id"]}/${event["content_index"]}`;
      const deltas = new Map<string, string>();
      for (const event of told) {
        if (event["type"] !== `response.${kind}.delta`) continue;
        deltas.set(place(event), (deltas.get(place(event)) ?? "") + String(event["delta"]));
      }
      const done = told.filter(({ type }) => type === `response.${kind}.done`);
      assert.deepEqual(
        new Map(done.map((event) => [place(event), event["text"] ?? event["refusal"] ?? event["arguments"]])),
        deltas,
      );
    }
  }));
});

Deno.test("ResponsesStreamWriter.write() fails in the open when the upstream fails", async () => {
  const events: ChatEvent[] = [
    START,
    { kind: "text", choice: 0, text: "Su" },
    { kind: "error", message: "Overloaded", code: "overloaded_error" },
    { kind: "text", choice: 0, text: "never" },
    { kind: "end" },
  ];

  const text = written(events);

  const told = sent(text);
  assert.deepEqual(told.slice(-2).map(({ type }) => type), ["error", "response.failed"]);
  assert.deepEqual(
    [told.at(-2)?.["message"], told.at(-2)?.["code"]],
    ["Overloaded", "overloaded_error"],
  );
  assert.ok(!text.includes("never") && !text.includes("response.completed"));
  await assert.rejects(
    clientOf(text, EVENT_STREAM).responses.stream({ model: "m", input: "x" }).finalResponse(),
    APIError,
  );
});

Deno.test("ResponsesStreamWriter.write() fails for an end that is no answer, when nothing came before", () => {
  const finish: ChatEvent = { kind: "finish", choice: 0, finish: { reason: "failed", native: "OTHER" } };

  const empty = sent(written([START, finish, { kind: "end" }]));
  const begun = sent(written([START, { kind: "text", choice: 0, text: "Su" }, finish, { kind: "end" }]));

  assert.deepEqual(empty.slice(-2).map(({ type }) => type), ["error", "response.failed"]);
  assert.equal(begun.at(-1)?.["type"], "response.incomplete");
});

Deno.test("ResponsesStreamWriter.write() never completes a stream without its end", () => {
  const text = written([START, { kind: "text", choice: 0, text: "Su" }, STOP]);

  assert.ok(!/response\.(?:completed|incomplete|failed)/.test(text));
});

Deno.test("ResponsesStreamWriter.write() tells calls apart whose arguments come in turn", () => {
  const call = (number: number): ChatEvent => ({
    kind: "tool_call",
    choice: 0,
    call: number,
    id: `c${number}`,
    name: "f",
  });
  const piece = (number: number, text: string): ChatEvent => ({
    kind: "tool_arguments",
    choice: 0,
    call: number,
    text,
  });

  const events = [
    START,
    call(0),
    piece(0, '{"a"'),
    call(1),
    piece(1, '{"b"'),
    piece(0, ":1}"),
    piece(1, ":2}"),
  ];
  const told = sent(written([...events, STOP, { kind: "end" }]));

  assert.deepEqual(broughtBack(record(told.at(-1)?.["response"])["output"]), [
    { kind: "tool_call", id: "c0", name: "f", arguments: '{"a":1}' },
    { kind: "tool_call", id: "c1", name: "f", arguments: '{"b":2}' },
  ]);
});

Deno.test("ResponsesStreamWriter.write() streams log probabilities with their text", async () => {
  const logprobs = [{ token: "Su", logprob: -1, top: [{ token: "Su", logprob: -1 }] }];
  const events: ChatEvent[] = [
    START,
    { kind: "text", choice: 0, text: "Su" },
    { kind: "logprobs", choice: 0, logprobs },
    STOP,
    { kind: "end" },
  ];

  const client = clientOf(written(events), EVENT_STREAM);
  const response = await client.responses.stream({ model: "m", input: "x" }).finalResponse();

  const [message] = response.output;
  const [content] = message?.type === "message" ? message.content : [];
  assert.deepEqual(content?.type === "output_text" ? content.logprobs : undefined, [{
    token: "Su",
    logprob: -1,
    bytes: [83, 117],
    top_logprobs: [{ token: "Su", logprob: -1, bytes: [83, 117] }],
  }]);
});

Deno.test("ResponsesStreamWriter.write() keeps the connection awake with comments, which are no events", () => {
  const writer = new ResponsesStreamWriter(TOLD);

  const early = writer.write({ kind: "ping" });
  const first = sent(writer.write(START));

  assert.equal(early, ": ping\n\n");
  assert.equal(first[0]?.["sequence_number"], 0);
});

Deno.test("ResponsesStreamWriter.write() stays a true stream whatever the order of events", () => {
  const shuffled = chatStreams({ without: ["choices"] }).chain(({ events }) =>
    fc.shuffledSubarray([...events], { minLength: 0, maxLength: events.length })
  );
  fc.assert(
    fc.property(shuffled, (events) => {
      const told = sent(written(events));

      assert.deepEqual(told.map(({ sequence_number }) => sequence_number), told.map((_, index) => index));
      const ends = told.filter(({ type }) =>
        /^response\.(?:completed|incomplete|failed)$/.test(String(type))
      );
      assert.equal(ends.length, events.some(({ kind }) => kind === "end") ? 1 : 0);
      assert.ok(ends.length === 0 || ends[0] === told.at(-1));
    }),
    { numRuns: 500 },
  );
});

function record(value: unknown): Record<string, unknown> {
  assert.ok(typeof value === "object" && value !== null);
  return Object.fromEntries(Object.entries(value));
}
