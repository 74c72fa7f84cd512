import assert from "node:assert/strict";
import { DIALECTS } from "../../src/core/provider.ts";
import type { CallerError, Dialect } from "../../src/dialect/dialect.ts";
import { dialectOf } from "../../src/dialect/dialects.ts";
import { readErrorBody } from "../../src/dialect/error_body.ts";
import { textAt } from "../../src/core/json.ts";
import { SseSplitter } from "../../src/core/sse.ts";

const LIMITED: CallerError = {
  status: 429,
  code: "all_keys_limited",
  message: "All provider keys are limited",
  requestId: "req_1",
  details: { ready: 0, cooling: 3, next_at: "2026-11-21T08:00:30Z" },
};

function parsed(text: string): unknown {
  return JSON.parse(text);
}

Deno.test("renderError() speaks OpenAI's form", () => {
  assert.deepEqual(parsed(dialectOf("openai").renderError(LIMITED)), {
    error: {
      message: "All provider keys are limited",
      type: "rate_limit_error",
      param: null,
      code: "all_keys_limited",
      request_id: "req_1",
      ready: 0,
      cooling: 3,
      next_at: "2026-11-21T08:00:30Z",
    },
  });
});

Deno.test("renderError() speaks Anthropic's form", () => {
  assert.deepEqual(parsed(dialectOf("anthropic").renderError(LIMITED)), {
    type: "error",
    error: {
      type: "rate_limit_error",
      message: "All provider keys are limited (all_keys_limited)",
      ready: 0,
      cooling: 3,
      next_at: "2026-11-21T08:00:30Z",
    },
    request_id: "req_1",
  });
});

Deno.test("renderError() speaks Google's form", () => {
  assert.deepEqual(parsed(dialectOf("gemini").renderError(LIMITED)), {
    error: {
      code: 429,
      message: "All provider keys are limited (all_keys_limited)",
      status: "RESOURCE_EXHAUSTED",
      details: [{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "ALL_KEYS_LIMITED",
        domain: "keyturn",
        metadata: { ready: "0", cooling: "3", next_at: "2026-11-21T08:00:30Z", request_id: "req_1" },
      }],
    },
  });
});

Deno.test("renderError() speaks plainly to callers of any other API", () => {
  assert.deepEqual(parsed(dialectOf("rest").renderError({ ...LIMITED, details: { cooling: 3 } })), {
    error: {
      code: "all_keys_limited",
      message: "All provider keys are limited",
      request_id: "req_1",
      cooling: 3,
    },
  });
});

const TYPES: readonly (readonly [status: number, openai: string, anthropic: string, gemini: string])[] = [
  [400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"],
  [401, "authentication_error", "authentication_error", "UNAUTHENTICATED"],
  [403, "permission_error", "permission_error", "PERMISSION_DENIED"],
  [404, "invalid_request_error", "not_found_error", "NOT_FOUND"],
  [413, "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"],
  [429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED"],
  [500, "server_error", "api_error", "INTERNAL"],
  [502, "server_error", "api_error", "UNAVAILABLE"],
  [503, "server_error", "overloaded_error", "UNAVAILABLE"],
  [504, "server_error", "timeout_error", "DEADLINE_EXCEEDED"],
];

for (const [status, openai, anthropic, gemini] of TYPES) {
  Deno.test(`renderError() names ${status} as each provider does`, () => {
    const named = (dialect: Dialect, member: string) =>
      textAt(parsed(dialect.renderError({ ...LIMITED, status, details: {} })), "error", member);

    assert.equal(named(dialectOf("openai"), "type"), openai);
    assert.equal(named(dialectOf("anthropic"), "type"), anthropic);
    assert.equal(named(dialectOf("gemini"), "status"), gemini);
  });
}

Deno.test("renderStreamError() writes one error event and nothing that a caller could take for an end", () => {
  const hostile = 'x\r\n\r\ndata: [DONE]\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n\u2028"';

  for (const dialect of DIALECTS.filter((name) => name !== "rest").map(dialectOf)) {
    const text = dialect.renderStreamError({ ...LIMITED, message: hostile });
    const splitter = new SseSplitter();
    const events = splitter.push(new TextEncoder().encode(text));

    assert.equal(events.length, 1);
    assert.equal(splitter.rest(), "");
    const [event = { name: "", data: "" }] = events;
    assert.equal(event.name, dialect.name === "anthropic" ? "error" : "");
    assert.equal(dialect.meaningOf(event), "error");
    assert.equal(dialect.readEnd(text), "error");
    assert.ok(readErrorBody(event.data).message.startsWith(hostile));
  }
});

Deno.test("renderStreamError() writes nothing into a stream of unknown form", () => {
  assert.equal(dialectOf("rest").renderStreamError(LIMITED), "");
});
