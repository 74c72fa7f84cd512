import type { DialectName } from "../core/provider.ts";
import type { ChatProtocol } from "../translate/sides.ts";

/** What a request asks, as far as providers of other dialects can be asked the same. */
export type Operation =
  | { readonly kind: "chat"; readonly protocol: ChatProtocol; readonly isStream: boolean }
  | { readonly kind: "embed"; readonly form: "openai" | "gemini_one" | "gemini_batch" }
  | { readonly kind: "count"; readonly form: "openai_responses" | "anthropic" | "gemini" };

const COMPLETIONS: Operation = { kind: "chat", protocol: "openai_chat", isStream: false };
const RESPONSES: Operation = { kind: "chat", protocol: "openai_responses", isStream: false };
const EMBEDDINGS: Operation = { kind: "embed", form: "openai" };
const RESPONSES_COUNT: Operation = { kind: "count", form: "openai_responses" };
const MESSAGES: Operation = { kind: "chat", protocol: "anthropic", isStream: false };
const MESSAGES_COUNT: Operation = { kind: "count", form: "anthropic" };

const OF_GEMINI_METHOD: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["generateContent", { kind: "chat", protocol: "gemini", isStream: false }],
  ["streamGenerateContent", { kind: "chat", protocol: "gemini", isStream: true }],
  ["embedContent", { kind: "embed", form: "gemini_one" }],
  ["batchEmbedContents", { kind: "embed", form: "gemini_batch" }],
  ["countTokens", { kind: "count", form: "gemini" }],
]);

const OPENAI_PATH = /^(?:\/v\d+)?\/(chat\/completions|responses|responses\/input_tokens|embeddings)$/;
const ANTHROPIC_PATH = /^(?:\/v\d+)?\/messages(\/count_tokens)?$/;
/** Tuned models and cached contents are things of one provider. */
const GEMINI_PATH = /^(?:\/v1(?:beta|alpha)?)?\/models\/[^:]+:([A-Za-z]+)$/;

/**
 * What a request of this path asks, or `undefined` for what only its own dialect has (files, images, batches, …).
 * `path` is what stands behind a slug.
 */
export function readOperation(dialect: DialectName, method: string, path: string): Operation | undefined {
  if (method !== "POST") return undefined;
  switch (dialect) {
    case "openai":
      return ofOpenAi(OPENAI_PATH.exec(path)?.[1]);
    case "anthropic": {
      const found = ANTHROPIC_PATH.exec(path);
      if (found === null) return undefined;
      return found[1] === undefined ? MESSAGES : MESSAGES_COUNT;
    }
    case "gemini":
      return OF_GEMINI_METHOD.get(GEMINI_PATH.exec(path)?.[1] ?? "");
    case "rest":
      return undefined;
  }
}

function ofOpenAi(name: string | undefined): Operation | undefined {
  switch (name) {
    case "chat/completions":
      return COMPLETIONS;
    case "responses":
      return RESPONSES;
    case "embeddings":
      return EMBEDDINGS;
    case "responses/input_tokens":
      return RESPONSES_COUNT;
    default:
      return undefined;
  }
}

/**
 * Whether a provider of this dialect can be asked the operation of another one. Tokens are always counted: where
 * nobody can be asked, they are estimated.
 */
export function isCarriedTo({ kind }: Operation, dialect: DialectName): boolean {
  if (dialect === "rest") return false;
  return kind !== "embed" || dialect !== "anthropic";
}
