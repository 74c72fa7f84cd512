import assert from "node:assert/strict";
import type { BodySource, Bytes } from "../../src/core/http.ts";
import { drained } from "../../src/proxy/caller_left.ts";
import type { Incoming } from "../../src/proxy/incoming.ts";
import { ProxiedRequest } from "../../src/proxy/proxied_request.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const INCOMING: Incoming = {
  method: "POST",
  path: "/v1/chat/completions",
  query: "",
  headers: [],
  remoteAddress: () => undefined,
  body: () => undefined,
  bytes: () => Promise.resolve(new Uint8Array()),
  onGone: () => {},
};

/** A body that ends when it is cancelled and not before: it gives `chunk` for ever, or nothing at all. */
class Endless implements BodySource {
  readonly cancelled = Promise.withResolvers<undefined>();
  readonly #chunk: Bytes | undefined;
  bytes = 0;
  isCancelled = false;

  constructor(chunk?: Bytes) {
    this.#chunk = chunk;
  }

  read(): Promise<Bytes | undefined> {
    if (this.isCancelled || this.#chunk === undefined) return this.cancelled.promise;
    this.bytes += this.#chunk.byteLength;
    return Promise.resolve(this.#chunk);
  }

  cancel(): void {
    this.isCancelled = true;
    this.cancelled.resolve(undefined);
  }
}

function leave(source: BodySource, rule: "abort" | "drain") {
  const ticker = new ManualTicker();
  const request = new ProxiedRequest("req_1", INCOMING, "openai", ticker, () => {});
  const answer = drained({ status: 200, headers: [], body: source }, request, { onClientGone: rule }, ticker);
  assert.ok(answer.body !== undefined && !(answer.body instanceof Uint8Array));
  return { ticker, request, body: answer.body };
}

Deno.test("drained() takes no more than a mebibyte for a caller that has left", async () => {
  const source = new Endless(new Uint8Array(100_000));
  const { body, request } = leave(source, "drain");

  body.cancel();
  await source.cancelled.promise;

  assert.equal(request.isGone, true);
  assert.ok(source.bytes > 1_000_000 && source.bytes < 1_300_000, `${source.bytes} bytes`);
});

Deno.test("drained() takes no longer than half a minute for a caller that has left", async () => {
  const source = new Endless();
  const { body, ticker } = leave(source, "drain");

  const pending = body.read();
  body.cancel();
  ticker.advance(29_000);
  const wasCancelled = source.isCancelled;
  ticker.advance(1_000);
  await pending;

  assert.equal(wasCancelled, false);
  assert.equal(source.isCancelled, true);
});

Deno.test("drained() breaks off at once what an operator cancels, and what is not to be drained", () => {
  const cancelled = new Endless();
  const aborted = new Endless();
  const first = leave(cancelled, "drain");
  const second = leave(aborted, "abort");

  first.request.cancel();
  second.body.cancel();

  assert.equal(cancelled.isCancelled, true);
  assert.equal(aborted.isCancelled, true);
});
