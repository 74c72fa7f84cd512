import { FetchTransport } from "../../src/transport/fetch.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import { createDial } from "../../src/transport/dial.ts";
import { type Body, isBytes } from "../../src/core/http.ts";
import {
  type SendLimits,
  type Transport,
  TransportError,
  type UpstreamRequest,
} from "../../src/transport/transport.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

/** Different for each phase, so that a test sees which one ran out. */
export const LIMITS: SendLimits = {
  connectTimeoutMs: 1_000,
  firstByteTimeoutMs: 2_000,
  idleTimeoutMs: 3_000,
  deadlineMs: Infinity,
};

export interface Fixture {
  readonly transport: Transport;
  readonly ticker: ManualTicker;
  readonly kind: "http1" | "fetch";
}

/** Runs one test for each implementation of `Transport`. */
export function testBoth(
  name: string,
  run: (fixture: Fixture) => Promise<void>,
  caCerts: readonly string[] = [],
): void {
  Deno.test(`Http1Transport.${name}`, async () => {
    const ticker = new ManualTicker();
    const transport = new Http1Transport({ ticker, dial: createDial({ caCerts }) });
    try {
      await run({ transport, ticker, kind: "http1" });
    } finally {
      transport.close();
    }
  });
  Deno.test(`FetchTransport.${name}`, async () => {
    const ticker = new ManualTicker();
    const client = Deno.createHttpClient({ caCerts: [...caCerts], http2: false });
    const transport = new FetchTransport({ ticker, client });
    try {
      await run({ transport, ticker, kind: "fetch" });
    } finally {
      transport.close();
      client.close();
    }
  });
}

/** A plain GET of `/`. */
export function get(origin: UpstreamRequest["origin"], more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return { origin, method: "GET", path: "/", headers: [], ...more };
}

/** The whole body, one char a byte. */
export async function textOf(body: Body): Promise<string> {
  let text = "";
  if (isBytes(body)) return latin1Text(body);
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
    text += latin1Text(chunk);
  }
  return text;
}

/** The `TransportError` that a promise rejects with; fails on anything else. */
export async function failureOf(promise: Promise<unknown>): Promise<TransportError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new Error("nothing failed");
}

/** Lets the event loop go round: what has arrived is delivered. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Goes round until a condition holds; gives up after some seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 3_000 && !condition(); i++) await turn();
  if (!condition()) throw new Error("what was waited for did not happen");
}

function latin1Text(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
