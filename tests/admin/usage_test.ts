import assert from "node:assert/strict";
import { Secret } from "../../src/core/secret.ts";
import { startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { at, type KeyturnUnderTest, startKeyturn, until } from "../support/keyturn_under_test.ts";

const KEYS = [{ secret: "key-0001", behaviour: "ok" }, { secret: "key-0002", behaviour: "ok" }] as const;

/** Keyturn that has served some requests, all of them written. */
async function served(
  test: (keyturn: KeyturnUnderTest, provider: ReturnType<typeof startSimulatedProvider>) => Promise<void>,
  count = 3,
): Promise<void> {
  const provider = startSimulatedProvider({ dialect: "openai", keys: KEYS });
  await using keyturn = await startKeyturn({ metricsToken: new Secret("scraper-token") });
  await keyturn.enterSimulated("openai", provider);
  for (let number = 0; number < count; number++) {
    assert.equal((await keyturn.ask(CHAT_PATH, chat("one two"))).status, 200);
  }
  await until(async () => at(await keyturn.admin("GET", "/admin/requests"), "logged") === count);
  await test(keyturn, provider);
  await keyturn.stop();
  await provider.close();
}

function listOf(value: unknown): readonly unknown[] {
  assert.ok(Array.isArray(value));
  return value;
}

Deno.test("GET /admin/usage adds up by any dimension and interval, equal to what the provider served", () =>
  served(async (keyturn, { totals }) => {
    const whole = await keyturn.admin("GET", "/admin/usage");
    const byModel = await keyturn.admin("GET", "/admin/usage?groupBy=provider,model&interval=hour");
    const byKey = await keyturn.admin("GET", "/admin/usage?groupBy=providerKey,clientKey&provider=openai");
    const elsewhere = await keyturn.admin("GET", "/admin/usage?provider=other");

    const shown = ["requests", "succeeded", "inputTokens", "outputTokens", "metered"].map((name) =>
      at(whole, "total", name)
    );
    assert.deepEqual(shown, [3, 3, totals.inputTokens, totals.outputTokens, 3]);
    assert.equal(at(whole, "total", "successRate"), 1);
    assert.ok(Number(at(whole, "rows", 0, "durationMsQuantiles", "count")) === 3);
    const [row] = listOf(at(byModel, "rows"));
    assert.deepEqual([at(row, "provider"), at(row, "model"), at(row, "requests")], ["openai", "gpt-4o", 3]);
    assert.ok(String(at(row, "start")).endsWith(":00:00.000Z"));
    assert.equal(listOf(at(byKey, "rows")).length, 2);
    assert.equal(at(byKey, "rows", 0, "clientKey"), "environment 1");
    assert.equal(at(byKey, "rows", 0, "durationMsQuantiles"), undefined);
    assert.equal(at(elsewhere, "total", "requests"), 0);
  }));

Deno.test("GET /admin/usage gives the same as CSV", () =>
  served(async (keyturn) => {
    const headers = { "x-admin-key": "test-admin-password" };

    const got = await keyturn.call("GET", "/admin/usage?groupBy=model&format=csv", undefined, headers);

    assert.equal(got.status, 200);
    assert.match(got.headers.get("content-type") ?? "", /^text\/csv/);
    const lines = got.text.trim().split("\r\n");
    assert.ok(lines[0]?.startsWith("model,requests,succeeded,"));
    assert.equal(lines.length, 2);
    assert.ok(lines[1]?.startsWith("gpt-4o,3,3,"), got.text);
  }));

Deno.test("GET /admin/usage refuses what it cannot answer, and says which field", () =>
  served(async (keyturn) => {
    const headers = { "x-admin-key": "test-admin-password" };
    const cases = [
      ["from=yesterday", "from"],
      ["from=2026-02-02&to=2026-02-01", "from"],
      ["groupBy=model,colour", "groupBy.1"],
      ["interval=week", "interval"],
      ["statusClass=9", "statusClass.0"],
      ["orderBy=name", "orderBy"],
    ] as const;

    for (const [query, field] of cases) {
      const got = await keyturn.call("GET", `/admin/usage?${query}`, undefined, headers);
      assert.equal(got.status, 422, query);
      assert.ok(at(got.json, "error", "fields", field) !== undefined, `${query}: ${got.text}`);
    }
  }, 0));

Deno.test("GET /admin/requests pages through the log, and shows each request with its attempts and no word of it", () =>
  served(async (keyturn) => {
    const first = await keyturn.admin("GET", "/admin/requests?limit=2");
    const second = await keyturn.admin("GET", `/admin/requests?limit=2&before=${at(first, "next")}`);
    const failed = await keyturn.admin("GET", "/admin/requests?outcome=failed");
    const id = String(at(second, "requests", 0, "id"));
    const one = await keyturn.admin("GET", `/admin/requests/${id}`);
    const headers = { "x-admin-key": "test-admin-password" };
    const nobody = await keyturn.call("GET", "/admin/requests/req_nobody", undefined, headers);

    assert.deepEqual([listOf(at(first, "requests")).length, listOf(at(second, "requests")).length], [2, 1]);
    assert.equal(at(second, "next"), null);
    assert.deepEqual(at(failed, "requests"), []);
    assert.deepEqual(one, at(second, "requests", 0));
    assert.deepEqual(
      [
        at(one, "model"),
        at(one, "status"),
        at(one, "attempts", 0, "provider"),
        at(one, "attempts", 0, "verdict"),
      ],
      ["gpt-4o", 200, "openai", "succeeded"],
    );
    assert.ok(!JSON.stringify(one).includes("one two"));
    assert.equal(nobody.status, 404);
  }));

Deno.test("POST /admin/prices sets a price with its history, and POST /admin/repricings counts what was unpriced", () =>
  served(async (keyturn, { totals }) => {
    const set = (price: unknown, more: object = {}) =>
      keyturn.admin("POST", "/admin/prices", {
        model: "gpt-4o",
        provider: "openai",
        price,
        source: "a page",
        ...more,
      });
    const price = { inputNanoPerMillion: 37_500_000, outputNanoPerMillion: 1_000_000_000 };
    await set(price, { validFrom: "2020-01-01" });
    await set(null, { validFrom: "2100-01-01" });
    const listed = await keyturn.admin("GET", "/admin/prices?provider=openai");
    const shipped = await keyturn.admin("GET", "/admin/prices?model=gpt-4o");

    await keyturn.admin("POST", "/admin/repricings", { from: "2020-01-01" });
    await until(async () =>
      at(await keyturn.admin("GET", "/admin/repricings"), "repricings", 0, "phase") === "done"
    );
    const usage = await keyturn.admin("GET", "/admin/usage");
    const { requests } = await keyturn.admin("GET", "/admin/requests").then((page) => ({
      requests: listOf(at(page, "requests")),
    }));

    assert.deepEqual(listOf(at(listed, "versions")).map((version) => at(version, "price")), [null, price]);
    assert.ok(String(at(shipped, "shipped", 0, "source")).startsWith("https://"));
    const logged = requests.reduce((sum: number, request) => sum + Number(at(request, "costNanoDollars")), 0);
    const cost = totals.inputTokens * 37.5 + totals.outputTokens * 1000;
    assert.ok(Math.abs(logged - cost) <= 2, `${logged} for ${cost}`);
    assert.ok(Math.abs(Number(at(usage, "total", "costNanoDollars")) - cost) <= 2);
    assert.equal(at(usage, "total", "unpriced"), 0);
    assert.equal(at(requests[0], "priceVersion"), at(listed, "versions", 1, "id"));
  }));

Deno.test("GET /metrics shows what was counted to the scraper and the owner, and to nobody else", () =>
  served(async (keyturn, { totals }) => {
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

    const scraped = await keyturn.call("GET", "/metrics", undefined, bearer("scraper-token"));
    const owner = await keyturn.call("GET", "/metrics", undefined, { "x-admin-key": "test-admin-password" });
    const refused = [
      await keyturn.call("GET", "/metrics", undefined, {}),
      await keyturn.call("GET", "/metrics", undefined, bearer("scraper-toke")),
    ];

    assert.deepEqual([scraped.status, owner.status, ...refused.map(({ status }) => status)], [
      200,
      200,
      401,
      401,
    ]);
    assert.match(scraped.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const lines = scraped.text.split("\n");
    for (
      const line of [
        'keyturn_requests_total{provider="openai",model="gpt-4o",status_class="2xx"} 3',
        'keyturn_attempts_total{provider="openai",verdict="succeeded"} 3',
        `keyturn_tokens_total{provider="openai",model="gpt-4o",kind="output"} ${totals.outputTokens}`,
        'keyturn_request_duration_seconds_count{provider="openai",model="gpt-4o"} 3',
        'keyturn_provider_keys{provider="openai",state="ready"} 2',
        'keyturn_waiting_requests{provider="openai"} 0',
        "keyturn_recorder_dropped_requests_total 0",
      ]
    ) assert.ok(lines.includes(line), `${line} in\n${scraped.text}`);
    assert.ok(!scraped.text.includes("key-0001") && !scraped.text.includes("kt_test"));
  }));

Deno.test("GET /healthz and /readyz are open, and /readyz turns away requests while the program stops", () =>
  served(async (keyturn) => {
    const live = await keyturn.call("GET", "/healthz", undefined, {});
    const ready = await keyturn.call("GET", "/readyz", undefined, {});

    assert.deepEqual([live.status, at(live.json, "status")], [200, "ok"]);
    assert.deepEqual([ready.status, ready.json], [200, {
      status: "ready",
      checks: { database: true, kv: true, accepting: true },
    }]);
  }, 0));

Deno.test("GET /admin/app-status tells how the process does, and its settings without secrets", () =>
  served(async (keyturn) => {
    const status = await keyturn.admin("GET", "/admin/app-status");

    assert.ok(Number(at(status, "uptimeSeconds")) >= 0 && Number(at(status, "memory", "rss")) > 0);
    assert.deepEqual([at(status, "providers"), at(status, "providerKeys"), at(status, "loggedRequests")], [
      1,
      2,
      3,
    ]);
    assert.equal(at(status, "settings", "METRICS_TOKEN"), "set");
    const text = JSON.stringify(status);
    assert.ok(
      !text.includes("scraper-token") && !text.includes("test-admin-password") && !text.includes("kt_test"),
    );
  }));
