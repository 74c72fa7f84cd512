import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import type { RunningRequest } from "../../src/core/running_request.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import type { Incoming } from "../../src/proxy/incoming.ts";
import { LiveRequests } from "../../src/proxy/live_requests.ts";
import { ProxiedRequest } from "../../src/proxy/proxied_request.ts";
import { ADMIN_KEY, at, CLIENT_KEY, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { ManualTicker } from "../support/manual_ticker.ts";
import { chat, CHAT_PATH } from "./asks.ts";

const HEADERS = { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" };
const KEYS = [{ secret: "sk-live-key-0001", behaviour: "ok" }] as const;

function incoming(): Incoming {
  return {
    method: "POST",
    path: CHAT_PATH,
    query: "",
    headers: [],
    remoteAddress: () => undefined,
    body: () => undefined,
    bytes: () => Promise.resolve(new Uint8Array()),
    onGone: () => {},
  };
}

Deno.test("LiveRequests has a request from 200 ms on and until it is over, the longest first", () => {
  const ticker = new ManualTicker();
  const running = new LiveRequests();
  const begin = (id: string) => new ProxiedRequest(id, incoming(), "openai", ticker, () => {}, running);
  const first = begin("req_1");
  ticker.advance(150);
  const second = begin("req_2");
  const atOnce = running.count;

  ticker.advance(100);
  const one = running.list(10).map(({ id }) => id);
  ticker.advance(100);
  const both = running.list(10).map(({ id }) => id);
  const capped = running.list(1).map(({ id }) => id);
  first.finish(200, "succeeded");
  const left = running.list(10).map(({ id }) => id);
  second.finish(200, "succeeded");

  assert.deepEqual([atOnce, one, both, capped, left], [0, ["req_1"], ["req_1", "req_2"], ["req_1"], [
    "req_2",
  ]]);
  assert.equal(running.count, 0);
  assert.equal(running.cancel("req_1"), false, "what is over cannot be cancelled");
});

Deno.test("a request that waits for its provider is seen, and its caller is told when it is cancelled", async () => {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS, outage: "hang" });
  await using keyturn = await startKeyturn({ clientKeys: [new Secret(CLIENT_KEY)] });
  await keyturn.enterSimulated("openai", provider);

  const asked = keyturn.ask(CHAT_PATH, chat("hello"));
  let seen: unknown;
  await until(async () => {
    seen = at(await keyturn.admin("GET", "/admin/running"), "requests", 0);
    return seen !== undefined;
  });
  const cancelled = await keyturn.admin("DELETE", `/admin/running/${String(at(seen, "id"))}`);
  const answer = await asked;
  const again = await keyturn.call("DELETE", `/admin/running/${String(at(seen, "id"))}`, undefined, {
    "x-admin-key": ADMIN_KEY,
  });
  await provider.close();

  const known: Partial<Record<keyof RunningRequest, unknown>> = {
    model: chat().model,
    provider: "openai",
    lastFour: "0001",
    attempt: 1,
    state: "asking",
  };
  for (const [name, value] of Object.entries(known)) assert.equal(at(seen, name), value, name);
  assert.equal(at(cancelled, "message"), "Request cancelled");
  assert.equal(answer.status, 403);
  assert.match(answer.text, /an operator has cancelled it/);
  assert.equal(again.status, 404);
});

Deno.test("a stream that is cancelled breaks its caller's connection, and is no failure of its key", async () => {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS, chunkDelayMs: 20 });
  await using keyturn = await startKeyturn();
  await keyturn.enterSimulated("openai", provider);

  const response = await fetch(keyturn.url + CHAT_PATH, {
    method: "POST",
    headers: HEADERS,
    body: JSON.stringify(chat("say 5000 words", { stream: true })),
  });
  let seen: unknown;
  await until(async () => {
    seen = at(await keyturn.admin("GET", "/admin/running"), "requests", 0);
    return at(seen, "state") === "answering";
  });
  await keyturn.admin("DELETE", `/admin/running/${String(at(seen, "id"))}`);

  await assert.rejects(response.text(), "half an answer is not taken for a whole one");
  await until(() => provider.totals.inFlight === 0);
  const counts = keyturn.server.keyturn.live.find("openai")?.pool.counts();
  await provider.close();
  assert.deepEqual([counts?.inFlight, counts?.ready], [0, 1]);
});
