import type { StepsShown } from "./overview_shown.ts";

/** A known provider, or one that stands here. */
export interface ProviderChoice {
  readonly slug: string;
  readonly name: string;
}

/** Keys that were pasted and of which nobody has said whose they are. */
export interface UndecidedShown {
  /** Of the import that holds them. */
  readonly id: string;
  readonly groups: readonly {
    readonly count: number;
    /** Last four characters of some of them. */
    readonly ends: readonly string[];
    /** Slugs of the known providers whose keys look like these, the likeliest first. */
    readonly candidates: readonly string[];
  }[];
}

/** The request that came first, or last. */
export interface SeenShown {
  /** "" when it is counted, but not in the log. */
  readonly id: string;
  readonly model: string | null;
  /** Slug of the provider that was asked last. */
  readonly provider: string | null;
  readonly status: number;
  readonly isGood: boolean;
  readonly durationMs: number;
}

/** What the first steps show. */
export interface FirstRunShown {
  readonly steps: StepsShown;
  readonly here: readonly ProviderChoice[];
  readonly known: readonly ProviderChoice[];
  readonly undecided: UndecidedShown | null;
  readonly clientKeys: number;
  readonly isAnonymousAllowed: boolean;
  /** A model to ask for. */
  readonly model: string;
  /** `null` while no request has come. */
  readonly seen: SeenShown | null;
}
