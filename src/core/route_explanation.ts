import type { DialectName } from "./provider.ts";

/** A request as far as the choice of its key depends on it. */
export interface RouteQuestion {
  /** How the caller speaks. */
  readonly dialect: Exclude<DialectName, "rest">;
  readonly model?: string;
  /** Slug of the provider or group that the path names. */
  readonly target?: string;
  /** Whose request it is; left out, nobody's bounds are looked at. */
  readonly clientKeyId?: string;
}

/** How a provider key stands for a request: only `ready` ones are handed out, `busy` ones a moment later. */
export type KeyUse =
  | "ready"
  | "busy"
  | "cooling"
  | "model_rest"
  | "exhausted"
  | "rejected"
  | "disabled";

export const KEY_USES: readonly KeyUse[] = [
  "ready",
  "busy",
  "cooling",
  "model_rest",
  "exhausted",
  "rejected",
  "disabled",
];

export interface KeyStanding {
  readonly id: string;
  readonly lastFour: string;
  readonly use: KeyUse;
  readonly weight: number;
  readonly priority: number;
  readonly inFlight: number;
  readonly usedCount: number;
  /** When it may be used again, as far as that is known. */
  readonly untilMs?: number;
  /** The rule that set it aside. */
  readonly rule?: string;
  /** What the provider said, scrubbed. */
  readonly reason?: string;
}

/**
 * Why a provider is asked or not: `asked` in its order; `disabled`, it is switched off; `not_named`, the path names
 * another; `dialect`, it cannot be asked this in the caller's protocol; `model`, it does not offer the model;
 * `client_key`, the client key may not ask it; `not_reached`, those before it are enough.
 */
export type ProviderUse =
  | "asked"
  | "disabled"
  | "not_named"
  | "dialect"
  | "model"
  | "client_key"
  | "not_reached";

export const PROVIDER_USES: readonly ProviderUse[] = [
  "asked",
  "disabled",
  "not_named",
  "dialect",
  "model",
  "client_key",
  "not_reached",
];

export interface ProviderStanding {
  readonly slug: string;
  readonly use: ProviderUse;
  /** 1 for the one that is asked first; 0 for one that is not asked. */
  readonly order: number;
  readonly dialect: DialectName;
  /** The name that it is asked for the model by. */
  readonly model?: string;
  readonly strategy: string;
  /** Until when its breaker lets no call through. */
  readonly closedUntilMs?: number;
  /** All keys of its pool by how they stand; only for one that is asked. */
  readonly counts: Readonly<Record<KeyUse, number>>;
  /** Some keys of each standing. */
  readonly keys: readonly KeyStanding[];
}

/** Who would serve a request now, and why nobody else would. */
export interface RouteExplanation {
  /** What the model's name stands for: an alias' target, `provider/model` taken apart. */
  readonly model?: string;
  /** The group that was asked for. */
  readonly group?: string;
  /** Why nobody would. */
  readonly refusal?: { readonly code: string; readonly message: string };
  /** All providers, those that are asked first. */
  readonly providers: readonly ProviderStanding[];
}
