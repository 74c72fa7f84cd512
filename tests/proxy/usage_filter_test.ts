import assert from "node:assert/strict";
import type { BodySource, Bytes } from "../../src/core/http.ts";
import { collect } from "../../src/proxy/collect.ts";
import { UsageFilter } from "../../src/proxy/usage_filter.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const CHUNK = 'data: {"choices":[{"index":0,"delta":{"content":"é \\"choices\\":[] ✓"}}],"usage":null}';
const FILTERED = 'data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}],"usage":null}';
const USAGE = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}';
const SPACED = 'data: {"id": "c", "choices": [ ], "usage": {"prompt_tokens": 3, "completion_tokens": 5}}';
const EVENTS = [": comment", FILTERED, CHUNK, CHUNK, USAGE, "data: [DONE]"];

/** A source that gives these bytes in pieces of a size. */
function piecesOf(text: string, size: number): BodySource {
  const bytes = encoder.encode(text);
  let at = 0;
  return {
    read() {
      const piece: Bytes | undefined = at < bytes.length ? bytes.slice(at, at + size) : undefined;
      at += size;
      return Promise.resolve(piece);
    },
    cancel() {},
  };
}

async function passed(filter: UsageFilter, text: string, size: number): Promise<string> {
  return decoder.decode(await collect(filter.clean(piecesOf(text, size)), 1 << 24));
}

for (const [name, end] of [["LF", "\n\n"], ["CRLF", "\r\n\r\n"]] as const) {
  Deno.test(`UsageFilter takes out the usage and nothing else, wherever a stream with ${name} is cut`, async () => {
    const text = EVENTS.map((event) => event + end).join("");
    const expected = EVENTS.filter((event) => event !== USAGE).map((event) => event + end).join("");

    for (let size = 1; size <= encoder.encode(text).length; size++) {
      const filter = new UsageFilter();
      const got = await passed(filter, text, size);

      assert.equal(got, expected, `in pieces of ${size}`);
      assert.deepEqual(filter.usage, { inputTokens: 3, outputTokens: 5 });
    }
  });
}

Deno.test("UsageFilter.clean() takes the usage out of a stream that came whole, and knows it with blanks inside", () => {
  const filter = new UsageFilter();

  const body = filter.clean(encoder.encode(`${CHUNK}\n\n${SPACED}\n\ndata: [DONE]\n\n`));

  assert.ok(body instanceof Uint8Array);
  assert.equal(decoder.decode(body), `${CHUNK}\n\ndata: [DONE]\n\n`);
  assert.deepEqual(filter.usage, { inputTokens: 3, outputTokens: 5 });
});

Deno.test("UsageFilter takes the usage out of a last event that lacks its empty line", async () => {
  const filter = new UsageFilter();

  const got = await passed(filter, `${CHUNK}\n\n${USAGE}`, 7);

  assert.equal(got, `${CHUNK}\n\n`);
  assert.deepEqual(filter.usage, { inputTokens: 3, outputTokens: 5 });
});

Deno.test("UsageFilter lets a usage pass that stands beside a choice, and usage that is none", async () => {
  const text = [
    'data: {"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":3}}\n\n',
    'data: {"choices":[],"usage":"much"}\n\n',
    'data: "choices":[] "usage":{}\n\n',
  ].join("");
  const filter = new UsageFilter();

  const got = await passed(filter, text, 50);

  assert.equal(got, text);
  assert.equal(filter.usage, undefined);
});

Deno.test("UsageFilter passes an event on that is longer than any usage before it has ended", async () => {
  const filter = new UsageFilter();
  const long = `data: {"choices":[{"delta":{"content":"${"x".repeat(200_000)}"}}]}\n\n`;
  const body = filter.clean(piecesOf(long, 10_000));
  assert.ok(!(body instanceof Uint8Array));

  const first = await body.read();
  const rest = decoder.decode(await collect(body, 1 << 24));

  assert.ok((first?.length ?? 0) < 100_000, "it does not wait for the event's end");
  assert.equal(decoder.decode(first) + rest, long);
});
