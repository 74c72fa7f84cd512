import assert from "node:assert/strict";
import { ASK, at, call, credential, KEY, NAMES, withProvider } from "./simulated_support.ts";

const REFUSALS = [
  { dialect: "openai", behaviour: "revoked", status: 401, path: ["error", "code"], value: "invalid_api_key" },
  {
    dialect: "openai",
    behaviour: "out_of_credit",
    status: 429,
    path: ["error", "type"],
    value: "insufficient_quota",
  },
  {
    dialect: "anthropic",
    behaviour: "revoked",
    status: 401,
    path: ["error", "type"],
    value: "authentication_error",
  },
  {
    dialect: "anthropic",
    behaviour: "out_of_credit",
    status: 400,
    path: ["error", "type"],
    value: "invalid_request_error",
  },
  {
    dialect: "gemini",
    behaviour: "revoked",
    status: 400,
    path: ["error", "details", 0, "reason"],
    value: "API_KEY_INVALID",
  },
  {
    dialect: "gemini",
    behaviour: "out_of_credit",
    status: 402,
    path: ["error", "status"],
    value: "RESOURCE_EXHAUSTED",
  },
] as const;

for (const { dialect, behaviour, status, path, value } of REFUSALS) {
  Deno.test(`a key that is ${behaviour} is refused as ${dialect} refuses it`, async () => {
    await withProvider({ dialect, keys: [{ secret: KEY, behaviour }] }, async (provider) => {
      const got = await call(provider, ASK[dialect].path, ASK[dialect].body);

      assert.equal(got.status, status);
      assert.equal(at(got.json, ...path), value);
      assert.equal(provider.served.get(KEY)?.refused, 1);
    });
  });
}

for (
  const [dialect, missing, unknown] of [["openai", 401, 401], ["anthropic", 401, 401], [
    "gemini",
    403,
    400,
  ]] as const
) {
  Deno.test(`${dialect} refuses a request without a key and one with a key that it does not know`, async () => {
    await withProvider({ dialect }, async (provider) => {
      const { path, body } = ASK[dialect];

      const without = await call(provider, path, body, { "anthropic-version": "2023-06-01" });
      const other = await call(provider, path, body, credential("other-key-0001"));

      assert.deepEqual([without.status, other.status], [missing, unknown]);
      assert.equal(provider.totals.unknownKey, 2);
      assert.equal(provider.served.get(KEY)?.requests, 0);
    });
  });
}

Deno.test("a key limited per minute is served again when its minute is over", async () => {
  let nowMs = Date.parse("2026-11-21T08:00:00Z");
  const keys = [{ secret: KEY, behaviour: { limitedPerMinute: 2 } }];
  await withProvider({ dialect: "openai", keys, now: () => nowMs }, async (provider) => {
    const { path, body } = ASK.openai;
    const [first, second, third] = [
      await call(provider, path, body),
      await call(provider, path, body),
      await call(provider, path, body),
    ];
    nowMs += 60_000;
    const later = await call(provider, path, body);

    assert.deepEqual([first.status, second.status, third.status, later.status], [200, 200, 429, 200]);
    assert.equal(second.headers.get("x-ratelimit-remaining-requests"), "0");
    assert.equal(third.headers.get("retry-after"), "60");
    assert.equal(third.headers.get("x-ratelimit-reset-requests"), "1m0s");
    assert.equal(at(third.json, "error", "code"), "rate_limit_exceeded");
    assert.deepEqual(provider.served.get(KEY), {
      requests: 4,
      succeeded: 3,
      refused: 1,
      failed: 0,
      rejected: 0,
      inputTokens: 9,
      outputTokens: 9,
      abandonedInputTokens: 0,
      abandonedOutputTokens: 0,
    });
  });
});

Deno.test("an Anthropic limit states its reset as RFC 3339", async () => {
  const keys = [{ secret: KEY, behaviour: { limitedPerMinute: 0 } }];
  const now = () => Date.parse("2026-11-21T08:00:00Z");
  await withProvider({ dialect: "anthropic", keys, now }, async (provider) => {
    await call(provider, ASK.anthropic.path, ASK.anthropic.body);
    provider.setKey(KEY, { limitedPerMinute: 1 });
    await call(provider, ASK.anthropic.path, ASK.anthropic.body);
    const got = await call(provider, ASK.anthropic.path, ASK.anthropic.body);

    assert.equal(got.status, 429);
    assert.equal(got.headers.get("retry-after"), "60");
    assert.equal(got.headers.get("anthropic-ratelimit-requests-remaining"), "0");
    assert.equal(got.headers.get("anthropic-ratelimit-requests-reset"), "2026-11-21T08:01:00Z");
  });
});

for (
  const [behaviour, quota, delay] of [
    [{ limitedPerMinute: 1 }, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "60s"],
    [{ limitedPerDay: 1 }, "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "37s"],
  ] as const
) {
  Deno.test(`a Gemini limit names ${quota} and a delay`, async () => {
    const keys = [{ secret: KEY, behaviour }];
    await withProvider({ dialect: "gemini", keys, now: () => 0 }, async (provider) => {
      await call(provider, ASK.gemini.path, ASK.gemini.body);
      const got = await call(provider, ASK.gemini.path, ASK.gemini.body);

      assert.equal(got.status, 429);
      assert.equal(got.headers.get("retry-after"), null);
      assert.equal(at(got.json, "error", "details", 0, "violations", 0, "quotaId"), quota);
      assert.equal(at(got.json, "error", "details", 2, "retryDelay"), delay);
    });
  });
}

Deno.test("a limit per model leaves the other models free, and lists of models count nothing", async () => {
  const keys = [{ secret: KEY, behaviour: { limitedPerMinute: 1, perModel: true } }];
  await withProvider({ dialect: "gemini", keys }, async (provider) => {
    const { path, body } = ASK.gemini;
    await call(provider, "/v1beta/models");
    const first = await call(provider, path, body);
    const second = await call(provider, path, body);
    const other = await call(provider, path.replace("flash", "pro"), body);

    assert.deepEqual([first.status, second.status, other.status], [200, 429, 200]);
  });
});

Deno.test("Gemini takes its key from the query too", async () => {
  await withProvider({ dialect: "gemini" }, async (provider) => {
    const got = await call(provider, `${ASK.gemini.path}?key=${KEY}`, ASK.gemini.body, {});

    assert.equal(got.status, 200);
  });
});

Deno.test("a slow key answers after its pause, and others do not wait for it", async () => {
  const keys = [{ secret: KEY, behaviour: "ok" as const }, {
    secret: "slow-key-0001",
    behaviour: { slowMs: 60_000 },
  }];
  await withProvider({ dialect: "openai", keys }, async (provider) => {
    const gone = new AbortController();
    const slow = fetch(provider.origin + ASK.openai.path, {
      method: "POST",
      headers: credential("slow-key-0001"),
      body: JSON.stringify(ASK.openai.body),
      signal: gone.signal,
    }).catch(() => "left");

    const got = await call(provider, ASK.openai.path, ASK.openai.body);
    gone.abort();

    assert.equal(got.status, 200);
    assert.equal(await slow, "left");
  });
});

Deno.test("10,000 requests at concurrency 64 over three keys are counted exactly", async () => {
  const secrets = ["key-a-000001", "key-b-000001", "key-c-000001"];
  const keys = secrets.map((secret) => ({ secret, behaviour: "ok" as const }));
  await withProvider({ dialect: "openai", keys, logSize: 10 }, async (provider) => {
    let next = 0;
    const worker = async () => {
      for (let number = next++; number < 10_000; number = next++) {
        const got = await call(provider, ASK.openai.path, ASK.openai.body, credential(secrets[number % 3]));
        if (got.status !== 200) throw new Error(`status ${got.status}`);
      }
    };

    await Promise.all(Array.from({ length: 64 }, worker));

    assert.deepEqual(secrets.map((secret) => provider.served.get(secret)?.succeeded), [3334, 3333, 3333]);
    assert.equal(provider.totals.requests, 10_000);
    assert.equal(provider.totals.outputTokens, 30_000);
    assert.equal(provider.totals.inFlight, 0);
    assert.equal(provider.log.length, 10);
  });
});

for (const dialect of NAMES) {
  Deno.test(`the ${dialect} log keeps method, path, query, headers and body of a request`, async () => {
    await withProvider({ dialect }, async (provider) => {
      const { path, body } = ASK[dialect];
      await call(provider, `${path}?trace=1`, body, { ...credential(), "x-mine": "yes" });

      const [logged] = provider.log;
      assert.equal(logged?.method, "POST");
      assert.equal(logged.path, path);
      assert.equal(logged.query, "trace=1");
      assert.ok(logged.headers.some(([name, value]) => name === "x-mine" && value === "yes"));
      assert.deepEqual(JSON.parse(new TextDecoder().decode(logged.body)), body);
    });
  });
}
