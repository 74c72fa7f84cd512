import type { Span } from "./rate_window.ts";

/** What a client key may use. An absent limit does not limit. Days and months are those of UTC. */
export interface ClientLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Requests at the same time, for each instance. */
  readonly concurrency?: number;
  readonly requestsPerDay?: number;
  readonly requestsPerMonth?: number;
  readonly tokensPerDay?: number;
  readonly tokensPerMonth?: number;
  /** 10⁻⁹ US dollars. */
  readonly nanoDollarsPerDay?: number;
  readonly nanoDollarsPerMonth?: number;
}

export type LimitName = keyof ClientLimits;
/** A limit that counts what is used in a stretch of time. */
export type WindowName = Exclude<LimitName, "concurrency">;
/** What a window counts. */
export type Unit = "requests" | "tokens" | "nanoDollars";

/** Every window, the ones that are asked first at the front. */
export const WINDOW_NAMES = [
  "requestsPerMinute",
  "tokensPerMinute",
  "requestsPerDay",
  "requestsPerMonth",
  "tokensPerDay",
  "tokensPerMonth",
  "nanoDollarsPerDay",
  "nanoDollarsPerMonth",
] as const satisfies readonly WindowName[];

const SHAPES: Readonly<Record<WindowName, { readonly unit: Unit; readonly span: Span }>> = {
  requestsPerMinute: { unit: "requests", span: "minute" },
  tokensPerMinute: { unit: "tokens", span: "minute" },
  requestsPerDay: { unit: "requests", span: "day" },
  requestsPerMonth: { unit: "requests", span: "month" },
  tokensPerDay: { unit: "tokens", span: "day" },
  tokensPerMonth: { unit: "tokens", span: "month" },
  nanoDollarsPerDay: { unit: "nanoDollars", span: "day" },
  nanoDollarsPerMonth: { unit: "nanoDollars", span: "month" },
};

export function unitOf(window: WindowName): Unit {
  return SHAPES[window].unit;
}

export function spanOf(window: WindowName): Span {
  return SHAPES[window].span;
}

/** Whether anything at all is limited. Costs some nanoseconds: it is asked for each request. */
export function hasLimits(limits: ClientLimits | undefined): limits is ClientLimits {
  if (limits === undefined) return false;
  for (const _name in limits) return true;
  return false;
}

/** Whether money is limited. */
export function countsMoney(limits: ClientLimits): boolean {
  return limits.nanoDollarsPerDay !== undefined || limits.nanoDollarsPerMonth !== undefined;
}

/** What one request takes from each window. */
export interface Amounts {
  readonly requests: number;
  readonly tokens: number;
  readonly nanoDollars: number;
}

/**
 * What a reservation takes of a window: never more than all of it, so that a request that is estimated beyond
 * the limit passes once the window is empty, rather than never.
 */
export function reservable(amount: number, limit: number): number {
  return amount < limit ? Math.max(0, Math.ceil(amount)) : limit;
}

/** What must be free for a request to pass: one unit even for a request whose cost is not known. */
export function neededRoom(amount: number, limit: number): number {
  return Math.max(1, reservable(amount, limit));
}
