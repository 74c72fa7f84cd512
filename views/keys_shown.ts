import type { View } from "./view.ts";

/** What the list shows of a provider key. */
export interface KeyShown {
  readonly id: string;
  readonly lastFour: string;
  readonly provider: string;
  readonly providerName: string;
  readonly isActive: boolean;
  readonly state: "ready" | "cooling" | "exhausted" | "rejected" | "disabled" | "unknown";
  readonly untilMs?: number;
  readonly reason?: string;
  readonly rule?: string;
  readonly models: readonly { readonly model: string; readonly untilMs: number; readonly reason: string }[];
  readonly weight: number;
  readonly priority: number;
  readonly account?: string;
  readonly tags: readonly string[];
  readonly note?: string;
  readonly createdAtMs: number;
  readonly lastUsedMs?: number;
  readonly inFlight: number;
  readonly lastFault?: { readonly atMs: number; readonly text: string };
  readonly today: {
    readonly requests: number;
    readonly failures: number;
    readonly tokens: number;
    readonly costNanoDollars: number;
  };
}

/** What the drawer and the page of one key show besides. */
export interface KeyDetailShown extends KeyShown {
  readonly sinceMs?: number;
  readonly maxRequests?: number;
  readonly usedCount: number;
  readonly lastSuccessMs?: number;
  readonly lastFailureMs?: number;
  readonly hours: readonly {
    readonly startMs: number;
    readonly attempts: number;
    readonly failures: number;
  }[];
  readonly history: readonly KeyEventShown[];
  readonly attempts: readonly {
    readonly requestId: string;
    readonly startedMs: number;
    readonly durationMs: number;
    readonly model: string | null;
    readonly status: number | null;
    readonly verdict: string;
    readonly rule: string;
  }[];
}

export interface KeyEventShown {
  readonly atMs: number;
  readonly event: string;
  readonly model: string;
  readonly untilMs?: number;
  readonly cause?: string;
  readonly rule?: string;
  readonly reason?: string;
  readonly actor?: string;
  readonly requestId?: string;
}

type ChangedHow = keyof View["messages"]["keys"]["change"]["done"];

/** A change of many keys. */
export interface KeyChangeShown {
  readonly id: string;
  readonly action: ChangedHow;
  readonly state: keyof View["messages"]["keys"]["change"]["states"];
  readonly providers: readonly string[];
  readonly actor: string;
  readonly total: number;
  readonly done: number;
  readonly changed: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly undoUntilMs: number | null;
  readonly checked: { readonly accepted: number; readonly rejected: number; readonly failed: number } | null;
}

export interface TallyShown {
  readonly name: string;
  readonly count: number;
}

/** The last four characters, as all that is ever shown of a key; no line ends between the dots and them. */
export function maskOf({ lastFour }: { readonly lastFour: string }): string {
  return `…\u2060${lastFour}`;
}

/** A text of a table of texts; the name itself where there is none. */
export function textOf(texts: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(texts, name) ? texts[name] ?? name : name;
}

/** "1,204 keys of openrouter", or of openrouter and two others. */
export function keysOfProviders({ messages }: View, count: number, providers: readonly string[]): string {
  const { bulk } = messages.keys;
  const [first] = providers;
  if (first === undefined) return bulk.keys(count);
  return bulk.keys(count, providers.length === 1 ? first : bulk.and(first, providers.length - 1));
}
