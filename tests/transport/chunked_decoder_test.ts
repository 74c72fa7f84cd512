import assert from "node:assert/strict";
import { ChunkedDecoder } from "../../src/transport/chunked_decoder.ts";
import { latin1 } from "../support/raw_server.ts";

const CODED = latin1('A;x="y"\r\n0123456789\r\n1\r\na\r\n03\r\n\r\n\0\r\n0\r\nx-sum: 1\r\n\r\nREST');
const PLAIN = "0123456789a\r\n\0";

Deno.test("ChunkedDecoder.take() gives the same payload wherever the bytes are split", () => {
  for (let first = 0; first <= CODED.length; first++) {
    for (let second = first; second <= CODED.length; second++) {
      const decoder = new ChunkedDecoder();
      let text = "";
      let at = 0;

      for (const end of [first, second, CODED.length]) {
        text += String.fromCharCode(...decoder.take(CODED, at, end));
        at = decoder.position;
      }

      assert.equal(text, PLAIN);
      assert.ok(decoder.isDone);
      assert.equal(at, CODED.length - 4);
    }
  }
});

Deno.test("ChunkedDecoder.take() gives a view of a single chunk and joins several", () => {
  const one = latin1("5\r\nhello\r\n");
  const two = latin1("2\r\nhe\r\n3\r\nllo\r\n");

  const single = new ChunkedDecoder().take(one, 0, one.length);
  const joined = new ChunkedDecoder().take(two, 0, two.length);

  assert.equal(single.buffer, one.buffer);
  assert.equal(String.fromCharCode(...joined), "hello");
  assert.notEqual(joined.buffer, two.buffer);
});

Deno.test("ChunkedDecoder.end() is no proper end before the last chunk", () => {
  const decoder = new ChunkedDecoder();
  const bytes = latin1("5\r\nhello\r\n0\r\n");

  decoder.take(bytes, 0, bytes.length);

  assert.equal(decoder.end(), false);
});
