import assert from "node:assert/strict";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { RawServer } from "../support/raw_server.ts";
import { chat, CHAT_PATH } from "./asks.ts";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";

function urlOf({ origin }: RawServer): string {
  return `http://${origin.hostname}:${origin.port}`;
}

Deno.test("attempt() gives a silent key up after the first-byte timeout and takes the next one", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "key-0001", behaviour: { outage: "hang" } }, { secret: "key-0002", behaviour: "ok" }],
  });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider, { policy: { firstByteTimeoutMs: 100 } });

  const got = await keyturn.ask(CHAT_PATH, chat());
  await keyturn.stop();
  await provider.close();

  assert.equal(got.status, 200);
  assert.equal(got.headers.get("x-proxy-attempts"), "2");
  assert.equal(provider.served.get("key-0001")?.requests, 1);
});

Deno.test("attempt() answers 504 when no key answers before the first-byte timeout", async () => {
  const provider = startSimulatedProvider({
    dialect: "openai",
    keys: [{ secret: "key-0001", behaviour: "ok" }],
    outage: "hang",
  });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider, { policy: { firstByteTimeoutMs: 100 } });

  const got = await keyturn.ask(CHAT_PATH, chat());
  await keyturn.stop();
  await provider.close();

  assert.equal(got.status, 504);
  assert.equal(at(got.json, "error", "code"), "upstream_timeout");
});

Deno.test("runAttempts() ends at the total deadline, whatever is left to try", async () => {
  const keys = Array.from(
    { length: 9 },
    (_, index) => ({ secret: `key-000${index}`, behaviour: "ok" as const }),
  );
  const provider = startSimulatedProvider({ dialect: "openai", keys, outage: "hang" });
  await using keyturn = await startKeyturn();
  const policy = { firstByteTimeoutMs: 150, deadlineMs: 300, repeat: "always" };
  await keyturn.enterSimulated("openai", provider, { policy });

  const before = performance.now();
  const got = await keyturn.ask(CHAT_PATH, chat());
  const tookMs = performance.now() - before;
  await keyturn.stop();
  await provider.close();

  assert.equal(got.status, 504);
  assert.ok(tookMs < 1500, `took ${tookMs} ms`);
  assert.ok(provider.totals.requests < 4);
});

Deno.test("attempt() tries again when a whole answer pauses for longer than the idle timeout", async () => {
  await using server = new RawServer(async (connection, index) => {
    const head = await connection.readHead();
    await connection.readText(Number(/content-length: (\d+)/i.exec(head ?? "")?.[1] ?? 0));
    if (index > 0) {
      await connection.write(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
      );
      return;
    }
    await connection.write(HEAD + "{");
    await connection.readToEnd();
  });
  await using keyturn = await startKeyturn();
  const policy = { idleTimeoutMs: 100 };
  await keyturn.enter("up", { baseUrl: urlOf(server), policy }, ["key-0001", "key-0002"]);

  const got = await keyturn.ask(`/llm/up${CHAT_PATH}`, chat());

  assert.equal(got.status, 200);
  assert.equal(got.text, "{}");
  assert.equal(got.headers.get("x-proxy-attempts"), "2");
});

Deno.test("attempt() tries another key when no connection comes about", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using keyturn = await startKeyturn();
  await keyturn.enter("up", { baseUrl: `http://127.0.0.1:${port}`, policy: { repeat: "never" } }, [
    "key-0001",
    "key-0002",
  ]);

  const got = await keyturn.ask(`/llm/up${CHAT_PATH}`, chat());

  assert.equal(got.status, 502);
  assert.equal(got.headers.get("x-proxy-attempts"), "2");
  assert.equal(at(got.json, "error", "code"), "upstream_failed");
});
