import assert from "node:assert/strict";
import { keysOf, leftOutOf, providerOf, readFixture } from "./support.ts";

Deno.test("readTextLines() reads lines, commas, quotes and weights, and names the lines that are no key", async () => {
  const imported = await readFixture("text.txt");

  assert.deepEqual(keysOf(providerOf(imported, "openrouter")), { "0001": { weight: 10 }, "0002": {} });
  assert.deepEqual(keysOf(providerOf(imported, "anthropic")), { "0003": {} });
  assert.deepEqual(keysOf(providerOf(imported, "groq")), { "0004": {} });
  assert.deepEqual(keysOf(providerOf(imported, "")), { "0006": {} }, "nobody told whose it is");
  assert.deepEqual(leftOutOf(imported), ["5 repeated", "6 key_characters", "7 weight_range"]);
});

Deno.test("readKeyRows() reads a table with quotes, tags, switches and base URLs", async () => {
  const imported = await readFixture("keys.csv");

  assert.deepEqual(keysOf(providerOf(imported, "groq")), {
    "0001": { weight: 3, isEnabled: true, tags: ["free", "team-a"], metadata: { name: "First" } },
    "0002": { isEnabled: false, metadata: { name: "Second; with a semicolon" } },
  });
  assert.equal(providerOf(imported, "tavily").settings.baseUrl, "https://api.tavily.example/v1");
  assert.deepEqual(leftOutOf(imported), ["6 unreadable_row", "5 key_characters"]);
});

Deno.test("readEnvFile() takes variables that name a provider's key, and no other secret", async () => {
  const imported = await readFixture("plain.env");

  assert.deepEqual(imported.providers.map(({ slug }) => slug), ["openai", "gemini", "groq", "tavily"]);
  assert.equal(providerOf(imported, "openai").settings.baseUrl, "https://relay.example/v1");
  assert.deepEqual(keysOf(providerOf(imported, "gemini")), { "0002": {}, "0003": { weight: 5 } });
  assert.deepEqual(imported.clientKeys.map(({ name }) => name), ["GLOBAL_PROXY_KEYS"]);
});

Deno.test("readGptLoad() takes over groups, their upstreams, keys, policies, members and callers' keys", async () => {
  const imported = await readFixture("gpt_load.json");

  const gemini = providerOf(imported, "gemini-free");
  assert.deepEqual(gemini.settings, {
    dialect: "gemini",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
    headers: { "x-team": "blue" },
    policy: { maxAttempts: 4, maxConsecutiveFailures: 5 },
  });
  assert.deepEqual(Object.keys(keysOf(gemini)), ["0001", "0002"], "what was invalid once is tried again");
  assert.deepEqual(providerOf(imported, "openai_paid").settings.modelMap, { "gpt-4": "gpt-4o" });
  assert.deepEqual(imported.groups, [{
    slug: "all",
    name: "all",
    isEnabled: true,
    strategy: "weighted",
    members: [
      { ref: "gemini-free", tier: 0, weight: 3, isEnabled: true },
      { ref: "openai_paid", tier: 0, weight: 1, isEnabled: false },
    ],
  }]);
  assert.deepEqual(imported.clientKeys.map(({ targets }) => targets), [["gemini-free"]]);
  assert.deepEqual(leftOutOf(imported), [
    "groups[0].proxy_keys client_key_short gpt-load gemini-free",
    "groups[0].config.proxy_url egress_proxy",
    "groups[0].param_overrides setting param_overrides",
    "groups[0].upstreams extra_upstream mirror.example",
    "api_keys[3] encrypted",
  ]);
});

Deno.test("readGptLoad() reads the export of a whole system in an API's envelope", async () => {
  const imported = await readFixture("gpt_load_export.json");

  const claude = providerOf(imported, "claude");
  assert.deepEqual(claude.settings, {
    dialect: "anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    isEnabled: false,
  });
  assert.equal(claude.keys.length, 2);
});

Deno.test("readChannels() pools new-api's channels by upstream, with their order, weights, tags and models", async () => {
  const imported = await readFixture("new_api.json");

  const gemini = providerOf(imported, "gemini");
  assert.equal(gemini.preset, "gemini");
  assert.deepEqual(gemini.settings, {
    models: ["gemini-2.5-pro", "gemini-2.5-flash"],
    modelMap: { "gemini-pro": "gemini-2.5-pro" },
  });
  assert.deepEqual(keysOf(gemini), {
    "0001": { tags: ["free"], metadata: { name: "gemini pool" } },
    "0002": { tags: ["free"], metadata: { name: "gemini pool" }, isEnabled: false },
    "0003": { tags: ["free"], metadata: { name: "gemini pool" } },
  });
  const relay = providerOf(imported, "relay");
  assert.equal(relay.settings.baseUrl, "https://relay.example/v1");
  assert.equal(relay.settings.priority, 110, "asked after those of a higher priority there");
  assert.equal(keysOf(relay)["0004"]?.isEnabled, false, "disabled by hand");
  assert.equal(
    keysOf(providerOf(imported, "deepseek"))["0005"]?.isEnabled,
    undefined,
    "disabled by the product",
  );
  const azure = providerOf(imported, "house-openai-azure");
  assert.equal(azure.settings.baseUrl, "https://house.openai.azure.com/openai/v1");
  assert.deepEqual(azure.settings.credential, { kind: "header", name: "api-key" });
  assert.deepEqual(leftOutOf(imported), [
    "channels[1] setting param_override",
    "channels[3] not_key_based vertex (Vertex AI)",
    "channels[5] unknown_kind future (99)",
  ]);
});

Deno.test("readChannels() reads rows of a table as CSV, with several keys in one field", async () => {
  const imported = await readFixture("new_api.csv");

  const openrouter = providerOf(imported, "openrouter");
  assert.equal(openrouter.keys.length, 3);
  assert.deepEqual(openrouter.settings.models, ["deepseek/deepseek-chat", "openai/gpt-4o"]);
});

Deno.test("readChannels() gives one-api's numbers their own meaning", async () => {
  const imported = await readFixture("one_api.json");

  assert.deepEqual(imported.providers.map(({ slug, preset }) => [slug, preset]), [
    ["deepseek", "deepseek"],
    ["groq", "groq"],
    ["llm-house", undefined],
  ]);
  assert.equal(keysOf(providerOf(imported, "llm-house"))["0003"]?.isEnabled, false);
  assert.deepEqual(leftOutOf(imported), ["channels[3] not_key_based spark (Xunfei)"]);
});

Deno.test("readGeminiBalance() takes over keys, Vertex express, callers' tokens and the policy", async () => {
  const imported = await readFixture("gemini_balance.env");

  const gemini = providerOf(imported, "gemini");
  assert.deepEqual(keysOf(gemini), { "0001": {}, "0002": {}, "0004": { tags: ["paid"] } });
  assert.deepEqual(gemini.settings.policy, { maxAttempts: 4, maxConsecutiveFailures: 3 });
  assert.equal(providerOf(imported, "vertex-express").keys.length, 1);
  assert.equal(imported.clientKeys.length, 1, "the admin token is among those of callers");
  assert.deepEqual(leftOutOf(imported), [
    "ALLOWED_TOKENS client_key_short gemini-balance 2",
    "PROXIES egress_proxy",
    "SAFETY_SETTINGS setting SAFETY_SETTINGS",
  ]);
});

Deno.test("readLitellm() makes providers of deployments and maps the names that callers know", async () => {
  const imported = await readFixture("litellm.yaml");

  assert.deepEqual(imported.providers.map(({ slug }) => slug), [
    "openai",
    "house-openai-azure",
    "groq",
    "10-0-0-5",
  ]);
  assert.deepEqual(providerOf(imported, "openai").settings, { models: ["gpt-4o"] });
  assert.deepEqual(
    Object.keys(keysOf(providerOf(imported, "openai"))),
    ["0001"],
    "from environment_variables",
  );
  assert.deepEqual(providerOf(imported, "house-openai-azure").settings.modelMap, { "gpt-4o": "gpt-4o-eu" });
  const groq = providerOf(imported, "groq");
  assert.deepEqual(groq.settings, { strategy: "weighted", modelMap: { fast: "llama-3.3-70b-versatile" } });
  assert.deepEqual(keysOf(groq), { "0003": { weight: 2 }, "0004": {} });
  assert.deepEqual(imported.aliases, [{ name: "gpt-4", target: "gpt-4o" }]);
  assert.deepEqual(imported.clientKeys.map(({ name }) => name), ["LiteLLM master key"]);
  assert.deepEqual(leftOutOf(imported), [
    "model_list[1] setting rpm/tpm",
    "model_list[4].litellm_params.api_key environment_variable ANTHROPIC_API_KEY",
    "model_list[5] not_key_based titan (bedrock)",
    "model_list[6] unknown_kind mystery (nobody)",
    "fallbacks setting fallbacks",
  ]);
});

Deno.test("readCliProxyApi() takes over its lists of keys and leaves signed-in accounts out", async () => {
  const imported = await readFixture("cli_proxy_api.yaml");

  assert.deepEqual(keysOf(providerOf(imported, "gemini")), { "0001": { weight: 1000 }, "0002": {} });
  assert.deepEqual(providerOf(imported, "gemini").settings.modelMap, { "gemini-flash": "gemini-2.5-flash" });
  const gateway = imported.providers.find(({ settings }) =>
    settings.baseUrl === "https://gateway.example/anthropic/v1"
  );
  assert.deepEqual(gateway?.settings.headers, { "x-custom": "value" });
  assert.equal(
    keysOf(providerOf(imported, "openrouter"))["0007"]?.isEnabled,
    false,
    "a weight of 0 takes it out",
  );
  assert.equal(imported.clientKeys.length, 1);
  assert.deepEqual(leftOutOf(imported), [
    "gemini-api-key[0] setting excluded-models",
    "vertex-api-key[0] not_key_based Vertex AI",
    "api-keys[1] client_key_short CLIProxyAPI 2",
    "proxy-url egress_proxy",
    "auth-dir not_key_based auth-dir",
  ]);
});

Deno.test("readApiKeyRotator() takes over generic and LLM proxies with the place of their key", async () => {
  const imported = await readFixture("api_key_rotator.json");

  assert.deepEqual(providerOf(imported, "weather").settings, {
    dialect: "rest",
    baseUrl: "https://api.weather.example/data/2.5/weather",
    credential: { kind: "query", name: "appid" },
    allowedMethods: ["GET"],
  });
  assert.deepEqual(keysOf(providerOf(imported, "weather")), { "0001": {}, "0002": { isEnabled: false } });
  assert.deepEqual(providerOf(imported, "claude").settings, {
    dialect: "anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    credential: { kind: "header", name: "x-api-key" },
    isEnabled: false,
  });
});

Deno.test("readOpenrouterPolling() takes over weights, and no row that was deleted", async () => {
  const imported = await readFixture("openrouter_polling.json");

  assert.deepEqual(keysOf(providerOf(imported, "openrouter")), {
    "0001": { weight: 10 },
    "0002": { weight: 1 },
  });
});

Deno.test("readGeminiPool() takes over what its callers present", async () => {
  const { clientKeys, providers } = await readFixture("gemini_pool.json");

  assert.deepEqual(clientKeys.map(({ name, isEnabled }) => [name, isEnabled]), [["phone", true], [
    "laptop",
    false,
  ]]);
  assert.deepEqual(providers, []);
});

Deno.test("readApiProxySystem() takes over providers and groups, and no key that is encrypted or hashed", async () => {
  const imported = await readFixture("api_proxy_system.json");

  assert.deepEqual(imported.providers.map(({ slug, keys }) => [slug, keys.length]), [["openai-main", 0], [
    "relay",
    1,
  ]]);
  assert.deepEqual(
    imported.groups.map(({ slug, strategy, members }) => [slug, strategy, members.map(({ tier }) => tier)]),
    [
      ["main", "priority", [0, 1]],
      ["spread", "weighted", [0]],
    ],
  );
  assert.deepEqual(leftOutOf(imported), [
    "providers[0].api_key encrypted OpenAI main",
    "api_keys[0] hashed team",
  ]);
});

Deno.test("readApiKeyPool() takes over what each key may be asked at most", async () => {
  const imported = await readFixture("api_key_pool.json");

  assert.deepEqual(keysOf(providerOf(imported, "gemini")), {
    "0001": { maxRequests: 1000, metadata: { owner: "a" } },
  });
});
