import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import type { SimulatedProviderOptions } from "../../src/demo/simulated_provider.ts";
import { isRecord } from "../../src/demo/simulated_schema.ts";

export const KEY = "good-key-0001";

/** An answer, read to its end. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `at(json, "choices", 0, "message")` and the like read from it. */
  readonly json: unknown;
}

/** Runs a provider with one good key, and closes it whatever happens. */
export async function withProvider(
  options: Omit<SimulatedProviderOptions, "keys"> & { readonly keys?: SimulatedProviderOptions["keys"] },
  run: (provider: SimulatedProvider) => Promise<void>,
): Promise<void> {
  const provider = startSimulatedProvider({ keys: [{ secret: KEY, behaviour: "ok" }], ...options });
  try {
    await run(provider);
  } finally {
    await provider.close();
  }
}

/** Sends JSON (or nothing) with the credential where the dialect has it. */
export async function call(
  provider: SimulatedProvider,
  path: string,
  body?: unknown,
  headers: Record<string, string> = credential(),
): Promise<Got> {
  const response = await fetch(provider.origin + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** The headers of all three dialects at once. */
export function credential(secret = KEY): Record<string, string> {
  return {
    authorization: `Bearer ${secret}`,
    "x-api-key": secret,
    "anthropic-version": "2023-06-01",
    "x-goog-api-key": secret,
  };
}

/** The value at a path of names and indices, or `undefined`. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (Array.isArray(found) && typeof step === "number") found = found.at(step);
    else found = isRecord(found) ? found[String(step)] : undefined;
  }
  return found;
}

/** The JSON of each `data:` line; `[DONE]` as text. */
export function dataOf(stream: string): unknown[] {
  return [...stream.matchAll(/^data: ?(.*?)\r?$/gm)].map(([, data = ""]) => parsed(data) ?? data);
}

export function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** The smallest generation request of each dialect. */
export const ASK = {
  openai: {
    path: "/v1/chat/completions",
    body: { model: "gpt-4o", messages: [{ role: "user", content: "one two three" }] },
  },
  anthropic: {
    path: "/v1/messages",
    body: {
      model: "claude-haiku-4-5",
      max_tokens: 100,
      messages: [{ role: "user", content: "one two three" }],
    },
  },
  gemini: {
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    body: { contents: [{ role: "user", parts: [{ text: "one two three" }] }] },
  },
} as const;

/** The same, streamed. */
export const STREAM = {
  openai: { path: ASK.openai.path, body: { ...ASK.openai.body, stream: true } },
  anthropic: { path: ASK.anthropic.path, body: { ...ASK.anthropic.body, stream: true } },
  gemini: { path: "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", body: ASK.gemini.body },
} as const;

export const NAMES = ["openai", "anthropic", "gemini"] as const;
