import assert from "node:assert/strict";
import { CLIENT_KEY, startKeyturn } from "../support/keyturn_under_test.ts";
import { RawServer, type Script } from "../support/raw_server.ts";
import { chat, CHAT_PATH } from "./asks.ts";
import { callRaw } from "./raw_caller.ts";

/** Reads one request whole, then writes these bytes. */
function answering(...parts: (string | Uint8Array)[]): Script {
  return async (connection) => {
    const head = await connection.readHead();
    await connection.readText(Number(/content-length: (\d+)/i.exec(head ?? "")?.[1] ?? 0));
    for (const part of parts) await connection.write(part);
  };
}

/** A Keyturn before a raw upstream, as an LLM provider `llm` and as a raw one `raw`. */
async function startBefore(server: RawServer) {
  const baseUrl = `http://${server.origin.hostname}:${server.origin.port}`;
  const keyturn = await startKeyturn();
  await keyturn.enter("llm", { baseUrl }, ["key-0001", "key-0002"]);
  await keyturn.enter("raw", { dialect: "rest", baseUrl }, ["key-0001"]);
  return keyturn;
}

Deno.test("callerHeaders() drops what would act on our origin, and keeps the rest", async () => {
  const dropped = [
    "set-cookie: a=b",
    "strict-transport-security: max-age=1",
    "access-control-allow-origin: *",
    "access-control-allow-credentials: true",
    'clear-site-data: "*"',
    'alt-svc: h3=":443"',
    "refresh: 0; url=https://evil.example",
    "link: <https://evil.example>; rel=preload",
    "server: upstream",
    "via: 1.1 upstream",
    "x-powered-by: magic",
    "content-security-policy: default-src *",
    "x-hop: secret",
    "proxy-authenticate: Basic",
    "keep-alive: timeout=5",
  ];
  await using server = new RawServer(answering(
    `HTTP/1.1 200 OK\r\n${
      dropped.join("\r\n")
    }\r\nconnection: x-hop\r\nx-kept: yes\r\nx-ratelimit-remaining-requests: 7\r\n` +
      `x-request-id: up-1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
  ));
  await using keyturn = await startBefore(server);

  const got = await keyturn.ask("/proxy/raw/x");

  assert.equal(got.status, 200);
  for (const line of dropped) {
    const [name = "", value = ""] = line.split(/: (.*)/);
    assert.notEqual(got.headers.get(name), value, name);
  }
  assert.equal(got.headers.get("x-kept"), "yes");
  assert.equal(got.headers.get("x-ratelimit-remaining-requests"), "7");
  assert.equal(got.headers.get("x-upstream-request-id"), "up-1");
  assert.match(got.headers.get("x-request-id") ?? "", /^req_/);
  assert.equal(got.headers.get("content-security-policy"), "sandbox");
  assert.equal(got.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("relay() asks for no compressed answer, and passes one that comes all the same on inflated", async () => {
  const text = JSON.stringify({ choices: [{ text: "ok".repeat(200) }] });
  const plain = new Blob([text]);
  const packed = await new Response(plain.stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  const asked: string[] = [];
  await using server = new RawServer(async (connection) => {
    const head = await connection.readHead();
    asked.push(/accept-encoding: ([^\r]*)/i.exec(head ?? "")?.[1] ?? "");
    await connection.write(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`,
    );
    await connection.write(packed);
  });
  await using keyturn = await startBefore(server);
  const ask = (path: string) =>
    callRaw(
      keyturn.url,
      `GET ${path} HTTP/1.1\r\nhost: k\r\nauthorization: Bearer ${CLIENT_KEY}\r\naccept-encoding: gzip, br\r\nconnection: close\r\n\r\n`,
    );

  const raw = await ask("/proxy/raw/x");
  const llm = await ask("/llm/llm/v1/models");

  for (const got of [raw, llm]) {
    assert.doesNotMatch(got.head, /content-encoding/i);
    assert.equal(got.body, text);
  }
  assert.deepEqual(asked, ["identity", "identity"]);
});

Deno.test("attempt() follows no redirect: 502 of an LLM provider, the answer itself of a raw one", async () => {
  let visits = 0;
  await using elsewhere = new RawServer((connection) => {
    visits++;
    return connection.readToEnd();
  });
  const location = `http://127.0.0.1:${elsewhere.origin.port}/x`;
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = new RawServer(
      answering(`HTTP/1.1 ${status} Moved\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`),
    );
    await using keyturn = await startBefore(server);

    const llm = await keyturn.ask(`/llm/llm${CHAT_PATH}`, chat());
    const raw = await keyturn.ask("/proxy/raw/x");

    assert.equal(llm.status, 502);
    assert.equal(llm.headers.get("location"), null);
    assert.equal(raw.status, status);
    assert.equal(raw.headers.get("location"), location);
  }
  assert.equal(visits, 0);
});

Deno.test("relay() takes 1xx answers, trailers, odd chunks and bodies that end with the connection", async () => {
  const json = '{"choices":[{"text":"ok"}]}';
  const heads = "content-type: application/json\r\n";
  const answers = [
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n${heads}content-length: ${json.length}\r\n\r\n${json}`,
    `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n${heads}content-length: ${json.length}\r\n\r\n${json}`,
    `HTTP/1.1 200 OK\r\n${heads}transfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n${
      json.length.toString(16)
    };ext=1\r\n${json}\r\n0\r\nx-sum: 1\r\nset-cookie: a=b\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${heads}connection: close\r\n\r\n${json}`,
  ];
  for (const answer of answers) {
    await using server = new RawServer(answering(answer));
    await using keyturn = await startBefore(server);

    const got = await keyturn.ask(`/llm/llm${CHAT_PATH}`, chat());

    assert.equal(got.status, 200, answer);
    assert.equal(got.text, json);
    assert.equal(got.headers.get("set-cookie"), null);
  }
});

Deno.test("relay() answers 502 for bytes that are no HTTP, and passes 204, 304 and HEAD on without a body", async () => {
  await using noise = new RawServer(answering("SSH-2.0-OpenSSH_9.2\r\n"));
  await using keyturn = await startBefore(noise);
  const bad = await keyturn.ask(`/llm/llm${CHAT_PATH}`, chat());
  assert.equal(bad.status, 502);

  for (const status of [204, 304]) {
    await using server = new RawServer(answering(`HTTP/1.1 ${status} Nothing\r\netag: "a"\r\n\r\n`));
    await using keyturn = await startBefore(server);
    const got = await keyturn.ask("/proxy/raw/x");
    assert.equal(got.status, status);
    assert.equal(got.headers.get("etag"), '"a"');
    assert.equal(got.text, "");
  }

  await using server = new RawServer(answering("HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n"));
  await using heading = await startBefore(server);
  const head = await heading.call("HEAD", "/proxy/raw/x", undefined, {
    authorization: `Bearer ${CLIENT_KEY}`,
  });
  assert.equal(head.status, 200);
});
