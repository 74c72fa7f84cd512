import assert from "node:assert/strict";
import { SseSplitter } from "../../src/core/sse.ts";
import { chat, CHAT_PATH, contents, message, MESSAGES_PATH } from "../proxy/asks.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { at, type Got, parsed, startKeyturn } from "../support/keyturn_under_test.ts";

const EVIL = 'x\r\n\r\ndata: [DONE]\n\nevent: error\ndata: {"type":"error"}\r\rid: 1\u2028\u2029\0"</script>';
const NAMES = new Set([
  "",
  "message",
  "message_start",
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
  "ping",
  "error",
]);

/** A good stream of OpenAI's whose every text is hostile. */
function stream(): Response {
  const events = [
    { id: EVIL, model: EVIL, choices: [{ index: 0, delta: { role: "assistant", content: EVIL } }] },
    { id: EVIL, model: EVIL, choices: [{ index: 0, delta: { content: " end" } }] },
    { id: EVIL, model: EVIL, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  ];
  const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("") + "data: [DONE]\n\n";
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

const ASKS: readonly [path: string, body: unknown][] = [
  [CHAT_PATH, chat("hi", { stream: true })],
  [`/llm/openai${MESSAGES_PATH}`, message("hi", { stream: true })],
  ["/llm/openai/v1beta/models/gpt-4o:streamGenerateContent?alt=sse", contents()],
];

Deno.test("E8 no text of a model, its name or its id begins a line of a stream", async () => {
  await using upstream = new ScriptedUpstream(stream);
  await using keyturn = await startKeyturn();
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url, models: ["gpt-4o"] }, [
    "key-0000001",
  ]);

  for (const [path, body] of ASKS) {
    const got = await keyturn.ask(path, body);

    assert.equal(got.status, 200, `${path} ${got.text}`);
    const said = eventsOf(got);
    assert.ok(said.length >= 2, `${path} ${got.text}`);
    assert.ok(said.some((json) => JSON.stringify(json).includes(JSON.stringify(EVIL).slice(1, -1))), path);
  }
});

Deno.test("E8 the words of an error stay inside their JSON, in a stream and out of it", async () => {
  const error = { error: { message: EVIL, type: EVIL, code: EVIL } };
  await using upstream = new ScriptedUpstream(({ target }) =>
    target.includes("late")
      ? new Response(
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "a" } }] })}\n\ndata: ${
          JSON.stringify(error)
        }\n\n`,
        { headers: { "content-type": "text/event-stream" } },
      )
      : Response.json(error, { status: 400 })
  );
  await using keyturn = await startKeyturn();
  const policy = { maxAttempts: 1 };
  await keyturn.enter("openai", { dialect: "openai", baseUrl: upstream.url, policy }, ["key-0000001"]);
  await keyturn.enter("late", { dialect: "openai", baseUrl: `${upstream.url}/late`, policy }, [
    "key-0000001",
  ]);

  for (const slug of ["openai", "late"]) {
    for (const [path, body] of ASKS) {
      const rest = path.replace("/llm/openai", "");
      const got = await keyturn.ask(`/llm/${slug}${rest}`, body);
      if (got.headers.get("content-type")?.startsWith("text/event-stream") === true) eventsOf(got);
      else assert.ok(at(got.json, "error") !== undefined, `${slug} ${path} ${got.text}`);
    }
  }
});

Deno.test("E8 names of fields that a caller made up stand in a header as plain words", async () => {
  await using upstream = new ScriptedUpstream(() =>
    Response.json({
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hi" } }],
    })
  );
  await using keyturn = await startKeyturn();
  await keyturn.enter("openai", { preset: "openai", baseUrl: upstream.url }, ["key-0000001"]);

  const got = await keyturn.ask(
    `/llm/openai${MESSAGES_PATH}`,
    message("hi", { "a\r\nset-cookie: b=c\u2028": 1, top_k: 5 }),
  );

  assert.equal(got.headers.get("set-cookie"), null);
  assert.match(got.headers.get("x-keyturn-ignored") ?? "top_k", /^[\x20-\x7e]*$/);
});

/** The JSON of each event; fails the test on a line that is none of ours. */
function eventsOf({ text }: Got): unknown[] {
  for (const line of text.split(/\r\n|\r|\n/)) {
    assert.match(line, /^$|^:|^(?:data|event|id): /, JSON.stringify(text));
  }
  const splitter = new SseSplitter();
  const events = splitter.push(new TextEncoder().encode(text));
  const said: unknown[] = [];
  for (const [index, event] of events.entries()) {
    assert.ok(NAMES.has(event.name ?? ""), `${event.name}`);
    if (event.data === "[DONE]") {
      assert.equal(index, events.length - 1, "only the last one ends the stream");
      continue;
    }
    const json = parsed(event.data);
    assert.ok(json !== undefined, event.data);
    said.push(json);
  }
  return said;
}
