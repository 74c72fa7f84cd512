import assert from "node:assert/strict";
import { createDial } from "../../src/transport/dial.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import type { Origin } from "../../src/transport/transport.ts";
import { ManualTicker } from "../support/manual_ticker.ts";
import { RawServer, type Script } from "../support/raw_server.ts";
import { failureOf, get, LIMITS, testBoth, textOf } from "./transports.ts";

const CA = readFixture("ca.pem");
const TLS = { cert: readFixture("cert.pem"), key: readFixture("key.pem") };
let hostLine = "";
const answer: Script = async (connection) => {
  for (let head = await connection.readHead(); head !== undefined; head = await connection.readHead()) {
    hostLine = /\r\n(host: .*)\r\n/i.exec(head)?.[1]?.toLowerCase() ?? "";
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
  }
};

testBoth("send() reaches an IPv6 address", async ({ transport }) => {
  await using server = new RawServer(answer, { hostname: "::1" });

  const { body } = await transport.send(get(server.origin), LIMITS).answer;

  assert.equal(await textOf(body), "hi");
  assert.equal(hostLine, `host: [::1]:${server.origin.port}`);
});

testBoth(
  "send() speaks TLS to a trusted certificate and uses the connection again",
  async ({ transport }) => {
    await using server = new RawServer(answer, { tls: TLS, name: "localhost" });

    for (let i = 0; i < 3; i++) {
      const { body } = await transport.send(get(server.origin), LIMITS).answer;
      assert.equal(await textOf(body), "hi");
    }

    assert.equal(server.connectionCount, 1);
  },
  [CA],
);

testBoth("send() refuses a certificate that nobody trusts", async ({ transport }) => {
  await using server = new RawServer(answer, { tls: TLS, name: "localhost" });

  const error = await failureOf(transport.send(get(server.origin), LIMITS).answer);

  assert.equal(error.fault, "connect_failed");
  assert.equal(error.wasSent, false);
});

Deno.test("createDial() connects to the addresses that resolve() gives, under the origin's own name", async () => {
  await using server = new RawServer(answer, { tls: TLS, name: "localhost" });
  const asked: string[] = [];
  const resolve = ({ hostname }: Origin) => {
    asked.push(hostname);
    return Promise.resolve(["127.0.0.1"]);
  };
  const transport = new Http1Transport({
    ticker: new ManualTicker(),
    dial: createDial({ caCerts: [CA], resolve }),
  });

  const { body } = await transport.send(get(server.origin), LIMITS).answer;
  transport.close();

  assert.equal(await textOf(body), "hi");
  assert.deepEqual(asked, ["localhost"]);
});

Deno.test("createDial() fails when resolve() refuses the name", async () => {
  const resolve = () => Promise.reject(new Error("private address"));
  const transport = new Http1Transport({ ticker: new ManualTicker(), dial: createDial({ resolve }) });
  const origin = { isTls: false, hostname: "metadata.invalid", port: 80 };

  const error = await failureOf(transport.send(get(origin), LIMITS).answer);
  transport.close();

  assert.equal(error.fault, "connect_failed");
  assert.equal(error.wasSent, false);
});

Deno.test("createDial() gives a TLS handshake up that does not end", async () => {
  const { promise: hasAccepted, resolve: accepted } = Promise.withResolvers<void>();
  await using server = new RawServer(async (connection) => {
    await connection.readText(5);
    accepted();
    await connection.readToEnd();
  });
  const ticker = new ManualTicker();
  const transport = new Http1Transport({ ticker });
  const origin = { ...server.origin, isTls: true };

  const { answer } = transport.send(get(origin), LIMITS);
  await hasAccepted;
  ticker.advance(1_000);
  const error = await failureOf(answer);
  transport.close();

  assert.equal(error.fault, "connect_timeout");
  assert.equal(error.wasSent, false);
});

function readFixture(name: string): string {
  return Deno.readTextFileSync(new URL(`./tls/${name}`, import.meta.url));
}
