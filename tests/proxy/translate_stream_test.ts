import assert from "node:assert/strict";
import { GoogleRepairStream } from "../../src/proxy/google_repair.ts";
import { TranslatedStream } from "../../src/proxy/translate_stream.ts";
import type { ChatRequest } from "../../src/translate/chat_request.ts";
import type { AnswerTold, ChatProtocol } from "../../src/translate/sides.ts";
import { callerSideOf, type SpokenDialect, upstreamSideOf } from "../../src/translate/translations.ts";
import { mutatedStream, randomOf } from "../translate/mutate.ts";

const FIXTURES: Readonly<Record<SpokenDialect, readonly string[]>> = {
  openai: [
    "chat_stream",
    "chat_stream_tool_calls",
    "chat_deepseek_stream",
    "chat_gemini_endpoint_stream",
    "chat_openrouter_error",
  ],
  anthropic: ["text", "tool_use", "parallel_tools", "thinking", "overloaded", "refusal", "web_search"],
  gemini: ["text", "tool_call", "parallel_calls", "overloaded", "prompt_blocked", "search"],
};
const DIALECTS = ["openai", "anthropic", "gemini"] as const;
const PROTOCOLS: readonly ChatProtocol[] = ["openai_chat", "openai_responses", "anthropic", "gemini"];
const REQUEST: ChatRequest = { model: "m", system: [], turns: [], tools: [], isStream: true };
const TOLD: AnswerTold = {
  model: "m",
  requestId: "req_1",
  nowSeconds: 1,
  mustTellUsage: true,
  isJsonArray: false,
  request: REQUEST,
};
/** What only a whole answer ends with. */
const END_MARKS: Readonly<Record<ChatProtocol, RegExp>> = {
  openai_chat: /^data: \[DONE\]$/m,
  openai_responses: /^event: response\.(?:completed|incomplete)$/m,
  anthropic: /^event: message_stop$/m,
  gemini: /"finishReason":|"blockReason":/,
};
const FUZZ_STREAMS = 5_000;

function read(dialect: SpokenDialect, name: string): string {
  const url = new URL(`../fixtures/${dialect}/${name}.sse`, import.meta.url);
  return Deno.readTextFileSync(url);
}

function open(dialect: SpokenDialect, protocol: ChatProtocol): TranslatedStream {
  return new TranslatedStream(
    "text/event-stream",
    upstreamSideOf(dialect).openStream(),
    callerSideOf(protocol).openStream(TOLD),
    undefined,
  );
}

/** All that a stream tells of these bytes, in pieces as `random` cuts them. */
function translate(
  stream: TranslatedStream | GoogleRepairStream,
  bytes: Uint8Array<ArrayBuffer>,
  lengthOf: () => number,
): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + lengthOf());
    text += stream.push(bytes.slice(at, end));
    at = end;
  }
  return text + stream.close() + stream.breakOff("cut");
}

Deno.test("TranslatedStream tells the same however its bytes are cut", () => {
  for (const dialect of DIALECTS) {
    for (const name of FIXTURES[dialect]) {
      const bytes = new TextEncoder().encode(read(dialect, name));
      for (const protocol of PROTOCOLS) {
        const whole = translate(open(dialect, protocol), bytes, () => bytes.length);
        const single = translate(open(dialect, protocol), bytes, () => 1);
        const random = randomOf(7);
        const pieces = translate(open(dialect, protocol), bytes, () => 1 + random(40));

        assert.equal(single, whole, `${dialect}/${name} -> ${protocol}`);
        assert.equal(pieces, whole, `${dialect}/${name} -> ${protocol}`);
      }
    }
  }
});

Deno.test("TranslatedStream never ends a cut stream as if it were whole, wherever it is cut", () => {
  for (const dialect of DIALECTS) {
    const bytes = new TextEncoder().encode(read(dialect, FIXTURES[dialect][0] ?? ""));
    for (const protocol of PROTOCOLS) {
      for (let end = 0; end < bytes.length; end += 7) {
        const stream = open(dialect, protocol);
        const text = translate(stream, bytes.slice(0, end), () => end);

        assert.notEqual(stream.state, "open");
        if (stream.state === "failed") {
          assert.doesNotMatch(text, END_MARKS[protocol], `${dialect} -> ${protocol} at ${end}`);
        }
      }
    }
  }
});

Deno.test("TranslatedStream crashes on no mutated stream, and tells an end mark only of what ended", () => {
  const streams = DIALECTS.flatMap((dialect) =>
    FIXTURES[dialect].map((name) => ({ dialect, text: read(dialect, name) }))
  );
  for (let seed = 1; seed <= FUZZ_STREAMS; seed++) {
    const { dialect, text } = streams[seed % streams.length] ?? { dialect: "openai", text: "" };
    const protocol = PROTOCOLS[seed % PROTOCOLS.length] ?? "openai_chat";
    const random = randomOf(seed);
    const stream = open(dialect, protocol);

    const told = translate(stream, mutatedStream(text, seed), () => 1 + random(200));

    assert.notEqual(stream.state, "open", `seed ${seed}`);
    if (stream.state === "failed") {
      assert.doesNotMatch(told, END_MARKS[protocol], `seed ${seed}: ${dialect} -> ${protocol}`);
    }
  }
});

Deno.test("GoogleRepairStream tells the same however its bytes are cut, and crashes on no mutated stream", () => {
  const text = read("openai", "chat_gemini_endpoint_stream");
  const bytes = new TextEncoder().encode(text);

  const whole = translate(new GoogleRepairStream(), bytes, () => bytes.length);
  const single = translate(new GoogleRepairStream(), bytes, () => 1);
  const states = new Set<string>();
  for (let seed = 1; seed <= FUZZ_STREAMS / 5; seed++) {
    const stream = new GoogleRepairStream();
    const told = translate(stream, mutatedStream(text, seed), () => 64);
    states.add(stream.state);
    if (stream.state === "failed") assert.doesNotMatch(told, END_MARKS.openai_chat, `seed ${seed}`);
  }

  assert.equal(single, whole);
  assert.deepEqual([...states].sort(), ["ended", "failed"]);
});

Deno.test("TranslatedStream tells an error for an end before which nothing was answered", () => {
  const event = { candidates: [{ index: 0, finishReason: "MALFORMED_FUNCTION_CALL" }], responseId: "r" };
  const bytes = new TextEncoder().encode(`data: ${JSON.stringify(event)}\r\n\r\n`);
  const stream = open("gemini", "openai_chat");

  const text = translate(stream, bytes, () => bytes.length);

  assert.equal(stream.state, "failed");
  assert.match(text, /MALFORMED_FUNCTION_CALL/);
  assert.doesNotMatch(text, /\[DONE\]/);
});

Deno.test("TranslatedStream cuts keys out of an error's words", () => {
  const error = {
    type: "error",
    error: { type: "overloaded_error", message: "key sk-ant-secret0001 is busy" },
  };
  const bytes = new TextEncoder().encode(`event: error\ndata: ${JSON.stringify(error)}\n\n`);
  const stream = open("anthropic", "gemini");

  const text = translate(stream, bytes, () => bytes.length);

  assert.match(text, /key \[redacted\] is busy/);
  assert.equal(stream.failure, "key [redacted] is busy");
});
