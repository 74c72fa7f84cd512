import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Header } from "../../src/core/http.ts";
import { FetchTransport } from "../../src/transport/fetch.ts";
import { ManualTicker } from "../support/manual_ticker.ts";
import { RawServer } from "../support/raw_server.ts";
import { failureOf, get, LIMITS, textOf } from "./transports.ts";

const CODED = new Uint8Array(gzipSync("hello ".repeat(50)));

const CASES: readonly [
  name: string,
  sent: readonly Header[],
  length: number,
  answerNames: readonly string[],
][] = [
  ["leaves a coded body alone without being asked", [], CODED.length, [
    "content-encoding",
    "content-length",
    "x-a",
  ]],
  ["drops the headers of a coding that fetch has removed", [["accept-encoding", "gzip"]], 300, ["x-a"]],
];

for (const [name, headers, length, answerNames] of CASES) {
  Deno.test(`FetchTransport.send() ${name}`, async () => {
    await using server = new RawServer(async (connection) => {
      await connection.readHead();
      await connection.write(
        `HTTP/1.1 200 OK\r\nx-a: 1\r\ncontent-encoding: gzip\r\ncontent-length: ${CODED.length}\r\n\r\n`,
      );
      await connection.write(CODED);
      await connection.readToEnd();
    });
    const client = Deno.createHttpClient({ http2: false });
    const transport = new FetchTransport({ ticker: new ManualTicker(), client });

    const answer = await transport.send(get(server.origin, { headers }), LIMITS).answer;
    const body = await textOf(answer.body);
    client.close();

    // Deno 2.5 inflates whatever was asked for, and takes the headers away by itself.
    const isInflated = Deno.version.deno.startsWith("2.5.") || length !== CODED.length;
    assert.equal(body.length, isInflated ? 300 : CODED.length);
    assert.deepEqual(answer.headers.map((header) => header[0]), isInflated ? ["x-a"] : answerNames);
  });
}

for (const path of ["/a/../b", "/a/%2e%2E/b", "/.", "/a\\b"]) {
  Deno.test(`FetchTransport.send() refuses a path that fetch would change: ${path}`, async () => {
    const transport = new FetchTransport({ ticker: new ManualTicker() });
    const origin = { isTls: false, hostname: "127.0.0.1", port: 80 };

    const error = await failureOf(transport.send(get(origin, { path }), LIMITS).answer);

    assert.equal(error.fault, "protocol");
    assert.equal(error.wasSent, false);
  });
}

Deno.test("FetchTransport.send() refuses a body with GET, which fetch cannot send", async () => {
  const transport = new FetchTransport({ ticker: new ManualTicker() });
  const origin = { isTls: false, hostname: "127.0.0.1", port: 80 };

  const error = await failureOf(transport.send(get(origin, { body: new Uint8Array(1) }), LIMITS).answer);

  assert.equal(error.fault, "protocol");
});
