import { SseSplitter } from "../../src/core/sse.ts";
import type { DialectName } from "../../src/core/provider.ts";
import type { ChatEvent } from "../../src/translate/chat_answer.ts";
import { Losses } from "../../src/translate/losses.ts";
import type { CallerSide, ChatProtocol, StreamReader, StreamWriter } from "../../src/translate/sides.ts";
import { callerSideOf, type SpokenDialect, upstreamSideOf } from "../../src/translate/translations.ts";

/**
 * What a translation costs, for every pair: a streamed chunk from its bytes to the caller's text (below 20 µs), and a
 * request of 1 MB from its parsed body to the upstream's (below 20 ms): `deno bench -A tests/bench/translate_bench.ts`.
 */

const CALLERS: readonly ChatProtocol[] = ["openai_chat", "openai_responses", "anthropic", "gemini"];
const UPSTREAMS: readonly SpokenDialect[] = ["openai", "anthropic", "gemini"] satisfies DialectName[];
const WORDS = "Some words of a talk that goes on and on, as talks of agents do, until it ends.";
const TURNS = 10_001;
const IMAGE = "A".repeat(1_000_000);
const TOOL = { name: "get_weather", description: WORDS };
const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const encoder = new TextEncoder();

/** Which chunk a stream starts with, and which one comes again and again. */
const CHUNKS: Readonly<Record<SpokenDialect, readonly [first: readonly unknown[], again: unknown]>> = {
  openai: [[openAiChunk({ role: "assistant", content: "" })], openAiChunk({ content: " talk" })],
  anthropic: [
    [
      {
        type: "message_start",
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "claude-sonnet-4-5",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 25, output_tokens: 1 },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    ],
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: " talk" } },
  ],
  gemini: [[geminiChunk("Some")], geminiChunk(" talk")],
};

/** Bodies of 1 MB: a talk of many turns, and one image. */
const BODIES: Readonly<Record<ChatProtocol, readonly [talk: unknown, image: unknown]>> = {
  openai_chat: pairOf((content) => ({
    model: "some-model",
    messages: content ?? turns((role) => ({ role, content: WORDS })),
    tools: [{ type: "function", function: { ...TOOL, parameters: SCHEMA } }],
  }), [{
    role: "user",
    content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${IMAGE}` } }],
  }]),
  openai_responses: pairOf((content) => ({
    model: "some-model",
    input: content ?? turns((role) => ({ role, content: WORDS })),
    tools: [{ type: "function", ...TOOL, parameters: SCHEMA }],
  }), [{ role: "user", content: [{ type: "input_image", image_url: `data:image/png;base64,${IMAGE}` }] }]),
  anthropic: pairOf((content) => ({
    model: "some-model",
    max_tokens: 1000,
    messages: content ?? turns((role) => ({ role, content: WORDS })),
    tools: [{ ...TOOL, input_schema: SCHEMA }],
  }), [{
    role: "user",
    content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: IMAGE } }],
  }]),
  gemini: pairOf((content) => ({
    contents: content ??
      turns((role) => ({ role: role === "user" ? "user" : "model", parts: [{ text: WORDS }] })),
    tools: [{ functionDeclarations: [{ ...TOOL, parametersJsonSchema: SCHEMA }] }],
  }), [{ role: "user", parts: [{ inlineData: { mimeType: "image/png", data: IMAGE } }] }]),
};

for (const dialect of UPSTREAMS) {
  for (const protocol of CALLERS) {
    const chunk = encoder.encode(eventOf(CHUNKS[dialect][1]));
    let stream = openStream(dialect, protocol);
    let chunks = 0;
    Deno.bench({
      name: `${protocol} <- ${dialect}`,
      group: "chunk",
      fn: () => {
        // A stream of some length: what a writer must keep grows with it, as it does in truth.
        if (++chunks % 5_000 === 0) stream = openStream(dialect, protocol);
        pass(stream, chunk);
      },
    });
  }
}

for (const protocol of CALLERS) {
  for (const dialect of UPSTREAMS) {
    const [talk, image] = BODIES[protocol];
    const name = `${protocol} -> ${dialect}`;
    Deno.bench({
      name: `${name}, ${TURNS} turns`,
      group: "1 MB request",
      fn: () => void translate(protocol, dialect, talk),
    });
    Deno.bench({
      name: `${name}, one image`,
      group: "1 MB request",
      fn: () => void translate(protocol, dialect, image),
    });
  }
}

interface OpenStream {
  readonly splitter: SseSplitter;
  readonly reader: StreamReader;
  readonly writer: StreamWriter;
}

function openStream(dialect: SpokenDialect, protocol: ChatProtocol): OpenStream {
  const caller = callerSideOf(protocol);
  const stream: OpenStream = {
    splitter: new SseSplitter(),
    reader: upstreamSideOf(dialect).openStream(),
    writer: caller.openStream({
      model: "some-model",
      requestId: "request-1",
      nowSeconds: 1_700_000_000,
      mustTellUsage: true,
      isJsonArray: false,
      request: read(caller, BODIES[protocol][1]),
    }),
  };
  for (const first of CHUNKS[dialect][0]) pass(stream, encoder.encode(eventOf(first)));
  if (pass(stream, encoder.encode(eventOf(CHUNKS[dialect][1]))) === "") {
    throw new Error(`Cannot measure ${protocol} <- ${dialect}: a chunk writes nothing`);
  }
  return stream;
}

function pass({ splitter, reader, writer }: OpenStream, bytes: Uint8Array): string {
  let text = "";
  for (const event of splitter.push(bytes)) {
    for (const told of reader.read(event)) text += writer.write(refuseError(told));
  }
  return text;
}

function refuseError(event: ChatEvent): ChatEvent {
  if (event.kind === "error") throw new Error(`Cannot measure: ${event.message}`);
  return event;
}

function translate(protocol: ChatProtocol, dialect: SpokenDialect, body: unknown): unknown {
  const caller = callerSideOf(protocol);
  const request = read(caller, body);
  return upstreamSideOf(dialect).writeRequest(request, {
    losses: new Losses(),
    nameOf: caller.nameOf,
    recall: () => undefined,
  });
}

function read(caller: CallerSide, body: unknown) {
  return caller.readRequest(body, { model: "some-model", isStream: true }, new Losses());
}

function eventOf(data: unknown): string {
  const type = typeof data === "object" && data !== null && "type" in data ? `event: ${data.type}\n` : "";
  return `${type}data: ${JSON.stringify(data)}\n\n`;
}

function openAiChunk(delta: Readonly<Record<string, unknown>>): unknown {
  return {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "gpt-5",
    service_tier: "default",
    system_fingerprint: "fp_1",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
    usage: null,
    obfuscation: "a1b2c3d4",
  };
}

function geminiChunk(text: string): unknown {
  return {
    candidates: [{ content: { parts: [{ text }], role: "model" }, index: 0 }],
    usageMetadata: {
      promptTokenCount: 25,
      candidatesTokenCount: 3,
      totalTokenCount: 28,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 25 }],
    },
    modelVersion: "gemini-2.5-flash",
    responseId: "response-1",
  };
}

function turns(form: (role: "user" | "assistant") => unknown): unknown[] {
  return Array.from({ length: TURNS }, (_, index) => form(index % 2 === 0 ? "user" : "assistant"));
}

function pairOf(bodyOf: (content: unknown) => unknown, image: unknown): [unknown, unknown] {
  return [bodyOf(undefined), bodyOf(image)];
}
