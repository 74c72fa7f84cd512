import assert from "node:assert/strict";
import { PRESETS } from "../../src/core/presets.ts";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { keyCheckRequest, readKeyCheck } from "../../src/dialect/key_check.ts";
import { judge } from "../../src/dialect/judge.ts";
import { joinPath } from "../../src/transport/provider_path.ts";

/** Where the request for a preset really goes. */
function targetOf(slug: string): string {
  const preset = PRESETS.find((each) => each.slug === slug);
  const request = preset && keyCheckRequest(preset);
  if (preset === undefined || request === undefined) return "none";
  const { host, pathname } = new URL(preset.baseUrl);
  const rule = preset.dialect === "openai" ? "keep_prefix" : "keep_rest";
  return `${host}${joinPath(pathname, request.path, rule)}${request.isKnownToAuthenticate ? "" : " ?"}`;
}

Deno.test("keyCheckRequest() gives each known provider the request that its documentation names", () => {
  const targets = Object.fromEntries(PRESETS.map(({ slug }) => [slug, targetOf(slug)]));

  assert.deepEqual(targets, {
    openai: "api.openai.com/v1/models",
    openrouter: "openrouter.ai/api/v1/key",
    gemini: "generativelanguage.googleapis.com/v1beta/models?pageSize=1",
    anthropic: "api.anthropic.com/v1/models?limit=1",
    deepseek: "api.deepseek.com/v1/models",
    groq: "api.groq.com/openai/v1/models",
    mistral: "api.mistral.ai/v1/models",
    xai: "api.x.ai/v1/models ?",
    together: "api.together.xyz/v1/models ?",
    siliconflow: "api.siliconflow.cn/v1/models ?",
    moonshot: "api.moonshot.cn/v1/models ?",
    dashscope: "dashscope.aliyuncs.com/compatible-mode/v1/models ?",
    zhipu: "open.bigmodel.cn/api/paas/v4/models ?",
    ollama: "127.0.0.1:11434/v1/models ?",
  });
});

Deno.test("keyCheckRequest() knows none for rest, unless the operator names a path, which is not trusted blindly", () => {
  const rest = { vendor: "other", dialect: "rest" } as const;

  assert.equal(keyCheckRequest(rest), undefined);
  assert.deepEqual(keyCheckRequest({ ...rest, keyCheckPath: "/me" }), {
    method: "GET",
    path: "/me",
    isKnownToAuthenticate: false,
  });
});

Deno.test("readKeyCheck() takes only an explicit yes or no", () => {
  const answers: readonly [status: number, body: unknown, result: string][] = [
    [200, { data: [{ id: "gpt-5" }] }, "accepted"],
    [200, { data: [] }, "accepted"],
    [401, { error: { code: "invalid_api_key", message: "Incorrect API key provided" } }, "rejected"],
    [401, {}, "rejected"],
    [
      403,
      { error: { message: "You have insufficient permissions. Missing scopes: api.model.read" } },
      "accepted",
    ],
    [403, {}, "failed"],
    [404, { error: { message: "Not found" } }, "failed"],
    [429, { error: { code: "rate_limit_exceeded", message: "slow down" } }, "failed"],
    [429, { error: { code: "insufficient_quota", message: "no credit" } }, "failed"],
    [500, {}, "failed"],
    [200, { error: { message: "broken", code: 503 } }, "failed"],
  ];

  for (const [status, body, result] of answers) {
    const verdict = judge({
      vendor: "openai",
      dialect: "openai",
      status,
      headers: [],
      body: JSON.stringify(body),
      path: "/v1/models",
      nowMs: 0,
    });
    assert.equal(readKeyCheck(verdict), result, `${status} ${JSON.stringify(body)} (${verdict.rule})`);
  }
  assert.equal(readKeyCheck(SUCCEEDED), "accepted");
});
