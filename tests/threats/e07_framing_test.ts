import assert from "node:assert/strict";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { callRaw } from "../proxy/raw_caller.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { CLIENT_KEY, startKeyturn } from "../support/keyturn_under_test.ts";
import { RawServer } from "../support/raw_server.ts";

const AUTHORIZED = `Host: k\r\nAuthorization: Bearer ${CLIENT_KEY}\r\n`;
const HIDDEN = `GET /proxy/raw/hidden HTTP/1.1\r\n${AUTHORIZED}\r\n`;
const POST = `POST /proxy/raw/outer HTTP/1.1\r\n${AUTHORIZED}`;

/** Two readers would see different requests in each of these. */
const SMUGGLED: readonly [what: string, request: string][] = [
  ["CL.TE", `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ["TE.CL", `${POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ["TE.TE", `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ["TE with a tab", `${POST}Transfer-Encoding:\tchunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ["TE in a folded line", `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ["TE behind a blank", `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ["TE behind a bare LF", `${POST}X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ["two CL", `${POST}Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
  ["two hosts", `${POST}Host: other\r\n\r\n${HIDDEN}`],
  ["chunk junk", `${POST}Transfer-Encoding: chunked\r\n\r\n0 \r\n\r\n${HIDDEN}`],
  ["chunk with a bare LF", `${POST}Transfer-Encoding: chunked\r\n\r\n0\n\r\n${HIDDEN}`],
  ["chunk with a bare LF extension", `${POST}Transfer-Encoding: chunked\r\n\r\n0;a\nb\r\n\r\n${HIDDEN}`],
  [
    "framing in a trailer",
    `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 9\r\n\r\n${HIDDEN}`,
  ],
  [
    "chunked in HTTP/1.0",
    POST.replace("1.1", "1.0") + `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  ],
  [
    "an absolute target with another host",
    `GET http://evil/proxy/raw/x HTTP/1.1\r\n${AUTHORIZED}\r\n${HIDDEN}`,
  ],
  ["TRACE", `TRACE /proxy/raw/x HTTP/1.1\r\n${AUTHORIZED}\r\n${HIDDEN}`],
  ["CONNECT", `CONNECT /proxy/raw/x HTTP/1.1\r\n${AUTHORIZED}\r\n${HIDDEN}`],
];

Deno.test("E7 a request that two readers could understand differently is answered once, and nothing hides behind it", async (t) => {
  const paths: string[] = [];
  await using upstream = new ScriptedUpstream(({ target }) => {
    paths.push(target);
    return new Response("ok");
  });
  await using keyturn = await startKeyturn();
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url, policy: { maxAttempts: 1 } }, [
    "key-0000001",
  ]);

  for (const [what, request] of SMUGGLED) {
    await t.step(what, async () => {
      const { status, body } = await callRaw(keyturn.url, request);

      assert.ok(status === 400 || status === 502, `${status}`);
      assert.ok(!body.includes("HTTP/1.1"), "one answer only");
      assert.ok(!paths.includes("/hidden"), "the hidden request is not served");
    });
  }
});

Deno.test("E7 requests one after the other on a connection are answered in order, each with its own rights", async () => {
  await using upstream = new ScriptedUpstream(({ target }) => new Response(`[${target}]`));
  await using keyturn = await startKeyturn();
  await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url }, ["key-0000001"]);
  const one = `GET /proxy/raw/1 HTTP/1.1\r\n${AUTHORIZED}\r\n`;
  const stranger = "GET /proxy/raw/2 HTTP/1.1\r\nHost: k\r\n\r\n";
  const last = `GET /proxy/raw/3 HTTP/1.1\r\n${AUTHORIZED}Connection: close\r\n\r\n`;

  const { head, body } = await callRaw(keyturn.url, one + stranger + last);

  const statuses = [...`${head}\r\n${body}`.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  assert.deepEqual(statuses, ["200", "401", "200"]);
  assert.match(body, /\[\/1\][^]*\[\/3\]/);
});

/** Answers that end otherwise for two readers, with one that nobody asked for behind. */
const BAD_ANSWERS: readonly string[] = [
  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
  "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: +0\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
];
const POISON = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";

Deno.test("E7 a connection with a framing error serves nobody else, and no surplus answer reaches the next request", async () => {
  let served = 0;
  await using server = new RawServer(async (connection) => {
    while (await connection.readHead() !== undefined) {
      const bad = BAD_ANSWERS[served++];
      await connection.write((bad ?? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood") + POISON);
    }
  });
  await using keyturn = await startKeyturn();
  const baseUrl = `http://127.0.0.1:${server.origin.port}`;
  const policy = { maxAttempts: 1, repeat: "never" };
  for (const index of BAD_ANSWERS.keys()) {
    await keyturn.enter(`raw${index}`, { dialect: "rest", baseUrl, policy }, [`key-000000${index}`]);
  }
  await keyturn.enter("raw", { dialect: "rest", baseUrl, policy }, ["key-0000099"]);

  for (const index of BAD_ANSWERS.keys()) {
    const { status, text } = await keyturn.ask(`/proxy/raw${index}/x`);
    assert.equal(status, 502, `${index} ${text}`);
  }
  for (let index = 0; index < 3; index++) {
    const { status, text } = await keyturn.ask("/proxy/raw/x");
    assert.deepEqual([status, text], [200, "good"]);
  }
  assert.equal(server.connectionCount, BAD_ANSWERS.length + 3, "none was used twice");
});

Deno.test("E7 what a caller writes cannot break a provider's request apart", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({ choices: [] }));
  await using keyturn = await startKeyturn();
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url }, ["key-0000001"]);

  await keyturn.ask(CHAT_PATH, chat("hi", { model: "gpt\r\nX-Evil: 1\r\n\r\nGET /hidden HTTP/1.1" }));
  await keyturn.ask(`/llm/openai${CHAT_PATH}?a=%0d%0aX-Evil:1`, chat());

  for (const { target, headers } of upstream.requests) {
    assert.equal(headers.get("x-evil"), null);
    assert.ok(target.startsWith(CHAT_PATH.replace("/v1", "")) || target.startsWith(CHAT_PATH), target);
  }
});
