import type { RunningRequest } from "../src/core/running_request.ts";
import type { PoolShown } from "./parts/capacity.tsx";

/** What a provider can serve with. */
export interface CapacityShown {
  readonly slug: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly counts: PoolShown;
  /** Keys that are ready, but have all the requests that they may have now; part of `counts.ready`. */
  readonly busy: number;
  /** Models that some of the keys rest for, though they may be ready for others; the most rested for first. */
  readonly modelRests: readonly ModelRestShown[];
  /** When the next key that rests is ready again; `null` when none comes back by itself. */
  readonly nextReadyMs: number | null;
  /** Until when its breaker lets nothing through; `null` when it does. */
  readonly downUntilMs: number | null;
}

export interface ModelRestShown {
  readonly model: string;
  readonly keys: number;
  /** When the next of them is ready again. */
  readonly nextReadyMs: number;
}

/** Whether requests can be served: of the providers that are switched on and have keys. */
export interface HealthShown {
  readonly state: "empty" | "good" | "partly" | "down";
  /** Providers that can serve. */
  readonly able: number;
  readonly providers: number;
  readonly ready: number;
  readonly keys: number;
  /** The provider to look at first: the one that can serve least, unless all of them do well. */
  readonly weakest: CapacityShown | null;
}

export const ATTENTION_KINDS = [
  "no_client_key",
  "open_to_all",
  "no_https",
  "shared_cause",
  "breaker_open",
  "none_ready",
  "model_resting",
  "keys_sealed",
  "keys_rejected",
  "provider_empty",
  "budget",
  "client_key_expiring",
  "unpriced",
  "statistics_stuck",
] as const;

export type AttentionKind = typeof ATTENTION_KINDS[number];

/** Something that a person should look at. */
export interface AttentionShown {
  readonly kind: AttentionKind;
  /** Whether requests fail because of it, or secrets are in danger. */
  readonly isSevere: boolean;
  /** Slug of the provider or id of the client key that it is about. */
  readonly id: string | null;
  readonly name: string | null;
  readonly count: number;
  readonly total: number;
  /** When it ends by itself, or takes effect. */
  readonly untilMs: number | null;
  /** Part of 1 that is used up. */
  readonly share: number | null;
  /** Models, or the name of a limit. */
  readonly names: readonly string[];
}

export const RANGE_NAMES = ["1h", "24h", "7d", "30d"] as const;
export type RangeName = typeof RANGE_NAMES[number];

/** What failures of attempts were about, in the order in which they are stacked. */
export const FAILURE_SCOPES = [
  "key",
  "key_model",
  "account",
  "upstream",
  "egress",
  "request",
  "client",
] as const;
export type FailureScope = typeof FAILURE_SCOPES[number];

/** One column of the charts. */
export interface ColumnShown {
  readonly startMs: number;
  /** Without: where the next one begins. */
  readonly endMs: number;
  readonly requests: number;
  readonly succeeded: number;
  readonly failures: Readonly<Record<FailureScope, number>>;
}

/** A model or a client key among those that are used most. */
export interface TopShown {
  /** The model's name, or the id of the client key; "" for none. */
  readonly id: string;
  /** Of the client key; `null` for one that is no more, and for models. */
  readonly name: string | null;
  readonly requests: number;
  readonly succeeded: number;
  readonly tokens: number;
  readonly costNanoDollars: number;
  /** Requests whose price is not known. */
  readonly unpriced: number;
}

/** Figures of a stretch of time. */
export interface FiguresShown {
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: number;
  readonly succeeded: number;
  readonly refused: number;
  readonly clientGone: number;
  readonly attempts: number;
  readonly failures: number;
  /** Of streams, to the first token; `null` when there was none. */
  readonly firstToken: { readonly p50: number; readonly p95: number; readonly count: number } | null;
  /** Of whole requests. */
  readonly duration: { readonly p50: number; readonly p95: number; readonly count: number } | null;
  readonly columns: readonly ColumnShown[];
  readonly models: readonly TopShown[];
  readonly clientKeys: readonly TopShown[];
  /** Of this day and this month (UTC), whatever the stretch. */
  readonly cost: {
    readonly todayNanoDollars: number;
    readonly monthNanoDollars: number;
    /** Requests of the month whose usage is known, and those of them whose price is not. */
    readonly metered: number;
    readonly unpriced: number;
    /** The part of the month's cost that rests on our estimates of usage. */
    readonly estimatedNanoDollars: number;
  };
}

export interface RunningShown {
  readonly count: number;
  /** The longest first; not all of many. */
  readonly requests: readonly RunningRequest[];
}

/** How far the first steps have come. */
export interface StepsShown {
  readonly providerKeys: number;
  readonly hasClientKey: boolean;
  readonly hasServed: boolean;
}

/** All that the overview shows. */
export interface OverviewShown {
  readonly health: HealthShown;
  readonly capacity: readonly CapacityShown[];
  readonly attention: readonly AttentionShown[];
  readonly range: RangeName;
  readonly figures: FiguresShown;
  readonly running: RunningShown;
  readonly steps: StepsShown;
}
