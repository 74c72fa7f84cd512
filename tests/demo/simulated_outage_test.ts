import assert from "node:assert/strict";
import type { Outage } from "../../src/demo/simulated_outage.ts";
import { ASK, at, call, credential, dataOf, KEY, NAMES, STREAM, withProvider } from "./simulated_support.ts";

const STATUSES = [
  ["openai", "http_500", 500],
  ["openai", "http_503", 503],
  ["openai", "overloaded", 503],
  ["anthropic", "http_500", 500],
  ["anthropic", "http_503", 503],
  ["anthropic", "overloaded", 529],
  ["gemini", "http_500", 500],
  ["gemini", "http_503", 503],
  ["gemini", "overloaded", 503],
] as const;

for (const [dialect, outage, status] of STATUSES) {
  Deno.test(`${dialect} in the outage ${outage} answers ${status} with its own error`, async () => {
    await withProvider({ dialect, outage }, async (provider) => {
      const got = await call(provider, ASK[dialect].path, ASK[dialect].body);

      assert.equal(got.status, status);
      assert.equal(typeof at(got.json, "error", "message"), "string");
      assert.equal(provider.served.get(KEY)?.failed, 1);
    });
  });
}

for (const dialect of NAMES) {
  Deno.test(`${dialect} in the outage html_502 answers HTML`, async () => {
    await withProvider({ dialect, outage: "html_502" }, async (provider) => {
      const got = await call(provider, ASK[dialect].path, ASK[dialect].body);

      assert.equal(got.status, 502);
      assert.equal(got.headers.get("content-type"), "text/html");
      assert.match(got.text, /502 Bad Gateway/);
    });
  });

  Deno.test(`${dialect} in the outage reset breaks the connection off, and works again after it`, async () => {
    await withProvider({ dialect, outage: "reset" }, async (provider) => {
      const { path, body } = ASK[dialect];
      await assert.rejects(call(provider, path, body));
      provider.setOutage(undefined);
      const got = await call(provider, path, body);

      assert.equal(got.status, 200);
      assert.deepEqual([provider.totals.failed, provider.totals.succeeded], [1, 1]);
    });
  });

  Deno.test(`${dialect} in the outage error_in_200 answers 200 with an error`, async () => {
    await withProvider({ dialect, outage: "error_in_200" }, async (provider) => {
      const got = await call(provider, ASK[dialect].path, ASK[dialect].body);

      assert.equal(got.status, 200);
      assert.equal(typeof at(got.json, "error", "message"), "string");
    });
  });

  Deno.test(`${dialect} in the outage empty_body answers 200 and nothing`, async () => {
    await withProvider({ dialect, outage: "empty_body" }, async (provider) => {
      const got = await call(provider, ASK[dialect].path, ASK[dialect].body);

      assert.deepEqual([got.status, got.text], [200, ""]);
    });
  });

  for (const afterEvents of [0, 1, 3]) {
    Deno.test(`${dialect} in the outage cut_stream breaks off after ${afterEvents} events`, async () => {
      await withProvider({ dialect, outage: { kind: "cut_stream", afterEvents } }, async (provider) => {
        const { text, isBroken } = await readBroken(provider.origin, STREAM[dialect]);

        assert.equal(isBroken, true);
        assert.equal(dataOf(text).length, afterEvents);
        assert.equal(provider.totals.failed, 1);
      });
    });
  }

  Deno.test(`${dialect} in the outage cut_stream sends half of an answer that is not streamed`, async () => {
    await withProvider({ dialect, outage: "cut_stream" }, async (provider) => {
      const { text, isBroken } = await readBroken(provider.origin, ASK[dialect]);

      assert.equal(isBroken, true);
      assert.throws(() => JSON.parse(text));
    });
  });

  Deno.test(`${dialect} in the outage stream_error_first fails before any content`, async () => {
    await withProvider({ dialect, outage: "stream_error_first" }, async (provider) => {
      const got = await call(provider, STREAM[dialect].path, STREAM[dialect].body);

      const events = dataOf(got.text);
      assert.equal(got.status, 200);
      assert.equal(typeof at(events.at(-1), "error", "message"), "string");
      assert.doesNotMatch(got.text, /one|\[DONE\]|message_stop|finishReason/);
    });
  });

  Deno.test(`${dialect} in the outage stream_error_midway fails after some content`, async () => {
    await withProvider({ dialect, outage: "stream_error_midway" }, async (provider) => {
      const got = await call(provider, STREAM[dialect].path, STREAM[dialect].body);

      const events = dataOf(got.text);
      assert.equal(typeof at(events.at(-1), "error", "message"), "string");
      assert.match(got.text, /one/);
      assert.doesNotMatch(got.text, /three|\[DONE\]|message_stop|finishReason/);
    });
  });
}

const EMPTY_PLACES = {
  openai: [["choices", 0, "message", "content"], ""],
  anthropic: [["content"], []],
  gemini: [["candidates", 0, "content", "parts"], undefined],
} as const;

for (const dialect of NAMES) {
  Deno.test(`${dialect} in the outage empty answers well-formed and without content`, async () => {
    await withProvider({ dialect, outage: "empty" }, async (provider) => {
      const plain = await call(provider, ASK[dialect].path, ASK[dialect].body);
      const streamed = await call(provider, STREAM[dialect].path, STREAM[dialect].body);

      const [path, value] = EMPTY_PLACES[dialect];
      assert.deepEqual(at(plain.json, ...path), value);
      assert.doesNotMatch(streamed.text, /one/);
      assert.match(streamed.text, /\[DONE\]|message_stop|finishReason/);
      assert.equal(provider.totals.outputTokens, 0);
    });
  });
}

Deno.test("the outage hang gives no answer until the caller leaves", async () => {
  await withProvider({ dialect: "openai", outage: "hang" }, async (provider) => {
    const gone = new AbortController();
    const pending = post(provider.origin, ASK.openai, gone.signal);
    while (provider.totals.inFlight === 0) await turn();
    gone.abort();

    await assert.rejects(pending);
    while (provider.totals.inFlight > 0) await turn();
    assert.equal(provider.totals.abandoned, 1);
  });
});

Deno.test("close() ends requests that hang", async () => {
  await withProvider({ dialect: "openai", outage: "hang" }, async (provider) => {
    const pending = post(provider.origin, ASK.openai).then(() => "answered", () => "broken off");
    while (provider.totals.inFlight === 0) await turn();
    await provider.close();

    assert.equal(await pending, "broken off");
    assert.equal(provider.totals.abandoned, 0);
  });
});

Deno.test("a caller that leaves inside a stream is counted as abandoned", async () => {
  await withProvider({ dialect: "openai", chunkDelayMs: 20 }, async (provider) => {
    const gone = new AbortController();
    const { path, body } = STREAM.openai;
    const long = { path, body: { ...body, messages: [{ role: "user", content: "say 500 words" }] } };
    const response = await post(provider.origin, long, gone.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    gone.abort();
    await reader?.read().catch(() => undefined);

    while (provider.totals.inFlight > 0) await turn();
    assert.equal(provider.totals.abandoned, 1);
    assert.equal(provider.totals.succeeded, 1);
  });
});

Deno.test("bursts strike the last requests of each period", async () => {
  const bursts = { every: 5, length: 2, outage: "http_503" as const };
  await withProvider({ dialect: "openai", bursts }, async (provider) => {
    const statuses: number[] = [];
    for (let number = 0; number < 10; number++) {
      statuses.push((await call(provider, ASK.openai.path, ASK.openai.body)).status);
    }

    assert.deepEqual(statuses, [200, 200, 200, 503, 503, 200, 200, 200, 503, 503]);
  });
});

Deno.test("the outage of a key strikes that key alone", async () => {
  const broken: { outage: Outage } = { outage: "http_500" };
  const keys = [{ secret: KEY, behaviour: "ok" as const }, { secret: "broken-key-1", behaviour: broken }];
  await withProvider({ dialect: "openai", keys }, async (provider) => {
    const good = await call(provider, ASK.openai.path, ASK.openai.body);
    const bad = await call(provider, ASK.openai.path, ASK.openai.body, credential("broken-key-1"));

    assert.deepEqual([good.status, bad.status], [200, 500]);
  });
});

Deno.test("bytesPerWrite cuts a stream anywhere and loses nothing", async () => {
  await withProvider({ dialect: "openai", bytesPerWrite: 1 }, async (provider) => {
    const body = { ...STREAM.openai.body, messages: [{ role: "user", content: "grüße 你好 🙂" }] };
    const got = await call(provider, STREAM.openai.path, body);

    const text = dataOf(got.text).map((event) => at(event, "choices", 0, "delta", "content") ?? "").join("");
    assert.equal(text, "grüße 你好 🙂");
  });
});

function post(
  origin: string,
  { path, body }: { readonly path: string; readonly body: unknown },
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(origin + path, {
    method: "POST",
    headers: credential(),
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What arrives of an answer before it breaks off. */
async function readBroken(
  origin: string,
  request: { readonly path: string; readonly body: unknown },
): Promise<{ text: string; isBroken: boolean }> {
  const response = await post(origin, request);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
      text += read.value;
    }
    return { text, isBroken: false };
  } catch {
    return { text, isBroken: true };
  }
}

/** Lets the server run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
