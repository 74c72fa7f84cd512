import { GoogleGenAI } from "@google/genai";
import Anthropic from "@anthropic-ai/sdk";
import assert from "node:assert/strict";
import OpenAI from "openai";
import { textAt } from "../support/admin_under_test.ts";
import { at, CLIENT_KEY, type KeyturnUnderTest, startKeyturn, until } from "../support/keyturn_under_test.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

const PRESETS = {
  openai: ["gpt-4o", "gpt-4o-mini"],
  anthropic: ["claude-a", "claude-b", "claude-c"],
  gemini: ["gemini-2.5-flash", "gemini-embedding-001", "gemini-pro"],
} as const;

async function start(upstream: ScriptedUpstream): Promise<KeyturnUnderTest> {
  const keyturn = await startKeyturn();
  for (const [preset, models] of Object.entries(PRESETS)) {
    await keyturn.enter(preset, { preset, baseUrl: upstream.url, models }, ["key-0001"]);
  }
  await keyturn.enter("second", { baseUrl: upstream.url, models: ["gpt-4o", "llama/llama-4"] }, ["key-0001"]);
  await keyturn.admin("POST", "/admin/aliases", { name: "fast", target: "second/gpt-4o-mini" });
  return keyturn;
}

/** The lists of the three dialects, as their SDKs read them over all pages. */
async function listAll({ url }: KeyturnUnderTest, apiKey = CLIENT_KEY) {
  const openai: string[] = [];
  for await (const { id } of new OpenAI({ baseURL: `${url}/v1`, apiKey }).models.list()) openai.push(id);
  const anthropic: string[] = [];
  for await (const { id } of new Anthropic({ baseURL: url, apiKey }).models.list({ limit: 2 })) {
    anthropic.push(id);
  }
  const gemini: (string | undefined)[] = [];
  const google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
  for await (const { name } of await google.models.list({ config: { pageSize: 2 } })) gemini.push(name);
  return { openai, anthropic, gemini };
}

const nothing = () => new ScriptedUpstream(() => new Response("{}", { status: 500 }));

Deno.test("answerModelList() gives each SDK the models of all dialects in its own form, aliases included, over pages", async () => {
  await using upstream = nothing();
  await using keyturn = await start(upstream);

  const lists = await listAll(keyturn);
  const openai = new OpenAI({ baseURL: `${keyturn.url}/v1`, apiKey: CLIENT_KEY });
  const one = await openai.models.retrieve("gpt-4o");
  const anthropic = new Anthropic({ baseURL: keyturn.url, apiKey: CLIENT_KEY });
  const claude = await anthropic.models.retrieve("claude-b");
  const google = new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions: { baseUrl: keyturn.url } });
  const embedding = await google.models.get({ model: "gemini-embedding-001" });
  const slashed = await keyturn.ask("/v1/models/llama/llama-4");
  const before = await keyturn.ask("/v1/models?before_id=claude-c&limit=1", undefined, {
    "anthropic-version": "2023-06-01",
  });
  const wrong = await keyturn.ask("/v1beta/models?pageSize=many");

  const all = [...Object.values(PRESETS).flat(), "fast", "llama/llama-4"].sort();
  assert.deepEqual(lists, { openai: all, anthropic: all, gemini: all.map((id) => `models/${id}`) });
  assert.equal(one.object, "model");
  assert.equal(claude.display_name, "claude-b");
  assert.equal(Number.isNaN(Date.parse(claude.created_at)), false);
  assert.ok(embedding.supportedActions?.includes("embedContent"));
  assert.equal(at(slashed.json, "owned_by"), "second");
  assert.deepEqual([at(before.json, "data", 0, "id"), at(before.json, "has_more")], ["claude-b", true]);
  assert.equal(wrong.status, 400);
  assert.equal(upstream.requests.length, 0);
});

Deno.test("answerModelList() gives a client key only what it may use", async () => {
  await using upstream = nothing();
  await using keyturn = await start(upstream);
  const keyOf = async (bounds: Record<string, unknown>) =>
    textAt(await keyturn.admin("POST", "/admin/client-keys", { name: "bound", ...bounds }), "key");

  const byModel = await listAll(keyturn, await keyOf({ models: ["gpt-*", "gemini-pro"] }));
  const byTarget = await listAll(keyturn, await keyOf({ targets: ["second", "anthropic"] }));
  const mini = await keyturn.ask("/v1/models/gpt-4o", undefined, {
    "x-proxy-key": await keyOf({ models: ["*-mini"] }),
  });
  const nobody = await keyturn.ask("/v1/models", undefined, { "x-proxy-key": "wrong-client-key" });

  const few = ["gemini-pro", "gpt-4o", "gpt-4o-mini"];
  assert.deepEqual(byModel, { openai: few, anthropic: few, gemini: few.map((id) => `models/${id}`) });
  assert.deepEqual(byTarget.openai, [...PRESETS.anthropic, "fast", "gpt-4o", "llama/llama-4"]);
  assert.equal(mini.status, 403);
  assert.equal(nobody.status, 401);
});

Deno.test("answerModelList() leaves the list to the upstream while nothing is known of it, and under its slug", async () => {
  await using upstream = new ScriptedUpstream(() =>
    Response.json({ object: "list", data: [{ id: "theirs" }] })
  );
  await using keyturn = await startKeyturn();
  await keyturn.enter("one", { baseUrl: upstream.url }, ["key-0001"]);

  const unknown = await keyturn.ask("/v1/models");
  await keyturn.admin("PUT", "/admin/providers/one", { models: ["told"] });
  const told = await keyturn.ask("/v1/models");
  const bySlug = await keyturn.ask("/llm/one/v1/models");

  assert.deepEqual(
    [unknown, told, bySlug].map(({ json }) => at(json, "data", 0, "id")),
    ["theirs", "told", "theirs"],
  );
});

Deno.test("a provider whose operator tells no models is asked for them when its keys come", async () => {
  await using upstream = new ScriptedUpstream(({ target }) =>
    target.startsWith("/models") || target.startsWith("/v1/models")
      ? Response.json({ object: "list", data: [{ id: "learned-a" }, { id: "learned-b" }] })
      : Response.json({ choices: [{ text: "ok" }] })
  );
  await using keyturn = await startKeyturn({ modelListFreshMs: 3_600_000 });
  await keyturn.enter("one", { baseUrl: upstream.url }, ["key-0001"]);

  await until(() => keyturn.logged.some((line) => line.includes("models.learned")));
  const asked = upstream.requests.length;
  const listed = await keyturn.ask("/v1/models");
  const unlisted = await keyturn.ask("/v1/chat/completions", { model: "preview-c", messages: [] });

  assert.equal(asked, 1);
  assert.deepEqual(at(listed.json, "data", 1, "id"), "learned-b");
  assert.equal(unlisted.status, 200);
});

Deno.test("answerModelList() answers for a slug whose servers speak another dialect, and without any that is known", async () => {
  await using upstream = nothing();
  await using keyturn = await startKeyturn();
  await keyturn.enter("claude", { preset: "anthropic", slug: "claude", baseUrl: upstream.url }, ["key-0001"]);

  const unknown = await keyturn.ask("/v1/models");
  await keyturn.admin("PUT", "/admin/providers/claude", { models: ["claude-a"] });
  const bySlug = await keyturn.ask("/llm/claude/v1/models");
  const one = await keyturn.ask("/llm/claude/v1/models/claude-a");
  const none = await keyturn.ask("/llm/claude/v1/models/claude-b");
  await keyturn.enter("llama", { baseUrl: upstream.url, models: ["llama-4"] }, ["key-0001"]);
  const members = [{ provider: "claude" }, { provider: "llama" }];
  await keyturn.admin("POST", "/admin/groups", { slug: "team", members });
  const team = await keyturn.ask("/llm/team/v1/models");

  assert.deepEqual([unknown.status, at(unknown.json, "data")], [200, []]);
  assert.deepEqual([at(bySlug.json, "object"), at(bySlug.json, "data", 0, "id")], ["list", "claude-a"]);
  assert.equal(at(one.json, "owned_by"), "claude");
  assert.deepEqual([none.status, at(none.json, "error", "code")], [404, "model_not_found"]);
  assert.deepEqual([0, 1].map((index) => at(team.json, "data", index, "id")), ["claude-a", "llama-4"]);
  assert.equal(upstream.requests.length, 0);
});
