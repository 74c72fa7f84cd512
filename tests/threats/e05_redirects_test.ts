import assert from "node:assert/strict";
import { chat, CHAT_PATH } from "../proxy/asks.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { startKeyturn } from "../support/keyturn_under_test.ts";

const KEY = "Zq9planted0key000123456";

for (const transport of ["http1", "fetch"] as const) {
  Deno.test(`E5 no redirect is followed and no key sent elsewhere, by ${transport}`, async () => {
    await using elsewhere = new ScriptedUpstream(() => new Response("reached"));
    await using upstream = new ScriptedUpstream(({ target }) => {
      const place = target.includes("meta")
        ? "http://169.254.169.254/latest"
        : `${elsewhere.url}/x?key=${KEY}`;
      return new Response("moved", {
        status: Number(/\d{3}/.exec(target)?.[0]),
        headers: { location: place },
      });
    });
    await using keyturn = await startKeyturn({ transport });
    const policy = { maxAttempts: 1, maxWaitMs: 0 };
    await keyturn.enter("raw", { dialect: "rest", baseUrl: upstream.url, policy }, [KEY]);

    for (const status of [301, 302, 303, 307, 308]) {
      const slug = `llm${status}`;
      const dialect = ["openai", "anthropic", "gemini"][status % 3];
      await keyturn.enter(slug, { dialect, baseUrl: `${upstream.url}/${status}/v1`, policy }, [KEY]);
      const llm = await keyturn.ask(`/llm/${slug}${CHAT_PATH}`, chat());
      const raw = await keyturn.ask(`/proxy/raw/${status}`, "{}");
      const meta = await keyturn.ask(`/proxy/raw/meta/${status}`);

      assert.equal(llm.status, 502, `${status} ${llm.text}`);
      assert.equal(llm.headers.get("location"), null);
      assert.deepEqual(
        [raw.status, raw.headers.get("location")],
        [status, null],
        "one that holds the key is left out",
      );
      assert.equal(meta.status, status);
    }
    assert.equal(elsewhere.requests.length, 0);
  });
}
