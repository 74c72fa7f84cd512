import assert from "node:assert/strict";
import http from "node:http";
import { findHeadEnd, parseHead } from "../../src/transport/answer_head.ts";
import { createDecoder } from "../../src/transport/body_decoder.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import { type Origin, TransportError } from "../../src/transport/transport.ts";
import { ManualTicker } from "../support/manual_ticker.ts";
import { latin1, RawServer } from "../support/raw_server.ts";
import { generateAnswers, type GeneratedAnswer } from "./generated_answers.ts";
import { LIMITS, textOf } from "./transports.ts";

const COUNT = 4_000;
const CONCURRENCY = 8;

/** Why we refuse what Node's parser (llhttp) accepts; each leaves room for two readers to disagree. */
const STRICTER = new Set([
  // RFC 9112, 6.1: a coding that is not understood. Node reads to the end of the connection.
  "transfer-encoding is not exactly chunked",
  // HTTP/2.0 and HTTP/0.9 on an HTTP/1.1 connection; empty lines before the status line.
  "not an HTTP/1 status line",
  // A Response, and so `Deno.serve`, can carry 200 to 599 only.
  "status out of range",
  // RFC 9112, 4: a reason has none. Node lets NUL through there.
  "control character in the head",
  // RFC 9112, 2.2. Node lets one through in the reason.
  "bare CR",
  // RFC 9110, 6.5.1: trailers must not hold framing.
  "framing header in a trailer",
  // RFC 9112, 7.1.1: `;a=` without a value.
  "bad chunk extension",
]);

interface Read {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

Deno.test({
  name: "Http1Transport reads what Node's parser reads, and refuses what it refuses",
  // Its Node client refuses answers that are right: nothing to be measured by.
  ignore: Deno.version.deno.startsWith("2.5."),
}, async () => {
  const seed = 20_260_301;
  const answers = generateAnswers(seed, COUNT);
  const transport = new Http1Transport({ ticker: new ManualTicker(), maxIdlePerOrigin: 0 });
  await using server = new RawServer(async (connection) => {
    const [, index, length] = /\/(\d+)\?(\d+) /.exec(await connection.readHead() ?? "") ?? [];
    await connection.write(answers[Number(index)]?.bytes.slice(0, Number(length)) ?? "");
  });
  const stricter = new Map<string, string>();
  let accepted = 0;
  let refused = 0;

  const compare = async (index: number, answer: GeneratedAnswer) => {
    const { method, bytes } = answer;
    const path = `/${index}?${bytes.length}`;
    const [ours, nodes] = await Promise.all([
      readOurs(transport, server.origin, method, path),
      readNodes(server.origin, method, path),
    ]);
    const about = `answer ${index} of seed ${seed}: ${JSON.stringify(answer)}`;
    if (typeof ours === "string") {
      refused++;
      if (nodes !== undefined) stricter.set(ours, about);
      return;
    }
    accepted++;
    if (nodes !== undefined) return assert.deepEqual(ours, nodes, about);
    // Node refuses the whole when something follows the answer; we give the answer and close the connection.
    const length = lengthOf(answer);
    assert.ok(length < bytes.length, `Node refuses and we accept ${about}: ${JSON.stringify(ours)}`);
    assert.deepEqual(ours, await readNodes(server.origin, method, `/${index}?${length}`), about);
  };
  let next = 0;
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (let index = next++; index < COUNT; index = next++) {
      const answer = answers[index];
      if (answer !== undefined) await compare(index, answer);
    }
  }));
  transport.close();

  for (const [reason, about] of stricter) {
    assert.ok(STRICTER.has(reason), `stricter than Node (${reason}): ${about}`);
  }
  assert.ok(accepted > COUNT / 4 && refused > COUNT / 8, `accepted ${accepted}, refused ${refused}`);
});

/** What we read, or why not. */
async function readOurs(
  transport: Http1Transport,
  origin: Origin,
  method: string,
  path: string,
): Promise<Read | string> {
  try {
    const { answer } = transport.send({ origin, method, path, headers: [] }, LIMITS);
    const { status, headers, body } = await answer;
    return { status, headers: headers.flat(), body: await textOf(body) };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return error.message.replace(/^.*:\d+: /, "");
  }
}

/** How many bytes our reader takes for an answer that it accepts. */
function lengthOf({ method, bytes }: GeneratedAnswer): number {
  const buffer = latin1(bytes);
  let at = 0;
  for (;;) {
    const headEnd = findHeadEnd(buffer, at, buffer.length);
    const head = parseHead(buffer, at, headEnd);
    at = headEnd;
    if (head.status < 200) continue;
    if (method === "HEAD" || head.status === 204 || head.status === 304) return at;
    const decoder = createDecoder(head.framing);
    decoder.take(buffer, at, buffer.length);
    return decoder.position;
  }
}

/** What Node's client reads, or `undefined` when it refuses. */
function readNodes(origin: Origin, method: string, path: string): Promise<Read | undefined> {
  return new Promise((resolve) => {
    const { hostname, port } = origin;
    const options = { hostname, port, method, path, agent: false, maxHeaderSize: 65_536 };
    const request = http.request(options, (response) => {
      let body = "";
      response.setEncoding("latin1");
      response.on("data", (text: string) => body += text);
      response.on("error", () => resolve(undefined));
      response.on("aborted", () => resolve(undefined));
      response.on("end", () => {
        const headers = response.rawHeaders.map((text, i) => i % 2 === 0 ? text.toLowerCase() : text);
        resolve(response.complete ? { status: response.statusCode ?? 0, headers, body } : undefined);
      });
    });
    request.on("error", () => resolve(undefined));
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve(undefined);
    });
    request.end();
  });
}
