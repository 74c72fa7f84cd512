import assert from "node:assert/strict";
import fc from "fast-check";
import type { SseEvent } from "../../src/core/sse.ts";
import { MAX_EVENT_CHARS, SseEventTooLargeError, SseSplitter } from "../../src/core/sse.ts";

const UTF8 = new TextEncoder();

function split(text: string): SseEvent[] {
  return new SseSplitter().push(UTF8.encode(text));
}

const STREAMS:
  readonly (readonly [name: string, text: string, events: readonly SseEvent[], rest?: string])[] = [
    ["nothing", "", []],
    ["LF", "data: a\n\ndata: b\n\n", [{ name: "", data: "a" }, { name: "", data: "b" }]],
    ["CRLF", "event: x\r\ndata: a\r\n\r\n", [{ name: "x", data: "a" }]],
    ["CR", "event: x\rdata: a\r\rdata: b\r\r", [{ name: "x", data: "a" }, { name: "", data: "b" }]],
    ["mixed line ends", "data: a\r\n\ndata: b\r\n\r", [{ name: "", data: "a" }, { name: "", data: "b" }]],
    ["a byte order mark", "\ufeffdata: a\n\n", [{ name: "", data: "a" }]],
    ["several data lines", "data: a\ndata: b\ndata\n\n", [{ name: "", data: "a\nb\n" }]],
    ["no space, and two", "data:a\n\ndata:  b\n\n", [{ name: "", data: "a" }, { name: "", data: " b" }]],
    ["comments", ": OPENROUTER PROCESSING\n\n:\n\ndata: a\n: x\n\n", [{ name: "", data: "a" }]],
    ["unknown fields", "id: 1\nretry: 5\nfoo: bar\ndata: a\n\n", [{ name: "", data: "a" }]],
    ["an event without data", "event: ping\n\ndata: a\n\n", [{ name: "", data: "a" }]],
    ["empty data", "data:\n\n", [{ name: "", data: "" }]],
    ["colons in data", "data: a: b\n\n", [{ name: "", data: "a: b" }]],
    ["a name that does not outlive its event", "event: x\ndata: a\n\ndata: b\n\n", [
      { name: "x", data: "a" },
      { name: "", data: "b" },
    ]],
    [
      "a last event without its blank line",
      "data: a\n\ndata: [DONE]",
      [{ name: "", data: "a" }],
      "data: [DONE]",
    ],
    [
      "JSON after the last event",
      'data: a\r\n\r\n{\r\n  "error": {\r\n    "code": 503\r\n  }\r\n}\r\n\r\n',
      [{ name: "", data: "a" }],
      '{\n  "error": {\n    "code": 503\n  }\n}',
    ],
    ["line separators of Unicode inside data", "data: a\u2028b\u0085c\n\n", [{
      name: "",
      data: "a\u2028b\u0085c",
    }]],
  ];

for (const [name, text, events, rest = ""] of STREAMS) {
  Deno.test(`SseSplitter reads ${name}`, () => {
    const splitter = new SseSplitter();

    assert.deepEqual(splitter.push(UTF8.encode(text)), events);
    assert.equal(splitter.rest(), rest);
  });

  Deno.test(`SseSplitter reads ${name} byte by byte`, () => {
    const splitter = new SseSplitter();
    const seen: SseEvent[] = [];

    for (const byte of UTF8.encode(text)) seen.push(...splitter.push(Uint8Array.of(byte)));

    assert.deepEqual(seen, events);
    assert.equal(splitter.rest(), rest);
  });
}

const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
const line = fc.oneof(
  fc.tuple(fc.constantFrom("data: ", "data:", "event: ", ": ", "foo", ""), fc.string({ unit: "binary" })).map(
    ([field, text]) => field + text,
  ),
  fc.constant(""),
);
const stream = fc.array(fc.tuple(line, lineEnd)).map((lines) => lines.flat().join("") + "data: end\n\n");

Deno.test("SseSplitter gives the same events wherever the stream is cut", () => {
  fc.assert(fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (text, marks) => {
    const bytes = UTF8.encode(text);
    const cuts = [...new Set([0, ...marks.map((mark) => mark % bytes.length), bytes.length])].sort((a, b) =>
      a - b
    );
    const splitter = new SseSplitter();

    const seen = cuts.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(cuts[index], end)));

    assert.deepEqual(seen, split(text));
    assert.equal(splitter.rest(), "");
  }));
});

Deno.test("SseSplitter refuses an event of more than 1 MiB, in one piece or in many", () => {
  const line = UTF8.encode(`data: ${"x".repeat(MAX_EVENT_CHARS)}`);
  const pieces = new SseSplitter();
  const piece = UTF8.encode(`data: ${"x".repeat(65_530)}\n`);

  assert.throws(() => new SseSplitter().push(line), SseEventTooLargeError);
  assert.throws(() => {
    for (let count = 0; count < 20; count++) pieces.push(piece);
  }, SseEventTooLargeError);
});

Deno.test("SseSplitter carries any number of events and pings in one stream", () => {
  const splitter = new SseSplitter();
  const chunk = UTF8.encode(`event: ping\n\n: waiting\n\ndata: ${"x".repeat(9000)}\n\n`.repeat(10));

  for (let count = 0; count < 20; count++) assert.equal(splitter.push(chunk).length, 10);
});
