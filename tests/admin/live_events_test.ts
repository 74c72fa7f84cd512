import assert from "node:assert/strict";
import { raw } from "hono/html";
import { LiveEvents, type LivePart } from "../../src/admin/live_events.ts";
import { createLog } from "../../src/log.ts";
import type { Markup } from "../../views/markup.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const LOG = createLog("silent", () => {}, (line) => line);

/** A part whose state is in the test's hands, and which counts how often it is asked. */
class Shown implements LivePart {
  readonly key: string;
  readonly elementId: string;
  state = "one";
  asked = 0;

  constructor(name: string) {
    this.key = name;
    this.elementId = `part-${name}`;
  }

  version(): string {
    this.asked++;
    return this.state;
  }

  render(): Markup | Promise<Markup> {
    return raw(`<p id="${this.elementId}">${this.state}</p>`);
  }
}

function readerOf(response: Response): () => Promise<string | undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return async () => (await reader?.read())?.value;
}

Deno.test("LiveEvents sends what has changed, as a fragment for its place, and nothing else", async () => {
  const ticker = new ManualTicker();
  const hub = new LiveEvents(ticker, LOG);
  const [a, b] = [new Shown("a"), new Shown("b")];
  const left = new AbortController();
  const read = readerOf(hub.open(() => [a, b], left.signal));
  const hello = await read();

  ticker.advance(250);
  b.state = "two\nlines";
  ticker.advance(250);
  const changed = await read();
  hub.close();

  assert.equal(hello, ": hello\n\n");
  assert.equal(
    changed,
    `data: <hx-partial hx-target="#part-b" hx-swap="outerMorph"><p id="part-b">two\ndata: lines</p></hx-partial>\n\n`,
  );
  assert.equal(await read(), undefined, "close() ends the stream");
});

Deno.test("LiveEvents asks once however many look, and not at all when nobody does", async () => {
  const ticker = new ManualTicker();
  const hub = new LiveEvents(ticker, LOG);
  const shown = new Shown("a");
  const left = [new AbortController(), new AbortController(), new AbortController()];
  const streams = left.map(({ signal }) => hub.open(() => [shown], signal));
  const atFirst = shown.asked;

  ticker.advance(250);
  const perLook = shown.asked - atFirst;
  for (const each of left) each.abort();
  ticker.advance(2_500);
  const afterwards = shown.asked - atFirst - perLook;
  for (const { body } of streams) await body?.cancel();

  assert.deepEqual([perLook, afterwards, hub.streamCount], [1, 0, 0]);
});

Deno.test("LiveEvents ends a stream after five minutes, so that whoever may not look any more does not", async () => {
  const ticker = new ManualTicker();
  const hub = new LiveEvents(ticker, LOG);
  const read = readerOf(hub.open(() => [], new AbortController().signal));
  await read();

  ticker.advance(5 * 60_000);
  const last = await read();

  assert.deepEqual([last, hub.streamCount], [undefined, 0]);
});

Deno.test("LiveEvents ends the stream of a part that cannot be shown, and goes on with the others", async () => {
  const ticker = new ManualTicker();
  const hub = new LiveEvents(ticker, LOG);
  const [good, bad] = [new Shown("good"), new Shown("bad")];
  bad.render = () => Promise.reject(new Error("Cannot render"));
  const [readGood, readBad] = [good, bad].map((part) =>
    readerOf(hub.open(() => [part], new AbortController().signal))
  );
  await Promise.all([readGood?.(), readBad?.()]);

  good.state = bad.state = "two";
  ticker.advance(250);
  const [shown, ended] = await Promise.all([readGood?.(), readBad?.()]);
  hub.close();
  await readGood?.();

  assert.match(shown ?? "", /part-good/);
  assert.equal(ended, undefined);
});
