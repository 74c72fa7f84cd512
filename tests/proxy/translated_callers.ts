import { SseSplitter } from "../../src/core/sse.ts";
import { type SimulatedProvider, startSimulatedProvider } from "../../src/demo/simulated_provider.ts";
import { at, type KeyturnUnderTest, parsed, startKeyturn } from "../support/keyturn_under_test.ts";

/** A caller of one protocol: how it asks, and what it reads from an answer. */
export interface Caller {
  readonly name: string;
  readonly dialect: "openai" | "anthropic" | "gemini";
  path(model: string, isStream: boolean): string;
  body(model: string, text: string, isStream: boolean): Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;
  /** Text of a whole answer. */
  textOf(json: unknown): string;
  modelOf(json: unknown): unknown;
  /** Input and output tokens of a whole answer. */
  tokensOf(json: unknown): unknown[];
  /** Text of one event of a stream. */
  deltaOf(json: unknown): string;
  /** Whether these events are those of a whole answer. */
  isWhole(events: readonly unknown[]): boolean;
  /** Where the message of an error stands. */
  errorOf(json: unknown): string;
}

const texts = (list: unknown, ...path: (string | number)[]) =>
  Array.isArray(list) ? list.map((each) => String(at(each, ...path) ?? "")).join("") : "";

export const CALLERS: readonly Caller[] = [
  {
    name: "openai_chat",
    dialect: "openai",
    path: () => "/v1/chat/completions",
    body: (model, content, stream) => ({
      model,
      messages: [{ role: "user", content }],
      stream,
      ...(stream && { stream_options: { include_usage: true } }),
    }),
    headers: {},
    textOf: (json) => String(at(json, "choices", 0, "message", "content")),
    modelOf: (json) => at(json, "model"),
    tokensOf: (json) => [at(json, "usage", "prompt_tokens"), at(json, "usage", "completion_tokens")],
    deltaOf: (json) => String(at(json, "choices", 0, "delta", "content") ?? ""),
    isWhole: (events) => events.at(-1) === "[DONE]",
    errorOf: (json) => String(at(json, "error", "message")),
  },
  {
    name: "openai_responses",
    dialect: "openai",
    path: () => "/v1/responses",
    body: (model, input, stream) => ({ model, input, stream }),
    headers: {},
    textOf: (json) => {
      const output = at(json, "output");
      const message = Array.isArray(output)
        ? output.find((item) => at(item, "type") === "message")
        : undefined;
      return texts(at(message, "content"), "text");
    },
    modelOf: (json) => at(json, "model"),
    tokensOf: (json) => [at(json, "usage", "input_tokens"), at(json, "usage", "output_tokens")],
    deltaOf: (json) => at(json, "type") === "response.output_text.delta" ? String(at(json, "delta")) : "",
    isWhole: (events) => at(events.at(-1), "type") === "response.completed",
    errorOf: (json) => String(at(json, "error", "message") ?? at(json, "response", "error", "message")),
  },
  {
    name: "anthropic",
    dialect: "anthropic",
    path: () => "/v1/messages",
    body: (model, content, stream) => ({
      model,
      max_tokens: 1000,
      messages: [{ role: "user", content }],
      stream,
    }),
    headers: { "anthropic-version": "2023-06-01" },
    textOf: (json) => texts(at(json, "content"), "text"),
    modelOf: (json) => at(json, "model"),
    tokensOf: (json) => [at(json, "usage", "input_tokens"), at(json, "usage", "output_tokens")],
    deltaOf: (json) => String(at(json, "delta", "text") ?? ""),
    isWhole: (events) => at(events.at(-1), "type") === "message_stop",
    errorOf: (json) => String(at(json, "error", "message")),
  },
  {
    name: "gemini",
    dialect: "gemini",
    path: (model, isStream) =>
      `/v1beta/models/${model}:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: (_, text) => ({ contents: [{ role: "user", parts: [{ text }] }] }),
    headers: {},
    textOf: (json) => texts(at(json, "candidates", 0, "content", "parts"), "text"),
    modelOf: (json) => at(json, "modelVersion"),
    tokensOf: (json) => [
      at(json, "usageMetadata", "promptTokenCount"),
      at(json, "usageMetadata", "candidatesTokenCount"),
    ],
    deltaOf: (json) => texts(at(json, "candidates", 0, "content", "parts"), "text"),
    isWhole: (events) => at(events.at(-1), "candidates", 0, "finishReason") === "STOP",
    errorOf: (json) => String(at(json, "error", "message")),
  },
];

/** The data of a stream's events: JSON, or text as it came. */
export function eventsOf(stream: string): unknown[] {
  return new SseSplitter().push(new TextEncoder().encode(stream)).map(({ data }) => parsed(data) ?? data);
}

export const MODELS = {
  openai: "gpt-4o",
  anthropic: "claude-haiku-4-5",
  gemini: "gemini-2.5-flash",
} as const;

export type SimulatedDialect = keyof typeof MODELS;

/** A Keyturn with one simulated provider of each dialect; each has one key. */
export class ThreeProviders {
  readonly keyturn: KeyturnUnderTest;
  readonly providers: Readonly<Record<SimulatedDialect, SimulatedProvider>>;

  constructor(
    keyturn: KeyturnUnderTest,
    providers: Readonly<Record<SimulatedDialect, SimulatedProvider>>,
  ) {
    this.keyturn = keyturn;
    this.providers = providers;
  }

  /** The body that a provider has received last. */
  received(dialect: SimulatedDialect): unknown {
    const last = this.providers[dialect].log.at(-1);
    return last === undefined ? undefined : parsed(new TextDecoder().decode(last.body));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keyturn[Symbol.asyncDispose]();
    await Promise.all(Object.values(this.providers).map((provider) => provider.close()));
  }
}

/** The secret of the only key of a provider. */
export function secretOf(dialect: SimulatedDialect): string {
  return `${dialect}-secret-key-0001`;
}

/** `chunkDelayMs` keeps the events of a stream apart. */
export async function startThree(chunkDelayMs = 0): Promise<ThreeProviders> {
  const start = (dialect: SimulatedDialect) =>
    startSimulatedProvider({
      dialect,
      keys: [{ secret: secretOf(dialect), behaviour: "ok" }],
      models: [MODELS[dialect], ...(dialect === "anthropic" ? [] : [`${dialect}-embedding-001`])],
      bytesPerWrite: 37,
      chunkDelayMs,
    });
  const providers = { openai: start("openai"), anthropic: start("anthropic"), gemini: start("gemini") };
  const keyturn = await startKeyturn();
  for (const dialect of ["openai", "anthropic", "gemini"] as const) {
    await keyturn.enterSimulated(dialect, providers[dialect]);
  }
  return new ThreeProviders(keyturn, providers);
}
