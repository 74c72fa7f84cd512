import assert from "node:assert/strict";
import type { Bytes } from "../../src/core/http.ts";
import { type Answer, toResponse } from "../../src/proxy/answer.ts";
import { fromRequest, type Incoming } from "../../src/proxy/incoming.ts";
import { FrontUnderTest, RawClient } from "./front_under_test.ts";

const CASES = 2_000;
const END = '"end":1}';
/** What follows each generated request, so that nobody waits for the rest of a body that claims too much. */
const FOLLOWING = "GET /v1/end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".repeat(90);

/** What a server made of a request. */
async function describe(incoming: Incoming): Promise<Answer> {
  const { method, path, query } = incoming;
  const bytes = await incoming.bytes();
  // A `Request` of GET has no body, whatever came.
  const text = method === "GET" ? "" : String.fromCharCode(...bytes);
  const headers: Record<string, string> = {};
  for (const [name, value] of incoming.headers) {
    const known = headers[name] ?? "";
    headers[name] = known === "" ? value : `${known}, ${value}`;
  }
  const sorted = Object.entries(headers).sort();
  const json = JSON.stringify({ method, path, query, text, headers: sorted, end: 1 });
  const body: Bytes = new TextEncoder().encode(json);
  return { status: 200, headers: [], body };
}

Deno.test({
  name: "startFront() takes no request otherwise than Deno.serve does",
  // Its server closes after a trailer field, and takes no "%" in a method: nothing to be measured by.
  ignore: Deno.version.deno.startsWith("2.5."),
}, async () => {
  const served = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => describe(fromRequest(request)).then(toResponse),
  );
  await using under = new FrontUnderTest({
    relay: describe,
    fallback: (request) => describe(fromRequest(request)).then(toResponse),
  });
  const random = createRandom(20_261_121);
  let taken = 0;
  let refused = 0;

  for (let index = 0; index < CASES; index++) {
    const request = mutate(generate(random), random);
    const own = described(await under.exchange(request + FOLLOWING));
    if (own.length === 0) refused++;
    taken += own.length;
    const platform = await ask(served.addr.port, request + FOLLOWING, own.length);
    assert.deepEqual(own, platform, JSON.stringify(request));
  }

  await served.shutdown();
  assert.ok(refused > CASES / 20 && taken > CASES, `${refused} refused, ${taken} taken`);
});

async function ask(port: number, request: string, count: number): Promise<string[]> {
  if (count === 0) return [];
  const client = new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  try {
    await client.send(request);
    let text = "";
    for (let index = 0; index < count; index++) text += await client.readUntil(END);
    return described(text);
  } finally {
    client.close();
  }
}

function described(text: string): string[] {
  return text.match(/\{"method":.*?"end":1\}/g) ?? [];
}

type Random = (below: number) => number;

function generate(random: Random): string {
  const pick = (...choices: string[]) => choices[random(choices.length)] ?? "";
  const target = pick("/v1/x", "/v1/chat/completions", "/page", "http://a/v1/y", "/v1/%2e", "/v1//z", "/") +
    pick("", "", "?", "?a=b", "?a=b?c&d=%20", "?/..");
  const version = pick("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0");
  const method = pick("POST", "POST", "GET", "PUT", "DELETE", "PATCH", "get");
  let head = `${method} ${target} ${version}\r\n${pick("Host: a", "host:a", "HOST:  a ")}\r\n`;
  for (let count = random(4); count > 0; count--) {
    head += `${pick("X-A", "x-b", "Accept", "X_C", "Authorization")}:${pick("", " ", "\t")}` +
      `${pick("b", "c d", "", "\xe9\xff", "a:b", "1,2", '"q"')}${pick("", " ", "\t ")}\r\n`;
  }
  head += pick("", "", "", "Connection: keep-alive\r\n", "Connection: close\r\n", "Connection: x, Close\r\n");
  const text = "0123456789abcdef\r\n".slice(0, random(19));
  if (version === "HTTP/1.0" || random(2) === 0) {
    return text === "" ? `${head}\r\n` : `${head}Content-Length: ${text.length}\r\n\r\n${text}`;
  }
  const coded = text === "" ? "" : `${text.length.toString(16)}${pick("", ";a", ";a=b")}\r\n${text}\r\n`;
  return `${head}Transfer-Encoding: ${pick("chunked", "Chunked")}\r\n\r\n${coded}0\r\n${
    pick("", "X: y\r\n")
  }\r\n`;
}

/** Half of the requests stay as they are; in the others a byte or two is inserted, replaced or left out. */
function mutate(request: string, random: Random): string {
  let text = request;
  for (let count = random(2) * (1 + random(2)); count > 0; count--) {
    const at = random(text.length);
    const byte = MUTANTS[random(MUTANTS.length)] ?? "";
    const kind = random(3);
    text = text.slice(0, at) + (kind === 2 ? "" : byte) + text.slice(kind === 0 ? at : at + 1);
  }
  return text;
}

const MUTANTS = ' \t\r\n\0:;,=/?#%0159afXx\x7f\x80\xff"\\'.split("");

/** Numerical Recipes' linear congruential generator: the same cases on every run. */
function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
