import assert from "node:assert/strict";
import type { BodySource, Bytes } from "../../src/core/http.ts";
import { FrontUnderTest } from "./front_under_test.ts";

const GET = "GET /v1/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/** A body of two chunks, of which the first is there after so many turns of the microtask queue. */
function bodyAfter(turns: number): BodySource {
  let reads = 0;
  return {
    async read(): Promise<Bytes | undefined> {
      reads++;
      for (let turn = 0; turn < turns; turn++) await undefined;
      return reads > 2 ? undefined : new TextEncoder().encode(reads === 1 ? "first " : "second");
    },
    cancel() {},
  };
}

for (const turns of [0, 1, 2, 3, 5, 10, 100]) {
  Deno.test(`startFront() loses nothing of a body whose first chunk comes ${turns} turns after its head`, async () => {
    const headers: [string, string][] = [["content-type", "text/event-stream"]];
    await using under = new FrontUnderTest({
      relay: () => Promise.resolve({ status: 200, headers, body: bodyAfter(turns) }),
    });

    const text = await under.exchange(GET);

    assert.match(text, /6\r\nfirst \r\n6\r\nsecond\r\n0\r\n\r\n$/);
  });
}
