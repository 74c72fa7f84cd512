import assert from "node:assert/strict";
import type { RequestRecord } from "../../src/core/request_record.ts";
import { openDatabase } from "../../src/store/database.ts";
import { addRequests } from "../../src/store/request_log_store.ts";
import { ADMIN_KEY, type AdminUnderTest, at, listAt, startAdmin } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

const MARKUP = "<script>alert(1)</script>";
const STARTED_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

function logged(id: string, more: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id,
    startedMs: STARTED_MS,
    durationMs: 900,
    firstByteMs: 400,
    dialect: "openai",
    clientKeyId: undefined,
    model: "gpt-4o",
    isStream: true,
    waitedMs: 50,
    status: 200,
    outcome: "succeeded",
    attempts: [
      {
        providerId: "gone",
        providerKeyId: "gone-key",
        startedMs: STARTED_MS + 60,
        durationMs: 40,
        status: 429,
        kind: "key_limited",
        rule: "openai.rate_limit_exceeded",
        untilMs: STARTED_MS + 60_000,
      },
      {
        providerId: "gone",
        providerKeyId: "other-key",
        startedMs: STARTED_MS + 110,
        durationMs: 290,
        status: 200,
        kind: "succeeded",
        rule: "status.2xx",
      },
    ],
    usage: { inputTokens: 12, outputTokens: 0, cachedTokens: 4 },
    ...more,
  };
}

/** Signed in, with these requests in the log. */
async function withLog(
  records: readonly RequestRecord[],
  test: (browser: BrowserSession, admin: AdminUnderTest) => Promise<void>,
): Promise<void> {
  await using admin = await startAdmin();
  const db = await openDatabase({ url: admin.config.databaseUrl });
  await addRequests(db, records, STARTED_MS);
  db.close();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);
  await test(browser, admin);
}

Deno.test("GET /admin/requests shows the log with each end and cost, and what came from outside as text", () =>
  withLog([
    logged("req_one", { model: MARKUP }),
    logged("req_two", { status: 503, outcome: "failed", usage: undefined }),
    logged("req_three", { status: 429, outcome: "refused", attempts: [], usage: undefined }),
  ], async (browser) => {
    const page = await browser.get("/admin/requests");
    const filtered = await browser.get("/admin/requests?outcome=failed");
    const nothing = await browser.get("/admin/requests?model=none-such");

    assert.equal(page.status, 200);
    assert.ok(!page.text.includes(MARKUP) && page.text.includes("&lt;script&gt;"));
    for (const text of ["succeeded", "refused here", "12 → 0", "4 cached", "no price", "deleted provider"]) {
      assert.ok(page.text.includes(text), text);
    }
    assert.ok(filtered.text.includes("req_two") && !filtered.text.includes("req_one"));
    assert.match(nothing.text, /No request matches/);
  }));

Deno.test("GET /admin/requests/:id tells each attempt's verdict in words, its rule and where the time went", () =>
  withLog([logged("req_one")], async (browser) => {
    const page = await browser.get("/admin/requests/req_one");
    const chinese = await browser.get("/admin/requests/req_one", { cookie: "", "accept-language": "zh" });
    const nobody = await browser.get("/admin/requests/req_nobody");

    for (
      const text of [
        "the key had reached its rate limit",
        "openai.rate_limit_exceeded",
        "rests until",
        "waited for a free key",
        "streaming",
        "It waited 50ms in all",
        "$KEYTURN_KEY",
      ]
    ) {
      assert.ok(page.text.includes(text), text);
    }
    assert.equal(
      (page.text.match(/class="stretch /g) ?? []).length,
      5,
      "two waits, two attempts, the stream",
    );
    assert.equal(chinese.status, 303, "without a session nothing is shown");
    assert.equal(nobody.status, 404);
  }));

Deno.test("GET /admin/requests searches a time by from and to (UTC) or by what is last, in both faces", () =>
  withLog([logged("req_one")], async (browser, admin) => {
    const ids = async (query: string) =>
      listAt(await admin.done("GET", `/admin/requests?${query}`), "requests").map((request) =>
        at(request, "id")
      );

    const inside = await ids("from=2026-11-21T11:59&to=2026-11-21T12:01");
    const before = await ids("to=2026-11-21T12:00");
    const lately = await ids("last=15m");
    const wrong = await browser.get("/admin/requests?last=1y");

    assert.deepEqual([inside, before, lately], [
      ["req_one"],
      [],
      Date.now() - STARTED_MS < 900_000 ? ["req_one"] : [],
    ]);
    assert.equal(wrong.status, 422);
  }));
