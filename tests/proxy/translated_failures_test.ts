import assert from "node:assert/strict";
import type { OutageKind } from "../../src/demo/simulated_outage.ts";
import { at, type KeyturnUnderTest, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";
import {
  type Caller,
  CALLERS,
  eventsOf,
  MODELS,
  secretOf,
  type SimulatedDialect,
  startThree,
} from "./translated_callers.ts";

const SAID = "one two three four five six seven eight";

/** A group of all three; each has its own name for the model "any". */
async function enterTeam(
  keyturn: KeyturnUnderTest,
  order: readonly SimulatedDialect[],
): Promise<void> {
  for (const dialect of order) {
    await keyturn.admin("PUT", `/admin/providers/${dialect}`, { modelMap: { any: MODELS[dialect] } });
  }
  const members = order.map((provider, tier) => ({ provider, tier }));
  await keyturn.admin("POST", "/admin/groups", { slug: "team", members });
}

function askTeam(keyturn: KeyturnUnderTest, caller: Caller, isStream: boolean) {
  return keyturn.ask(
    `/llm/team${caller.path("any", isStream)}`,
    caller.body("any", SAID, isStream),
    caller.headers,
  );
}

for (const outage of ["http_503", "error_in_200", "stream_error_first", "reset"] satisfies OutageKind[]) {
  Deno.test(`a group of three dialects stands in for a member that fails (${outage})`, async () => {
    await using three = await startThree();
    const { keyturn, providers } = three;
    await enterTeam(keyturn, ["anthropic", "gemini", "openai"]);
    providers.anthropic.setOutage(outage);
    providers.gemini.setOutage(outage);

    for (const caller of CALLERS) {
      const streamed = await askTeam(keyturn, caller, true);

      assert.equal(streamed.status, 200, `${caller.name}: ${streamed.text}`);
      assert.equal(streamed.headers.get("x-proxy-provider"), "openai", caller.name);
      const events = eventsOf(streamed.text);
      assert.equal(events.map(caller.deltaOf).join(""), SAID, caller.name);
      assert.equal(caller.isWhole(events), true, caller.name);
    }
    assert.equal(at(three.received("openai"), "model"), MODELS.openai);
  });
}

for (const outage of ["cut_stream", "stream_error_midway"] satisfies OutageKind[]) {
  Deno.test(`a stream that its provider does not finish (${outage}) ends in the caller's own error`, async () => {
    await using three = await startThree(3);
    const { keyturn, providers } = three;
    for (const provider of Object.values(providers)) provider.setOutage({ kind: outage, afterEvents: 5 });
    let asked = 0;

    for (const caller of CALLERS) {
      for (const dialect of ["openai", "anthropic", "gemini"] as const) {
        if (dialect === caller.dialect) continue;
        const model = MODELS[dialect];
        const got = await keyturn.ask(
          caller.path(model, true),
          caller.body(model, SAID, true),
          caller.headers,
        );
        asked++;

        const about = `${caller.name} -> ${dialect}: ${got.text}`;
        const events = eventsOf(got.text);
        assert.equal(got.status, 200, about);
        assert.notEqual(events.map(caller.deltaOf).join(""), "", about);
        assert.equal(caller.isWhole(events), false, about);
        assert.notEqual(caller.errorOf(events.at(-1)), "undefined", about);
        assert.doesNotMatch(
          got.text,
          /\[DONE\]|message_stop|response\.completed|"finishReason":"STOP"/,
          about,
        );
      }
    }
    const array = await keyturn.ask(
      `/v1beta/models/${MODELS.openai}:streamGenerateContent`,
      { contents: [{ role: "user", parts: [{ text: SAID }] }] },
    );
    await keyturn.stop();
    const [usage] = await keyturn.usage();

    assert.ok(Array.isArray(array.json), array.text);
    assert.notEqual(at(array.json, -1, "error", "message"), undefined);
    assert.equal(usage?.requests, asked + 1);
  });
}

const ERRORS: Readonly<Record<SimulatedDialect, (message: string) => unknown>> = {
  openai: (message) => ({ error: { message, type: "invalid_request_error", param: "x", code: "bad_thing" } }),
  anthropic: (message) => ({ type: "error", error: { type: "invalid_request_error", message } }),
  gemini: (message) => ({ error: { code: 400, message, status: "INVALID_ARGUMENT" } }),
};

Deno.test("an upstream's refusal comes back in the caller's form, with its words and without the key", async () => {
  const secret = "planted-secret-key-0001";
  await using upstream = new ScriptedUpstream(({ target }) => {
    const dialect = target.includes("/messages")
      ? "anthropic"
      : target.includes("models/")
      ? "gemini"
      : "openai";
    const body = ERRORS[dialect](`the thing ${secret} is bad`);
    return Response.json(body, {
      status: 400,
      headers: { "request-id": `up-${secret}`, "x-request-id": "up-1", "set-cookie": "a=b" },
    });
  });
  await using keyturn = await startKeyturn();
  for (const preset of ["openai", "anthropic", "gemini"] as const) {
    await keyturn.enter(preset, { preset, baseUrl: upstream.url, models: [MODELS[preset]] }, [secret]);
  }

  for (const caller of CALLERS) {
    for (const dialect of ["openai", "anthropic", "gemini"] as const) {
      if (dialect === caller.dialect) continue;
      const got = await keyturn.ask(
        caller.path(MODELS[dialect], false),
        caller.body(MODELS[dialect], "hi", false),
        caller.headers,
      );

      const about = `${caller.name} -> ${dialect}: ${got.text}`;
      assert.equal(got.status, 400, about);
      assert.match(caller.errorOf(got.json), /^the thing \[redacted\] is bad/, about);
      if (caller.dialect === "anthropic") assert.equal(at(got.json, "type"), "error", about);
      if (caller.dialect === "gemini") {
        assert.equal(at(got.json, "error", "status"), "INVALID_ARGUMENT", about);
      }
      if (caller.dialect === "openai") assert.equal(at(got.json, "error", "type"), "invalid_request_error");
      assert.equal(got.headers.get("x-upstream-request-id"), "up-1", about);
      assert.equal(got.headers.get("set-cookie"), null);
      assert.doesNotMatch(JSON.stringify([...got.headers]) + got.text, new RegExp(secret), about);
    }
  }
});

Deno.test("a dead key of another dialect is a lack of keys, never the caller's own 401", async () => {
  await using three = await startThree();
  three.providers.anthropic.setKey(secretOf("anthropic"), "revoked");

  const got = await three.keyturn.ask("/v1/chat/completions", {
    model: MODELS.anthropic,
    messages: [{ role: "user", content: "hi" }],
  });

  assert.equal(got.status, 503);
  assert.equal(at(got.json, "error", "code"), "no_key_available");
  assert.doesNotMatch(got.text, /secret-key/);
});

Deno.test("what cannot be carried refuses a request only where nobody can take it", async () => {
  await using three = await startThree();
  const { keyturn, providers } = three;
  await enterTeam(keyturn, ["anthropic", "openai"]);
  const two = { model: "any", n: 2, messages: [{ role: "user", content: "hi" }] };

  const taken = await keyturn.ask("/llm/team/v1/chat/completions", two);
  const refused = await keyturn.ask("/llm/anthropic/v1/chat/completions", two);
  const broken = await keyturn.ask("/v1/chat/completions", { ...two, model: MODELS.anthropic, messages: 1 });

  assert.equal(taken.headers.get("x-proxy-provider"), "openai");
  assert.equal(taken.headers.get("x-proxy-attempts"), "1");
  assert.deepEqual([refused.status, at(refused.json, "error", "param")], [400, "n"]);
  assert.equal(at(refused.json, "error", "type"), "invalid_request_error");
  assert.deepEqual([broken.status, at(broken.json, "error", "param")], [400, "messages"], broken.text);
  assert.equal(providers.anthropic.totals.requests, 0);
});

Deno.test("what does not change the meaning is left out and named, and only on answers that are translated", async () => {
  await using three = await startThree();
  const asked = { messages: [{ role: "user", content: "hi" }], seed: 1, logit_bias: undefined, metadata: {} };

  const translated = await three.keyturn.ask("/v1/chat/completions", { ...asked, model: MODELS.anthropic });
  const own = await three.keyturn.ask("/v1/chat/completions", { ...asked, model: MODELS.openai });
  const strange = await three.keyturn.ask("/v1/chat/completions", {
    ...asked,
    model: MODELS.anthropic,
    "a, b\r\nset-cookie: c": 1,
  });

  assert.match(translated.headers.get("x-keyturn-ignored") ?? "", /(?:^|, )seed(?:,|$)/);
  assert.equal(own.headers.get("x-keyturn-ignored"), null);
  assert.ok([200, 400].includes(strange.status), strange.text);
  assert.equal(strange.headers.get("set-cookie"), null);
});

Deno.test("an answer that is none of its protocol sends the request to the next member", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({ hello: "world" }));
  await using three = await startThree();
  const { keyturn } = three;
  await keyturn.enter("strange", { preset: "gemini", slug: "strange", baseUrl: upstream.url }, ["key-0001"]);
  const members = ["strange", "anthropic"].map((provider, tier) => ({ provider, tier }));
  await keyturn.admin("POST", "/admin/groups", { slug: "pair", members });
  const asked = { model: MODELS.anthropic, messages: [{ role: "user", content: "hi" }] };

  const whole = await keyturn.ask("/llm/pair/v1/chat/completions", asked);
  const streamed = await keyturn.ask("/llm/pair/v1/chat/completions", { ...asked, stream: true });
  const alone = await keyturn.ask("/llm/strange/v1/chat/completions", asked);

  assert.deepEqual([whole, streamed].map(({ headers }) => headers.get("x-proxy-provider")), [
    "anthropic",
    "anthropic",
  ]);
  assert.deepEqual([alone.status, at(alone.json, "error", "code")], [502, "upstream_failed"]);
});

Deno.test("a request that is too long for its model goes on with a fallback of another dialect", async () => {
  await using upstream = new ScriptedUpstream(() =>
    Response.json(
      { type: "error", error: { type: "invalid_request_error", message: "prompt is too long" } },
      {
        status: 400,
      },
    )
  );
  await using three = await startThree();
  const { keyturn } = three;
  await keyturn.enter("short", { preset: "anthropic", slug: "short", baseUrl: upstream.url }, ["key-0001"]);
  await keyturn.admin("POST", "/admin/aliases", {
    name: "smart",
    target: "short/claude-x",
    contextFallback: `gemini/${MODELS.gemini}`,
  });
  const asked = { model: "smart", messages: [{ role: "user", content: SAID }] };

  const got = await keyturn.ask("/v1/chat/completions", asked);
  const alone = await keyturn.ask("/v1/chat/completions", { ...asked, model: "short/claude-x" });

  assert.deepEqual([got.status, got.headers.get("x-proxy-provider")], [200, "gemini"], got.text);
  assert.equal(at(got.json, "choices", 0, "message", "content"), SAID);
  assert.deepEqual([alone.status, at(alone.json, "error", "code")], [400, "context_length_exceeded"]);
});

Deno.test("a caller that leaves a translated stream ends it at the provider", async () => {
  await using three = await startThree();
  const { keyturn, providers } = three;
  providers.gemini.setOutage(undefined);
  const leaving = new AbortController();

  const response = await fetch(`${keyturn.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer kt_test_client_key_0001`, "content-type": "application/json" },
    body: JSON.stringify({
      model: MODELS.gemini,
      stream: true,
      messages: [{ role: "user", content: "say 20000 words" }],
    }),
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  await reader?.closed.catch(() => {});

  await until(() => providers.gemini.totals.inFlight === 0);
  assert.equal(providers.gemini.totals.abandoned, 1);
});
