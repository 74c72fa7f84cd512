import { SseSplitter } from "../../src/core/sse.ts";
import { Losses } from "../../src/translate/losses.ts";
import { OPENAI_CHAT_CALLER } from "../../src/translate/openai_chat_caller.ts";
import { OPENAI_CHAT_UPSTREAM } from "../../src/translate/openai_chat_upstream.ts";
import { answerTold, fixture, requestTold } from "./openai_chat_support.ts";

/** `deno bench -A tests/translate/openai_chat_bench.ts`: a chunk below 20 µs, a request of 1 MB below 20 ms. */

const WORDS = "Some words of a talk that goes on and on, as talks of agents do.";

const REQUESTS: readonly (readonly [name: string, messages: readonly unknown[]])[] = [
  ["one image", [{
    role: "user",
    content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(1_000_000)}` } }],
  }]],
  [
    "10,000 messages",
    Array.from({ length: 10_000 }, (_, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      content: WORDS,
    })),
  ],
  [
    "7,500 messages of parts",
    Array.from({ length: 7_500 }, (_, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      content: [{ type: "text", text: WORDS }],
    })),
  ],
  [
    "3,300 tool calls",
    Array.from({ length: 3_300 }, (_, index) => [
      {
        role: "assistant",
        content: null,
        tool_calls: [{
          id: `call_${index}`,
          type: "function",
          function: { name: "read_file", arguments: JSON.stringify({ path: `/a/b/${index}`, limit: 100 }) },
        }],
      },
      { role: "tool", tool_call_id: `call_${index}`, content: WORDS },
    ]).flat(),
  ],
];

for (const [name, messages] of REQUESTS) {
  const body = { model: "some-model", messages };
  Deno.bench({
    name: `request of 1 MB: ${name} (${JSON.stringify(body).length} bytes)`,
    group: "request",
    fn() {
      const read = OPENAI_CHAT_CALLER.readRequest(
        body,
        { model: undefined, isStream: false },
        new Losses(),
      );
      OPENAI_CHAT_UPSTREAM.writeRequest(read, requestTold());
    },
  });
}

const events = new SseSplitter().push(new TextEncoder().encode(fixture("chat_stream_tool_calls.sse")));
const text = new SseSplitter().push(new TextEncoder().encode(fixture("chat_stream.sse")))[1];
const begun = events.slice(0, 2);

for (const [name, event] of [["text", text], ["tool arguments", events[2]]] as const) {
  if (event === undefined) continue;
  const reader = OPENAI_CHAT_UPSTREAM.openStream();
  const writer = OPENAI_CHAT_CALLER.openStream(answerTold());
  for (const first of begun) for (const said of reader.read(first)) writer.write(said);
  Deno.bench({
    name: `chunk: ${name}`,
    group: "chunk",
    fn() {
      for (const said of reader.read(event)) writer.write(said);
    },
  });
}
