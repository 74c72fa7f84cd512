import type { Header } from "../core/http.ts";
import type { KeyBudget } from "./simulated_limits.ts";

/** A wire protocol of a simulated provider: its endpoints, its errors, its headers. Pure but for the clock. */
export interface SimulatedDialect {
  /** What follows the origin in the base URL that an operator would enter: "/v1" or "". */
  readonly basePath: string;
  /** Models offered when the caller of `startSimulatedProvider()` names none. */
  readonly models: readonly string[];
  /** The credential, where the real provider looks for it. */
  credentialOf(request: SimulatedRequest): string | undefined;
  /** The model that the request names, for limits that are counted by model. */
  modelOf(request: SimulatedRequest): string | undefined;
  /** Whether the real provider answers this call without counting or charging it. */
  isFree(request: SimulatedRequest): boolean;
  refuse(refusal: Refusal, request: SimulatedRequest): SimulatedAnswer;
  fail(trouble: Trouble, request: SimulatedRequest): SimulatedAnswer;
  /** What stands in the head of every answer: request id and rate limits. */
  headersOf(request: SimulatedRequest, budget: KeyBudget | undefined, tokens: number): Header[];
  answer(request: SimulatedRequest, world: World): SimulatedAnswer;
}

/** One request as it came in. `number` counts from 1 and makes the ids deterministic. */
export interface SimulatedRequest {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly nowMs: number;
}

export interface World {
  readonly models: readonly string[];
  /** Generated answers have nothing in them. */
  readonly isEmpty: boolean;
  /** Names of the files uploaded so far; `/v1/files` adds to it. */
  readonly files: StoredFile[];
  /** Items of conversations by the id of an item or of a whole response; `/v1/responses` adds to it. */
  readonly kept: Map<string, readonly unknown[]>;
}

export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly bytes: number;
  readonly purpose: string;
  readonly createdAt: number;
}

/** Why a key is not served. */
export type Refusal =
  | { readonly kind: "missing" | "out_of_credit" }
  | { readonly kind: "unknown" | "revoked"; readonly secret: string }
  | { readonly kind: "limited"; readonly budget: KeyBudget; readonly model: string | undefined };

/** The provider's own trouble: an internal error (500), not available (503), too much load (529 or 503). */
export type Trouble = "internal" | "unavailable" | "overloaded";

/** Tokens that the answer reports: one word is one token. */
export interface TokenCount {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export type SimulatedAnswer =
  | {
    readonly kind: "whole";
    readonly status: number;
    readonly contentType: string;
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly headers: readonly Header[];
    readonly tokens: TokenCount;
  }
  | {
    readonly kind: "events";
    readonly contentType: string;
    /** Pieces of the body in order, each written on its own. */
    readonly events: readonly string[];
    /** How many of the events come before anything that a caller must see. */
    readonly preamble: number;
    /** The event that the real provider sends when it breaks down inside a stream. */
    readonly errorEvent: string;
    /** The same after other events, where that differs. */
    readonly laterErrorEvent?: string;
    readonly tokens: TokenCount;
  };

const NO_TOKENS: TokenCount = { inputTokens: 0, outputTokens: 0 };
const encoder = new TextEncoder();

/** A complete JSON answer. */
export function jsonAnswer(
  status: number,
  value: unknown,
  tokens: TokenCount = NO_TOKENS,
  headers: readonly Header[] = [],
  contentType = "application/json",
): SimulatedAnswer {
  return {
    kind: "whole",
    status,
    contentType,
    bytes: encoder.encode(JSON.stringify(value)),
    headers,
    tokens,
  };
}

/** A complete answer of bytes that are not JSON. */
export function bytesAnswer(contentType: string, bytes: Uint8Array<ArrayBuffer>): SimulatedAnswer {
  return { kind: "whole", status: 200, contentType, bytes, headers: [], tokens: NO_TOKENS };
}

const decoder = new TextDecoder();

/** The request's body as JSON, or `undefined` when it is none. */
export function readJson(request: SimulatedRequest): unknown {
  try {
    const value: unknown = JSON.parse(decoder.decode(request.body));
    return value;
  } catch {
    return undefined; // The dialect answers with its own error.
  }
}

/** A piece of a path with its percent escapes resolved; as it is when they are malformed. */
export function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // The dialect finds no such model.
  }
}
