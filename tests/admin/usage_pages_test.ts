import assert from "node:assert/strict";
import { type AttemptRecord, type RequestRecord } from "../../src/core/request_record.ts";
import { createLog } from "../../src/log.ts";
import { openDatabase } from "../../src/store/database.ts";
import { addRequests } from "../../src/store/request_log_store.ts";
import { addUsage } from "../../src/store/usage_store.ts";
import { UsageRecorder } from "../../src/usage/recorder.ts";
import { ADMIN_KEY, type AdminUnderTest, at, listAt, startAdmin } from "../support/admin_under_test.ts";
import { BrowserSession } from "../support/browser_session.ts";

const MARKUP = "<script>alert(1)</script>";

/** Signed in, with two requests counted a moment ago: one that costs something, one without a price. */
async function withUsage(
  test: (browser: BrowserSession, admin: AdminUnderTest) => Promise<void>,
): Promise<void> {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "openai" });
  const providerId = admin.keyturn.live.find("openai")?.provider.id ?? "";
  const startedMs = Date.now() - 60_000;
  const attempt = (kind: AttemptRecord["kind"], rule: string, status: number): AttemptRecord => ({
    providerId,
    providerKeyId: "a-key",
    startedMs,
    durationMs: 10,
    status,
    kind,
    rule,
  });
  const request = (id: string, model: string, more: Partial<RequestRecord>): RequestRecord => ({
    id,
    startedMs,
    durationMs: 500,
    firstByteMs: 100,
    dialect: "openai",
    clientKeyId: undefined,
    model,
    status: 200,
    outcome: "succeeded",
    attempts: [attempt("key_limited", "status.429", 429), attempt("succeeded", "status.2xx", 200)],
    usage: { inputTokens: 1_000, outputTokens: 500, cachedTokens: 250 },
    ...more,
  });
  const db = await openDatabase({ url: admin.config.databaseUrl });
  const recorder = new UsageRecorder({
    addUsage: (piece) => addUsage(db, piece),
    addRequests: (requests) => addRequests(db, requests, startedMs),
  }, createLog("silent", () => {}, (line) => line));
  recorder.record(request("req_priced", "gpt-4o", { costNanoDollars: 7_500_000, priceVersion: "openai-1" }));
  recorder.record(request("req_unpriced", MARKUP, { usageSource: "estimated" }));
  await recorder.close();
  db.close();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);
  await test(browser, admin);
}

Deno.test("GET /admin/usage as a page has sums, shares without a price, charts and a row for each group", () =>
  withUsage(async (browser) => {
    const byModel = await browser.get("/admin/usage");
    const byBoth = await browser.get(
      "/admin/usage?groupBy=provider&thenBy=clientKey&metric=cost&interval=minute&last=1h",
    );
    const download = await browser.get("/admin/usage?groupBy=model&format=csv");

    assert.equal(byModel.status, 200);
    assert.ok(!byModel.text.includes(MARKUP) && byModel.text.includes("&lt;script&gt;"));
    for (const text of ["100% succeeded", "50%", "50% unpriced", "50% estimated", "$0.0075", "rate limit"]) {
      assert.ok(byModel.text.includes(text), text);
    }
    assert.match(byModel.text, /<svg[^>]*aria-label="Requests, each hour: /);
    assert.match(byBoth.text, /aria-label="Cost, each minute: openai/);
    assert.match(byBoth.text, /Provider · Client key/);
    assert.match(download.headers.get("content-type") ?? "", /^text\/csv/);
  }));

Deno.test("GET /admin/usage says whether nothing was ever counted, or nothing in this time", async () => {
  await using admin = await startAdmin();
  const browser = new BrowserSession(admin);
  await browser.signIn("admin", ADMIN_KEY);

  const never = await browser.get("/admin/usage");

  assert.match(never.text, /No request has been counted yet/);
  await withUsage(async (other) => {
    assert.match((await other.get("/admin/usage?model=none-such")).text, /Nothing was used in this time/);
  });
});

Deno.test("GET /admin/prices names models that were used without a price; a price in dollars is set and taken back", () =>
  withUsage(async (browser, admin) => {
    const before = await browser.get("/admin/prices");
    const wrong = await browser.post("/admin/prices", {
      model: "mine",
      "dollars.in": "2.5",
      "dollars.out": "much",
    });
    const set = await browser.post("/admin/prices", {
      model: "mine",
      provider: "openai",
      "dollars.in": "2.5",
      "dollars.out": "10",
      "dollars.cached": "",
      validFrom: "2026-01-01T00:00",
    });
    const [version] = listAt(await admin.done("GET", "/admin/prices"), "versions");
    const taken = await browser.post(`/admin/prices/${at(version, "id")}?_method=DELETE`);
    const after = listAt(await admin.done("GET", "/admin/prices"), "versions");
    const nobody = await admin.call("DELETE", "/admin/prices/nobody");
    const both = await admin.call("POST", "/admin/prices", { model: "mine" });

    assert.match(before.text, /Used without a price[\s\S]*&lt;script&gt;/);
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /value="2\.5"/);
    assert.equal(set.status, 303);
    assert.deepEqual(at(version, "price"), {
      inputNanoPerMillion: 2_500_000_000,
      outputNanoPerMillion: 10_000_000_000,
    });
    assert.deepEqual([at(version, "validFromMs"), at(version, "state")], [Date.UTC(2026, 0, 1), "holds"]);
    assert.equal(taken.status, 303);
    assert.deepEqual(after.map((each) => at(each, "state")), ["takenBack", "replaced"]);
    assert.deepEqual([nobody.status, both.status], [404, 422]);
  }));

Deno.test("POST /admin/repricings comes back as it was typed when its time ends before it begins", () =>
  withUsage(async (browser) => {
    const wrong = await browser.post("/admin/repricings", {
      from: "2026-02-02T00:00",
      to: "2026-02-01T00:00",
    });
    const begun = await browser.post("/admin/repricings", { from: "2026-02-02T00:00", to: "" });
    const list = await browser.get("/admin/repricings", { "hx-request": "true" });
    const whole = await browser.get("/admin/repricings");

    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /value="2026-02-02T00:00"/);
    assert.equal(begun.headers.get("location"), "/admin/prices#repricing");
    assert.match(list.text, /^<div id="repricings"/);
    assert.equal(whole.status, 303);
  }));
