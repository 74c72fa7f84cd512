import type { ImportKeysMessages } from "./messages/import_keys.en.ts";

export type ProductShown = keyof ImportKeysMessages["productNames"];
export type ReasonShown = keyof ImportKeysMessages["reasons"];
export type ImportStateShown = keyof ImportKeysMessages["states"];

/** Where keys may go. */
export interface ImportTargets {
  /** Providers that stand here. */
  readonly here: readonly { readonly slug: string; readonly name: string }[];
  /** Known ones that do not. */
  readonly known: readonly { readonly slug: string; readonly name: string }[];
}

/** One import in the list of them. */
export interface ImportShown {
  readonly id: string;
  readonly product: ProductShown;
  readonly state: ImportStateShown;
  readonly createdAtMs: number;
  readonly by: string;
  readonly keys: number;
  readonly added: number;
}

/** Keys of one provider of the file, and where they would go. */
export interface PlannedShown {
  readonly slug: string;
  readonly name: string;
  readonly baseUrl: string | null;
  readonly keys: number;
  readonly into: string;
  readonly target: string | null;
  readonly isNew: boolean;
  readonly canBeNew: boolean;
  readonly fault?: string;
  readonly counts: { readonly fresh: number; readonly elsewhere: number; readonly duplicate: number } | null;
}

export interface PlanShown {
  readonly providers: readonly PlannedShown[];
  readonly groups: number;
  readonly aliases: number;
  readonly clientKeys: number;
  readonly totals: {
    readonly fresh: number;
    readonly elsewhere: number;
    readonly duplicate: number;
    readonly undecided: number;
    readonly malformed: number;
  };
}

export interface LeftOutShown {
  readonly place: number | string;
  readonly reason: ReasonShown;
  readonly what?: string;
}

/** One import with all that its page tells. */
export interface ImportDetail extends ImportShown {
  readonly plan: PlanShown | null;
  readonly progress: {
    readonly done: number;
    readonly total: number;
    readonly check: {
      readonly total: number;
      readonly checked: number;
      readonly accepted: number;
      readonly rejected: number;
      readonly failed: number;
    } | null;
  } | null;
  readonly report: {
    readonly providers: readonly {
      readonly slug: string;
      readonly isNew: boolean;
      readonly added: number;
      readonly duplicate: number;
    }[];
    readonly groups: number;
    readonly aliases: number;
    readonly clientKeys: number;
  } | null;
  readonly leftOutTotal: number;
  readonly leftOut: readonly LeftOutShown[];
}

/** Changes whenever the progress would look different. */
export function progressVersion(state: ImportStateShown, done: number, checked: number): string {
  return `${state} ${done} ${checked}`;
}
